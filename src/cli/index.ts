import { setTimeout as delay } from 'node:timers/promises';

import { ownWords, PLACES } from '@host/resources';
import { wantsJson } from './terminal/arguments';
import { followOutput } from './terminal/closed-output';
import type { Context } from './terminal/context';
import { endProcess } from './terminal/end-process';
import { EXIT, endingOf } from './terminal/errors';
import { Interrupt } from './terminal/interrupt';
import { Output } from './terminal/output';
import { buildProgram } from './program';

/** Runs the command line and gives its exit code. */
async function main(argv: readonly string[], interrupt: Interrupt): Promise<number> {
  const json = wantsJson(argv);
  followOutput(process, interrupt);
  const output = new Output(process, { json, noColour: Boolean(process.env.NO_COLOR) });
  const context: Context = {
    json,
    env: process.env,
    cwd: process.cwd(),
    output,
    interrupt,
    program: ownWords(),
    rendererFolder: PLACES.renderer,
  };
  try {
    await buildProgram(context).parseAsync(argv, { from: 'user' });
    return EXIT.done;
  } catch (error) {
    // Ctrl-C has broken off what was going on; its own exit code follows.
    if (context.interrupt.isEnding) return await new Promise<never>(() => undefined);
    const { code, body } = endingOf(error);
    interrupt.settle(code);
    if (body) output.error(body);
    if (body?.code === 'internal' && process.env.MLX_MANAGER_LOG === 'debug') console.error(error);
    return code;
  }
}

/**
 * How long a command that takes no signals here waits for its last words to be taken, ms. `serve` has quit by
 * then: its watchdog would end it as one that hangs, because of a pipe that is full and that nobody reads.
 */
const LAST_WORDS_MS = 500;

/** Ends the process when what was written has been taken. A command behind a pager waits as long as its reader. */
async function end(code: number, { isArmed }: Interrupt): Promise<never> {
  const taken = new Promise<void>((resolve) => process.stdout.write('', () => resolve()));
  await (isArmed ? taken : Promise.race([taken, delay(LAST_WORDS_MS)]));
  return endProcess(code);
}

const interrupt = new Interrupt();
// No top-level await: parts that are loaded later import from this very file.
main(process.argv.slice(2), interrupt)
  .then((code) => end(code, interrupt))
  .catch((error: unknown) => {
    console.error(error);
    return endProcess(EXIT.failed);
  });
