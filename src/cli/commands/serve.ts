import type { Command } from 'commander';

import { wholeNumber } from '../terminal/arguments';
import type { Context } from '../terminal/context';

interface ServeOptions {
  readonly host: string;
  readonly port: number;
  readonly demo?: boolean;
}

export function addServe(program: Command, context: Context): void {
  program
    .command('serve')
    .summary('run the manager without a desktop, in the foreground')
    .option('--host <host>', 'address of this machine to listen on', '127.0.0.1')
    .option('--port <port>', 'port of the screens', wholeNumber(0, 65535), 6591)
    .option('--demo', 'on an empty data folder: install an engine and start a demo server')
    .option('--no-demo', 'start nothing by itself')
    .option('--json', 'one JSON line when it is ready')
    .action(async (options: ServeOptions) => {
      const { runHeadless } = await import('@headless/index');
      await runHeadless({
        host: options.host,
        port: options.port,
        demo: options.demo === true,
        json: context.json,
        rendererFolder: context.rendererFolder,
        env: context.env,
        isTerminal: context.output.isTerminal,
        out: (line) => context.output.lines(line),
        note: (line) => context.output.note(line),
      });
    });
}
