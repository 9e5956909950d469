import { Option } from 'commander';
import type { Command } from 'commander';

import { HUB_SORTS, type HubModel, type HubSort } from '@shared/domain/hub';
import { DomainError } from '@shared/errors';
import { makeAction } from '@shared/errors/action';
import { formatDisk, formatMemory } from '@shared/format/bytes';
import { formatLargeCount } from '@shared/format/counts';
import type { Client } from '@shared/rpc/client';
import { wholeNumber } from '../terminal/arguments';
import type { Context } from '../terminal/context';
import { withManager } from '../manager/manager';
import { readSecret } from '../terminal/secret-input';

export function addHubCommands(program: Command, context: Context): void {
  addSearch(program, context);
  addToken(program, context);
}

function addSearch(program: Command, context: Context): void {
  program
    .command('search')
    .summary('find MLX models on Hugging Face')
    .argument('[query...]', 'words in the name')
    .addOption(new Option('--sort <order>', 'sort order').choices(HUB_SORTS).default('trending'))
    .option('--fits', 'only models that fit this machine now')
    .option('--limit <n>', 'how many', wholeNumber(1, 100), 20)
    .option('--json', 'as JSON')
    .action((words: string[], options: { sort: HubSort; fits?: boolean; limit: number }) =>
      withManager(context, 'read', async ({ client }) => {
        const { sort, limit } = options;
        const query = words.join(' ');
        const fits = options.fits === true;
        const { models } = await client.call('hub.search', { query, sort, limit, fits });
        const all = await withFacts(client, models);
        if (all.length === 0) context.output.note('No models found.');
        context.output.result(all, () => (all.length === 0 ? [] : searchTable(context, all)));
      }),
    );
}

async function withFacts(client: Client, models: readonly HubModel[]): Promise<HubModel[]> {
  const refs = models.filter(({ facts }) => facts === undefined).map(({ ref }) => ref);
  const found = await client.call('hub.facts', { refs });
  const facts = new Map(found.map((one) => [one.ref, one.facts]));
  return models.map((model) => {
    const known = model.facts ?? facts.get(model.ref);
    return known === undefined ? model : { ...model, facts: known };
  });
}

function searchTable(context: Context, models: readonly HubModel[]): string[] {
  const rows = models.map(({ ref, facts, sizeBytes, bits, downloads, gated, onDisk }) => {
    const size = facts?.sizeBytes ?? sizeBytes;
    const fit = facts?.fit;
    return [
      ref,
      size === undefined ? '' : formatDisk(size),
      bits === undefined ? '' : String(bits),
      fit === undefined ? '' : formatMemory(fit.total),
      fit?.verdict ?? '',
      formatLargeCount(downloads),
      [gated ? 'gated' : '', onDisk === 'complete' ? 'on this machine' : '']
        .filter(Boolean)
        .join(', '),
    ];
  });
  const header = ['MODEL', 'SIZE', 'BITS', 'NEEDS', 'FIT', 'DOWNLOADS', ''];
  return context.output.table(header, rows, [1, 2, 3, 5]);
}

function addToken(program: Command, context: Context): void {
  const token = program
    .command('hub')
    .summary('Hugging Face')
    .command('token')
    .summary('your token for gated and private models');
  token
    .command('set')
    .summary('check and store a token, read from a prompt, a file or standard input')
    .option('--token-file <path>', 'a file that contains the token')
    .option('--json', 'as JSON')
    .allowExcessArguments()
    .action(async ({ tokenFile }: { tokenFile?: string }, command: Command) => {
      // What stands in a command is kept by the shell and seen by everyone on the machine.
      if (command.args.length > 0) {
        const way = 'Type it when asked, pipe it in, or name a file with --token-file.';
        throw new DomainError('usage', `A token can't be given as an argument. ${way}`);
      }
      const secret = await readSecret('Token (hf_...): ', tokenFile);
      await withManager(context, 'write', async ({ client }) => {
        const { user } = await client.call('hub.setToken', { token: secret });
        context.output.result({ user: user ?? null }, () => `Stored the token for ${user}.`);
      });
    });
  token
    .command('test')
    .summary('whose token it is')
    .option('--json', 'as JSON')
    .action(() =>
      withManager(context, 'read', async ({ client }) => {
        const account = await client.call('hub.account');
        if (account.token === 'none') {
          throw new DomainError('unauthorised', account.problem ?? 'No token is set.', {
            action: makeAction('set_token'),
          });
        }
        if (account.user === undefined) {
          throw new DomainError('unauthorised', account.problem ?? "The token doesn't work.");
        }
        const { user, token: source } = account;
        const from = source === 'environment' ? ' (from HF_TOKEN)' : '';
        context.output.result({ user }, () => `The token belongs to ${user}${from}.`);
      }),
    );
  token
    .command('clear')
    .summary('remove the stored token')
    .option('--json', 'as JSON')
    .action(() =>
      withManager(context, 'write', async ({ client }) => {
        await client.call('hub.clearToken');
        context.output.result({ user: null }, () => 'Removed the token.');
      }),
    );
}
