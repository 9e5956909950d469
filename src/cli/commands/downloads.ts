import { followDownload } from '@headless/waiting';
import { Argument, type Command } from 'commander';

import type { Download } from '@shared/domain/download';
import { modelRefKind } from '@shared/domain/profile';
import { hubNameIn } from '@shared/domain/hub-address';
import type { Model } from '@shared/domain/model';
import { DomainError } from '@shared/errors';
import { formatDisk, formatDiskOf } from '@shared/format/bytes';
import type { Client } from '@shared/rpc/client';
import { byteRate } from '../terminal/arguments';
import type { Context } from '../terminal/context';
import { DownloadProgress } from '../terminal/download-progress';
import { withManager, withManagerHandingOver } from '../manager/manager';

export function addDownloadCommands(program: Command, context: Context): void {
  addPull(program, context);
  addDownloads(program, context);
}

function addPull(program: Command, context: Context): void {
  program
    .command('pull')
    .summary('download a model from Hugging Face')
    .argument('<ref>', 'org/name, or the address of its page')
    .option('--revision <revision>', 'a branch, a tag or a commit (default: "main")')
    .option('--force', 'even if no engine here can load it')
    .option('--limit-rate <bytes>', 'bytes per second, such as 500K or 10M', byteRate)
    .option('--json', 'progress and result as JSON lines')
    .action((given: string, { revision, limitRate, force = false }: PullOptions) => {
      const { ref, revision: shown } = hubNameIn(given) ?? { ref: given };
      return pull(context, {
        ref,
        revision: revision ?? shown ?? 'main',
        force,
        ...(limitRate === undefined ? {} : { limitBytesPerSecond: limitRate }),
      });
    });
}

interface PullOptions {
  readonly revision?: string;
  readonly limitRate?: number;
  readonly force?: boolean;
}

interface Wanted {
  readonly ref: string;
  readonly revision: string;
  readonly force: boolean;
  readonly limitBytesPerSecond?: number;
}

/** Ctrl-C pauses it where this command does the work itself; in a manager it goes on. */
async function pull(context: Context, wanted: Wanted): Promise<void> {
  if (modelRefKind(wanted.ref) !== 'hub') {
    const example = 'A Hugging Face model is named org/name, such as mlx-community/Qwen3-4B-4bit.';
    const isBuiltIn = wanted.ref === 'demo' ? 'demo is built in and needs no download. ' : '';
    throw new DomainError('usage', `${isBuiltIn}${example}`);
  }
  const progress = new DownloadProgress(context);
  await withManagerHandingOver(context, async ({ client, isRunning }) => {
    let downloadId: string | undefined;
    const off = context.interrupt.onInterrupt(async () => {
      progress.end();
      if (downloadId === undefined) return;
      if (isRunning) {
        context.output.note('The download continues in the manager.');
        return;
      }
      await client.call('downloads.pause', { downloadId });
      context.output.note(
        'Paused. Run the same command to resume; what is already downloaded is kept.',
      );
    });
    try {
      const begin = async (): Promise<Download> => {
        const first = await client.call('downloads.start', wanted);
        downloadId = first.id;
        return first;
      };
      const ref = await followDownload(client, begin, (now) => progress.show(now)).then(
        (done) => done.ref,
        (error: unknown) => unlessHere(client, wanted, error),
      );
      progress.end();
      const model = await client.call('models.show', { ref });
      if (context.json) context.output.jsonLine({ event: 'done', model });
      else context.output.lines(outcomeOf(model));
    } finally {
      progress.end();
      off();
    }
  });
}

/** What came: a repository may lack something itself, or be of no use here. */
function outcomeOf({ ref, path, sizeBytes, state, missing = [], unusable }: Model): string {
  const size = formatDisk(sizeBytes);
  if (state === 'complete') return `${ref} is complete: ${size}, ${path}`;
  const reason = unusable ?? `${missing[0] ?? 'files are missing'}.`;
  return `${ref} was downloaded but can't be served: ${reason} ${size}, ${path}`;
}

/**
 * Without the hub, a model that is whole on this machine is what was asked for.
 * @returns its name; rejects with the error otherwise.
 */
async function unlessHere(
  client: Client,
  { ref, revision }: Wanted,
  error: unknown,
): Promise<string> {
  if (!(error instanceof DomainError) || error.code !== 'offline') throw error;
  const models = await client.call('models.list', {});
  const here = models.find((model) => model.ref.toLowerCase() === ref.toLowerCase());
  const isWanted = revision === 'main' || revision === here?.revision;
  if (!here?.complete || !isWanted) throw error;
  return here.ref;
}

const ACTIONS = ['pause', 'resume', 'cancel', 'retry'] as const;
type DownloadAction = (typeof ACTIONS)[number];

function addDownloads(program: Command, context: Context): void {
  program
    .command('downloads')
    .summary('running and finished downloads')
    .addArgument(new Argument('[action]', 'what to do with one').choices(ACTIONS))
    .argument('[id]', 'id, as the list shows it')
    .option('--json', 'as JSON')
    .action((action?: DownloadAction, id?: string) => {
      if (action === undefined) return listDownloads(context);
      if (id === undefined) throw new DomainError('usage', `downloads ${action} needs an id.`);
      return act(context, action, id);
    });
}

function listDownloads(context: Context): Promise<void> {
  return withManager(context, 'read', async ({ client }) => {
    const all = await client.call('downloads.list');
    if (all.length === 0) context.output.note('There are no downloads.');
    context.output.result(all, () => (all.length === 0 ? [] : downloadTable(context, all)));
  });
}

function act(context: Context, action: DownloadAction, downloadId: string): Promise<void> {
  return withManager(context, 'write', async ({ client, isRunning }) => {
    if (action === 'cancel') {
      await client.call('downloads.cancel', { downloadId });
      context.output.result({ cancelled: downloadId }, () => `${downloadId} was canceled.`);
      return;
    }
    const now = await client.call(`downloads.${action}`, { downloadId });
    if (!isRunning && action !== 'pause') {
      context.output.note('The download resumes when a manager runs, or with "mlx-manager pull".');
    }
    context.output.result(now, () => downloadTable(context, [now]));
  });
}

function downloadTable(context: Context, all: readonly Download[]): string[] {
  const rows = all.map((one) => [
    one.id,
    one.ref,
    one.revision === 'main' ? '' : one.revision,
    one.state,
    one.total === 0 ? '' : formatDiskOf(one.bytes, one.total),
    one.failure?.message ?? one.waiting?.message ?? '',
  ]);
  return context.output.table(['ID', 'MODEL', 'REVISION', 'STATE', 'BYTES', ''], rows);
}
