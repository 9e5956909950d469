import { parentPort, workerData } from 'node:worker_threads';

import type { PlaneData, ToDataPlane } from '@shared/gateway/plane';
import { DataPlane } from './data-plane';

/** The entry of the data plane's thread. What fails here ends the thread, and the control plane starts another one. */
if (!parentPort) throw new Error('The data plane runs in a thread of its own.');
const port = parentPort;
const { version, counterText }: PlaneData = workerData;
const plane = new DataPlane({ post: (message) => port.postMessage(message), version, counterText });
port.on('message', (message: ToDataPlane) => {
  plane.take(message).catch((error: unknown) => {
    // Nobody above waits for it: as an uncaught exception it reaches the control plane.
    queueMicrotask(() => {
      throw error;
    });
  });
});
