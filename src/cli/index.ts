import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { wantsJson } from './terminal/arguments';
import type { Context } from './terminal/context';
import { EXIT, endingOf } from './terminal/errors';
import { Interrupt } from './terminal/interrupt';
import { Output } from './terminal/output';
import { buildProgram } from './program';

/** Runs the command line and gives its exit code. */
async function main(argv: readonly string[]): Promise<number> {
  const json = wantsJson(argv);
  const output = new Output(process, { json, noColour: Boolean(process.env.NO_COLOR) });
  const context: Context = {
    json,
    env: process.env,
    cwd: process.cwd(),
    output,
    interrupt: new Interrupt(),
    // dist/main/cli.js and dist/renderer are built side by side.
    rendererFolder: join(dirname(fileURLToPath(import.meta.url)), '..', 'renderer'),
  };
  try {
    await buildProgram(context).parseAsync(argv, { from: 'user' });
    return EXIT.done;
  } catch (error) {
    // Ctrl-C has broken off what was going on; its own exit code follows.
    if (context.interrupt.isEnding) return await new Promise<never>(() => undefined);
    const { code, body } = endingOf(error);
    if (body) output.error(body);
    if (body?.code === 'internal' && process.env.MLX_MANAGER_LOG === 'debug') console.error(error);
    return code;
  }
}

/** The reader of a pipe may leave first (`| head`): that is not an error. */
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(EXIT.done);
  throw error;
});

// No top-level await: parts that are loaded later import from this very file.
void main(process.argv.slice(2)).then((code) => {
  process.stdout.write('', () => process.exit(code));
});
