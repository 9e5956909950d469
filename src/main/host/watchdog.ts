import { Worker } from 'node:worker_threads';

interface WatchdogOptions {
  /** The process is ended after so many ms. */
  readonly ms: number;
  /** Said to standard error, and to the log when there is one. */
  readonly sentence: string;
  readonly log?: string | undefined;
}

/**
 * Ends this process when the time is over, whatever its event loop is doing: a thread of its own counts, and a
 * loop that is blocked cannot keep it from SIGKILL. It does not keep a process alive that ends by itself.
 */
export function startWatchdog(options: WatchdogOptions): void {
  // No thread could be had, for want of memory or descriptors: a timer is the second best.
  const countHere = (error: unknown): void => {
    console.error(`The watchdog has no thread of its own: ${String(error)}`);
    setTimeout(() => process.kill(process.pid, 'SIGKILL'), options.ms).unref();
  };
  try {
    const worker = new Worker(COUNT, { eval: true, workerData: options, name: 'watchdog' });
    worker.on('error', countHere);
    worker.unref();
  } catch (error) {
    countHere(error);
  }
}

/** As text, since it must run when nothing more can be loaded. A worker's `process.stderr` needs the main thread. */
const COUNT = `
const { workerData } = require('node:worker_threads');
const { appendFileSync, writeSync } = require('node:fs');
const { ms, sentence, log } = workerData;
const attempt = (work) => { try { work(); } catch {} };
setTimeout(() => {
  const line = new Date().toISOString() + ' error watchdog: ' + sentence + '\\n';
  attempt(() => writeSync(2, line));
  attempt(() => log && appendFileSync(log, line));
  process.kill(process.pid, 'SIGKILL');
}, ms);
`;
