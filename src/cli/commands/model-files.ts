import { followVerify } from '@headless/waiting';
import type { Command } from 'commander';

import type { VerifyJob } from '@shared/domain/model';
import { DomainError } from '@shared/errors';
import { formatDisk, formatDiskOf } from '@shared/format/bytes';
import type { Context } from '../terminal/context';
import { withManager } from '../manager/manager';
import { modelRef } from './profile-options';

/** Without JSON a line of progress comes at most this often, ms. */
const LINE_MS = 2000;

/** Commands that touch or read a model's files. */
export function addModelFileCommands(model: Command, context: Context): void {
  model
    .command('delete')
    .summary('delete a model from the disk immediately')
    .argument('<ref>', 'org/name or a folder')
    .option('--json', 'as JSON')
    .action((ref: string) =>
      withManager(context, 'write', async ({ client }) => {
        const named = modelRef(ref, context.cwd);
        const deleted = await client.call('models.delete', { ref: named, now: true });
        context.output.result(
          { deleted: deleted.ref, freedBytes: deleted.freedBytes },
          () => `Deleted ${deleted.name}: ${formatDisk(deleted.freedBytes)} are free again.`,
        );
      }),
    );
  model
    .command('verify')
    .summary('read every byte of a model and compare it with what was published')
    .argument('<ref>', 'demo, org/name or a folder')
    .option('--json', 'progress and result as JSON lines')
    .action((ref: string) => verify(context, modelRef(ref, context.cwd)));
}

/** Ctrl-C ends it where this command reads by itself; in a manager it goes on. */
function verify(context: Context, ref: string): Promise<void> {
  return withManager(context, 'write', async ({ client, isRunning }) => {
    const off = context.interrupt.onInterrupt(async () => {
      if (isRunning) context.output.note('Verification continues in the manager.');
      else await client.call('models.cancelVerify', { ref });
    });
    try {
      show(context, await followVerify(client, ref, progress(context)));
    } finally {
      off();
    }
  });
}

function progress(context: Context): (job: VerifyJob) => void {
  let lastAt = Number.NEGATIVE_INFINITY;
  return ({ state, bytes, total, files, file }) => {
    if (state !== 'running') return;
    if (context.json) {
      const reading = file === undefined ? {} : { file };
      context.output.jsonLine({ event: 'progress', bytes, total, files, ...reading });
      return;
    }
    if (performance.now() - lastAt < LINE_MS) return;
    lastAt = performance.now();
    const what = file === undefined ? '' : `, ${file}`;
    context.output.note(
      `${files.done} of ${files.total} files, ${formatDiskOf(bytes, total)}${what}`,
    );
  };
}

/** @throws DomainError bad_hash when something is bad. */
function show(context: Context, job: VerifyJob): void {
  const { name, files, by, bad } = job;
  if (bad.length > 0) {
    const list = bad.map(({ file, problem }) => `${file} ${problem}`).join('; ');
    throw new DomainError(
      'bad_hash',
      `${bad.length} of ${files.total} files of ${name} are bad: ${list}.`,
      {
        data: { bad },
      },
    );
  }
  const how =
    by === 'hashes'
      ? 'match what was published'
      : 'are intact; no published hash is available to compare them with';
  context.output.result(
    { event: 'done', ref: job.ref, files: files.total, by },
    () => `All ${files.total} files of ${name} ${how}.`,
  );
}
