import type { Interrupt } from './interrupt';
import { endProcess } from './end-process';
import { EXIT } from './errors';

/** The reader has gone: of a pipe (`| head`), or of a terminal that was closed. */
const READER_GONE = ['EPIPE', 'EIO', 'ERR_STREAM_DESTROYED'];

/**
 * What becomes of a command whose output nobody takes any more: it ends quietly where it was read to its wanted
 * end, and with a failure where it could not be written. `serve`, which never arms the interrupt, goes on: its
 * work is not what it prints.
 */
export function followOutput(
  { stdout, stderr }: Pick<NodeJS.Process, 'stdout' | 'stderr'>,
  interrupt: Interrupt,
): void {
  stdout.on('error', (error: NodeJS.ErrnoException) => {
    const isGone = READER_GONE.includes(error.code ?? '');
    if (!isGone) stderr.write(`Can't write the output: ${error.message}\n`);
    interrupt.leave(isGone ? EXIT.done : EXIT.failed).catch(() => endProcess(EXIT.failed));
  });
  // Notes that nobody reads are no reason to end anything, and there is nobody to tell.
  stderr.on('error', () => undefined);
}
