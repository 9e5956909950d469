import type { Command } from 'commander';

import type { FitEstimate } from '@shared/domain/memory';
import { DomainError } from '@shared/errors';
import { formatMemory } from '@shared/format/bytes';
import type { Client } from '@shared/rpc/client';
import { wholeNumber } from '../terminal/arguments';
import type { Context } from '../terminal/context';
import { withManager } from '../manager/manager';
import { findNamed } from '../manager/names';
import { modelRef } from './profile-options';

interface FitOptions {
  readonly profile?: string;
  readonly context?: number;
  readonly concurrency?: number;
  readonly kvBits?: number;
}

export function addFit(program: Command, context: Context): void {
  program
    .command('fit')
    .summary('what a model, or a profile, needs on this machine')
    .argument('[ref]', 'demo, org/name or a folder')
    .option('--profile <name>', 'a profile with its settings instead of a model')
    .option('--context <n>', 'tokens of one request', wholeNumber(1, 100_000_000))
    .option('--concurrency <n>', 'requests at once', wholeNumber(1, 1024))
    .option('--kv-bits <n>', 'bits of a quantized cache: 2, 3, 4, 6 or 8', wholeNumber(2, 8))
    .option('--json', 'as JSON')
    .action((ref: string | undefined, options: FitOptions) => {
      if ((ref === undefined) === (options.profile === undefined)) {
        throw new DomainError('usage', 'Specify either a model or --profile NAME.');
      }
      return withManager(context, 'read', async ({ client }) => {
        const fit =
          options.profile === undefined
            ? await ofModel(client, modelRef(ref ?? '', context.cwd), options)
            : await ofProfile(client, options.profile, options);
        for (const line of withoutEffect(fit, options)) context.output.note(line);
        context.output.result(fit, () => fitLines(context, fit));
      });
    });
}

function ofModel(client: Client, ref: string, options: FitOptions): Promise<FitEstimate> {
  const { context, concurrency } = options;
  const kvBits = kvBitsOf(options);
  return client.call('models.fit', {
    ref,
    ...(context === undefined ? {} : { context }),
    ...(concurrency === undefined ? {} : { concurrency }),
    ...(kvBits === undefined ? {} : { kvBits }),
  });
}

/** With its own settings, but for those that were given. */
async function ofProfile(client: Client, name: string, options: FitOptions): Promise<FitEstimate> {
  const profile = findNamed('profile', await client.call('profiles.listLocal'), name);
  const { context, concurrency } = options;
  const kvBits = kvBitsOf(options);
  const changed = {
    ...profile.options,
    ...(context === undefined ? {} : { 'context-length': context }),
    ...(concurrency === undefined ? {} : { 'parallel-requests': concurrency }),
    ...(kvBits === undefined ? {} : { 'kv-bits': kvBits }),
  };
  const draft = { options: changed };
  const report = await client.call('profiles.fitDraft', { profileId: profile.id, draft });
  if (report) return report.fit;
  const why =
    "it runs a custom command, runs on several machines, or its model isn't on this machine";
  throw new DomainError('not_found', `Can't estimate the memory for ${profile.name}: ${why}.`);
}

/** An engine may lack an option, or answer one request at a time with the others. */
function withoutEffect(fit: FitEstimate, options: FitOptions): string[] {
  const asked = [
    ['--context', options.context, fit.context],
    ['--concurrency', options.concurrency, fit.concurrency],
    ['--kv-bits', options.kvBits, fit.kvBits],
  ] as const;
  return asked
    .filter(([, given, counted]) => given !== undefined && given !== counted)
    .map(([option]) => `${option} has no effect with this engine and these settings.`);
}

function kvBitsOf({ kvBits }: FitOptions): 2 | 3 | 4 | 6 | 8 | undefined {
  const known = ([2, 3, 4, 6, 8] as const).find((bits) => bits === kvBits);
  if (kvBits !== undefined && known === undefined) {
    throw new DomainError('usage', `--kv-bits ${kvBits}: it must be 2, 3, 4, 6 or 8.`);
  }
  return known;
}

const LIMITS = {
  gpu: 'GPU limit',
  memory: 'memory in this machine',
  setting: 'your limit for servers',
} as const;

function fitLines(context: Context, fit: FitEstimate): string[] {
  const { parts, total, limit, limitSource, inUse, keepFree, learnedPeak } = fit;
  const free = Math.max(0, limit - inUse);
  const rows = [
    ['weights', formatMemory(parts.weights)],
    [`KV cache for ${fit.context} tokens, ${fit.concurrency} at once`, formatMemory(parts.kvCache)],
    ['prompt cache', formatMemory(parts.promptCache)],
    ['runtime and prompt', formatMemory(parts.overhead)],
    ...(learnedPeak === undefined ? [] : [['measured on earlier runs', formatMemory(learnedPeak)]]),
    ['needs', formatMemory(total)],
    [LIMITS[limitSource], formatMemory(limit)],
    ['free now', formatMemory(free)],
    ['to keep free', formatMemory(keepFree)],
  ];
  const verdict = { fits: 'It fits.', tight: 'It fits, but tightly.', no: "It doesn't fit now." }[
    fit.verdict
  ];
  return [...context.output.table(['', ''], rows, [1]).slice(1), verdict, ...fit.unknown];
}
