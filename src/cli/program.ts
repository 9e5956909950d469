import { Command } from 'commander';

import { VERSION } from '@host/version';
import { addChat } from './commands/chat';
import { addCompletion } from './commands/completion';
import { addDoctor } from './commands/doctor';
import { addDownloadCommands } from './commands/downloads';
import { addEngineCommands } from './commands/engines';
import { addFit } from './commands/fit';
import { addGatewayCommands } from './commands/gateway';
import { addHubCommands } from './commands/hub';
import { addLogs } from './commands/logs';
import { addModelCommands } from './commands/models';
import { addProfileCommands } from './commands/profiles';
import { addServe } from './commands/serve';
import { addRequests } from './commands/requests';
import { addServerCommands } from './commands/servers';
import { addSessions } from './commands/sessions';
import { addSettingsCommands } from './commands/settings';
import { addLogout } from './commands/logout';
import { addStatus } from './commands/status';
import { addVersion } from './commands/version';
import type { Context } from './terminal/context';

/** The whole command line; a wrong use throws instead of ending the process. */
export function buildProgram(context: Context): Command {
  const program = new Command('mlx-manager')
    .description(
      `Runs language models on this ${process.platform === 'darwin' ? 'Mac' : 'machine'}: engines, profiles, servers.`,
    )
    .version(`mlx-manager ${VERSION}`, '-V, --version')
    .helpCommand('help [command]', 'what a command does')
    .exitOverride()
    .configureOutput({
      // With JSON nothing else goes to standard output; errors are reported in one place, at the end.
      writeOut: (text) =>
        context.json ? context.output.jsonLine({ help: text }) : context.output.raw(text),
      writeErr: (text) => {
        if (!text.startsWith('error:') && !context.json) context.output.note(text.trimEnd());
      },
    });
  addServe(program, context);
  addStatus(program, context);
  addLogout(program, context);
  addProfileCommands(program, context);
  addServerCommands(program, context);
  addLogs(program, context);
  addEngineCommands(program, context);
  addModelCommands(program, context);
  addFit(program, context);
  addHubCommands(program, context);
  addDownloadCommands(program, context);
  addGatewayCommands(program, context);
  addRequests(program, context);
  addSessions(program, context);
  addChat(program, context);
  addSettingsCommands(program, context);
  addDoctor(program, context);
  addVersion(program, context);
  addCompletion(program, context);
  return program;
}
