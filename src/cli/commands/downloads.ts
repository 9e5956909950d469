import { followDownload } from '@headless/waiting';
import type { Command } from 'commander';

import type { Download } from '@shared/domain/download';
import { DomainError } from '@shared/errors';
import { byteRate } from '../arguments';
import type { Context } from '../context';
import { DownloadProgress } from '../download-progress';
import { formatDisk } from '../format';
import { withManager, withManagerHandingOver } from '../manager';

export function addDownloadCommands(program: Command, context: Context): void {
  addPull(program, context);
  addDownloads(program, context);
}

function addPull(program: Command, context: Context): void {
  program
    .command('pull')
    .summary('download a model from the hub')
    .argument('<ref>', 'org/name')
    .option('--revision <revision>', 'a branch, a tag or a commit', 'main')
    .option('--limit-rate <bytes>', 'bytes per second, such as 500K or 10M', byteRate)
    .option('--json', 'progress and result as JSON lines')
    .action((ref: string, { revision, limitRate }: { revision: string; limitRate?: number }) =>
      pull(context, {
        ref,
        revision,
        ...(limitRate === undefined ? {} : { limitBytesPerSecond: limitRate }),
      }),
    );
}

interface Wanted {
  readonly ref: string;
  readonly revision: string;
  readonly limitBytesPerSecond?: number;
}

/** Ctrl-C pauses it where this command does the work itself; in a manager it goes on. */
async function pull(context: Context, wanted: Wanted): Promise<void> {
  const progress = new DownloadProgress(context);
  await withManagerHandingOver(context, async ({ client, isRunning }) => {
    let downloadId: string | undefined;
    const off = context.interrupt.onInterrupt(async () => {
      progress.end();
      if (downloadId === undefined) return;
      if (isRunning) {
        context.output.note('The manager goes on with the download.');
        return;
      }
      await client.call('downloads.pause', { downloadId });
      context.output.note('Paused. The same command goes on with it; what is there is kept.');
    });
    try {
      const begin = async (): Promise<Download> => {
        const first = await client.call('downloads.start', wanted);
        downloadId = first.id;
        return first;
      };
      const { ref } = await followDownload(client, begin, (now) => progress.show(now));
      progress.end();
      const model = await client.call('models.show', { ref });
      if (context.json) context.output.jsonLine({ event: 'done', model });
      else
        context.output.lines(`${ref} is complete: ${formatDisk(model.sizeBytes)}, ${model.path}`);
    } finally {
      progress.end();
      off();
    }
  });
}

const ACTIONS = ['pause', 'resume', 'cancel', 'retry'] as const;
type DownloadAction = (typeof ACTIONS)[number];

function addDownloads(program: Command, context: Context): void {
  program
    .command('downloads')
    .summary('downloads under way and ended ones')
    .argument('[action]', ACTIONS.join(', '))
    .argument('[id]', 'as the list shows it')
    .option('--json', 'as JSON')
    .action((action?: string, id?: string) => {
      if (action === undefined) return listDownloads(context);
      const known = ACTIONS.find((one) => one === action);
      if (!known) {
        throw new DomainError('usage', `"${action}" is none of ${ACTIONS.join(', ')}.`);
      }
      if (id === undefined) throw new DomainError('usage', `downloads ${known} needs an id.`);
      return act(context, known, id);
    });
}

function listDownloads(context: Context): Promise<void> {
  return withManager(context, 'read', async ({ client }) => {
    const all = await client.call('downloads.list');
    context.output.result(all, () => downloadTable(context, all));
  });
}

function act(context: Context, action: DownloadAction, downloadId: string): Promise<void> {
  return withManager(context, 'write', async ({ client, isRunning }) => {
    if (action === 'cancel') {
      await client.call('downloads.cancel', { downloadId });
      context.output.result({ cancelled: downloadId }, () => `${downloadId} was cancelled.`);
      return;
    }
    const now = await client.call(`downloads.${action}`, { downloadId });
    if (!isRunning && action !== 'pause') {
      context.output.note('It goes on when a manager runs, or by "mlx-manager pull".');
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
    one.total === 0 ? '' : `${formatDisk(one.bytes)} of ${formatDisk(one.total)}`,
    one.failure?.message ?? one.waiting?.message ?? '',
  ]);
  return context.output.table(['ID', 'MODEL', 'REVISION', 'STATE', 'BYTES', ''], rows);
}
