import type { Command } from 'commander';

import { VERSION } from '@host/version';
import type { Context } from '../terminal/context';

export function addVersion(program: Command, context: Context): void {
  program
    .command('version')
    .summary('the version')
    .option('--json', 'as JSON')
    .action(() => context.output.result({ version: VERSION }, () => `mlx-manager ${VERSION}`));
}
