import { homedir, userInfo } from 'node:os';

import { type Command, Option } from 'commander';

import { wholeNumber } from '../terminal/arguments';
import type { Context } from '../terminal/context';
import { launchdService, PLIST_PATH } from './launchd-service';

interface ServeOptions {
  readonly host: string;
  readonly port: number;
  readonly gatewayPort?: number;
  readonly gateway?: boolean;
  readonly demo?: boolean;
  readonly printService?: 'launchd';
}

export function addServe(program: Command, context: Context): void {
  program
    .command('serve')
    .summary('run the manager headless, in the foreground')
    .option('--host <host>', 'address to listen on', '127.0.0.1')
    .option('--port <port>', 'port for the browser interface', wholeNumber(0, 65535), 6591)
    .option(
      '--gateway-port <port>',
      'port of the gateway for this run (default: the setting, 6590)',
      wholeNumber(0, 65535),
    )
    .option('--no-gateway', 'no gateway in this run')
    .option('--demo', 'on an empty data folder: install an engine and start a demo server')
    .option('--no-demo', 'start nothing automatically')
    .addOption(
      new Option(
        '--print-service <kind>',
        'print a service that runs it when this machine starts, and exit',
      ).choices(['launchd']),
    )
    .option('--json', 'print one JSON line when ready')
    .action(async (options: ServeOptions) => {
      if (options.printService !== undefined) return printService(options, context);
      const { runHeadless } = await import('@headless/index');
      await runHeadless({
        host: options.host,
        port: options.port,
        gateway: {
          port: options.gatewayPort,
          // Left to the setting where nothing is said.
          ...(options.gateway === false && { enabled: false }),
        },
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

/** Prints it and says how it is put in place: only root may do that. */
function printService(options: ServeOptions, context: Context): void {
  const { host, port, gatewayPort, gateway } = options;
  const { program, env, output } = context;
  const words = [
    ...['serve', '--host', host, '--port', String(port)],
    ...(gatewayPort === undefined ? [] : ['--gateway-port', String(gatewayPort)]),
    ...(gateway === false ? ['--no-gateway'] : []),
  ];
  const { username: user } = userInfo();
  const plist = launchdService({ program, words, user, home: env.HOME || homedir(), env });
  output.result({ service: 'launchd', path: PLIST_PATH, text: plist }, () => plist);
  output.note(
    `Save it as ${PLIST_PATH} (as root), then run: sudo launchctl bootstrap system ${PLIST_PATH}`,
  );
}
