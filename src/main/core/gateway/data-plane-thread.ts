import { Worker } from 'node:worker_threads';

import type { FromDataPlane, PlaneData, ToDataPlane } from '@shared/gateway/plane';
import { packedFiles } from '../ports/packed-files';

const NAME = 'gateway';

/** The data plane's thread as the control plane sees it. */
export interface DataPlaneThread {
  send(message: ToDataPlane): void;
  /** Resolves when the thread is gone. */
  terminate(): Promise<unknown>;
}

export interface ThreadEvents {
  readonly onMessage: (message: FromDataPlane) => void;
  /** It ended by itself, with the reason where there was one. */
  readonly onEnd: (error: Error | undefined) => void;
}

/** Starts the thread. Its file is beside the program that it is built into, or it is packed. */
export function startDataPlane(
  { onMessage, onEnd }: ThreadEvents,
  version: string,
): DataPlaneThread {
  const worker = createWorker(version);
  let failure: Error | undefined;
  worker.on('message', onMessage);
  worker.on('error', (error: Error) => {
    failure = error;
  });
  worker.on('exit', () => onEnd(failure));
  return {
    send: (message) => worker.postMessage(message),
    terminate: () => worker.terminate(),
  };
}

function createWorker(version: string): Worker {
  const packed = packedFiles();
  if (packed) {
    // A thread of that thread is packed too, and only the program itself can reach what is packed.
    const workerData: PlaneData = { version, counterText: packed.text('counter-worker.cjs') };
    return new Worker(packed.text('gateway-thread.cjs'), { name: NAME, workerData, eval: true });
  }
  const workerData: PlaneData = { version };
  // Node runs no source whose imports leave out their endings: a core that is run from its source takes what is built.
  const name = import.meta.url.endsWith('.ts')
    ? '../../../../dist/main/assets/gateway-thread.js'
    : './gateway-thread.js';
  return new Worker(new URL(name, import.meta.url), { name: NAME, workerData });
}
