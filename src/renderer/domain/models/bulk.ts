import { shortName } from '@renderer/text/model-text';
import type { Model } from '@shared/domain/model';
import { formatDisk } from '@shared/format/bytes';
import { formatCount } from '@shared/format/counts';
import { deleteReason, type InUse, listed, repairReason, verifyReason } from './model-rules';

/** A model, and what is going on with its files. */
export interface ModelInUse {
  readonly model: Model;
  readonly use: InUse;
}

/** A model that something is not or was not done with, and why. */
export interface LeftOut {
  readonly ref: string;
  readonly name: string;
  readonly reason: string;
}

export const BULK_VERBS = ['verify', 'repair', 'delete'] as const;
export type BulkVerb = (typeof BULK_VERBS)[number];

/** Something to do with several models at once. */
export interface BulkAction {
  readonly verb: BulkVerb;
  /** `Verify 3 models`: as many as it would be done with. */
  readonly label: string;
  readonly models: readonly Model[];
  readonly leftOut: readonly LeftOut[];
  /** Why it can be done with none of them. */
  readonly reason: string | undefined;
}

const LABELS: Readonly<Record<BulkVerb, string>> = {
  verify: 'Verify',
  repair: 'Repair',
  delete: 'Delete',
};

const PARTICIPLES: Readonly<Record<BulkVerb, string>> = {
  verify: 'verified',
  repair: 'repaired',
  delete: 'deleted',
};

/** Why one of several is left out. */
function reasonOf(verb: BulkVerb, { model, use }: ModelInUse): string | undefined {
  switch (verb) {
    case 'verify':
      return verifyReason(model, use) ?? (use.verifying ? 'It is being verified now.' : undefined);
    case 'repair':
      return repairReason(model, use);
    case 'delete':
      return deleteReason(model, use);
  }
}

/** What can be done with several models: each action with those that it concerns. Pure. */
export function bulkActions(selected: readonly ModelInUse[]): BulkAction[] {
  return BULK_VERBS.flatMap((verb) => {
    // Only what is damaged can be repaired; the others are not left out of it.
    const meant =
      verb === 'repair' ? selected.filter(({ model }) => model.state === 'damaged') : selected;
    return meant.length === 0 ? [] : [bulkAction(verb, meant)];
  });
}

function bulkAction(verb: BulkVerb, meant: readonly ModelInUse[]): BulkAction {
  const judged = meant.map((one) => ({ model: one.model, reason: reasonOf(verb, one) }));
  const models = judged.flatMap(({ model, reason }) => (reason === undefined ? [model] : []));
  const count = formatCount(models.length || meant.length, 'model');
  return {
    verb,
    label: `${LABELS[verb]} ${count}${verb === 'delete' ? '…' : ''}`,
    models,
    leftOut: judged.flatMap(({ model, reason }) =>
      reason === undefined ? [] : [{ ref: model.ref, name: shortName(model), reason }],
    ),
    reason: models.length > 0 ? undefined : noneReason(verb, judged),
  };
}

function noneReason(verb: BulkVerb, judged: readonly { readonly reason: string | undefined }[]) {
  const [first] = judged;
  return judged.length === 1 ? first?.reason : `None of them can be ${PARTICIPLES[verb]} now.`;
}

/** So many are named; the rest is counted. */
const NAMED = 4;

/** `A, B and C`; of many the first ones and how many more there are. */
export function listedBriefly(names: readonly string[]): string {
  if (names.length <= NAMED + 1) return listed(names);
  return `${names.slice(0, NAMED).join(', ')} and ${names.length - NAMED} more`;
}

/** What becomes of a model's weights once it is deleted with the others. */
type Fate = 'hub' | 'copy' | 'lost' | 'nothing';

function fateOf({ hubRef, copies = [], state }: Model, going: ReadonlySet<string>): Fate {
  if (copies.some(({ ref }) => !going.has(ref))) return 'copy';
  if (hubRef !== undefined) return 'hub';
  return state === 'incomplete' ? 'nothing' : 'lost';
}

/** What a person is asked about before several models go. */
export function manyQuestion(models: readonly Model[]): {
  readonly title: string;
  readonly sentences: readonly string[];
} {
  const going = new Set(models.map(({ ref }) => ref));
  const bytes = models.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  const users = [...new Set(models.flatMap(({ usedBy }) => usedBy))];
  const named = (fate: Fate): string[] =>
    models.filter((model) => fateOf(model, going) === fate).map(shortName);
  const [lost, copied, hub] = [named('lost'), named('copy'), named('hub')];
  const isAre = lost.length === 1 ? 'does' : 'do';
  return {
    title: `Delete ${formatCount(models.length, 'model')}: ${formatDisk(bytes)}`,
    sentences: [
      ...(users.length > 0 ? [`${listedBriefly(users)} can't start without them.`] : []),
      ...(lost.length > 0
        ? [
            `${listedBriefly(lost)} ${isAre} not come from Hugging Face and there is no other copy. After the undo period ${lost.length === 1 ? "it's" : "they're"} gone for good.`,
          ]
        : []),
      ...(copied.length > 0
        ? [`The same weights as in ${listedBriefly(copied)} stay on disk in another place.`]
        : []),
      ...(hub.length === models.length
        ? ['You can download them again from Hugging Face.']
        : hub.length > 0
          ? [`You can download ${hub.length} of them again from Hugging Face.`]
          : []),
    ],
  };
}

/** What came of something that was tried with each of several models. */
export interface Outcome<T> {
  readonly done: readonly { readonly model: Model; readonly answer: T }[];
  readonly failed: readonly LeftOut[];
}

/** Tries it with one after the other: what fails is kept with its reason, and the rest goes on. */
export async function withEach<T>(
  models: readonly Model[],
  work: (model: Model) => Promise<T>,
): Promise<Outcome<T>> {
  const done: { model: Model; answer: T }[] = [];
  const failed: LeftOut[] = [];
  for (const model of models) {
    try {
      done.push({ model, answer: await work(model) });
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      failed.push({ ref: model.ref, name: shortName(model), reason });
    }
  }
  return { done, failed };
}

/** `2 of 5 models were not deleted`; of one its name. */
export function failedTitle(failed: readonly LeftOut[], total: number, participle: string): string {
  if (total === 1) return `${failed[0]?.name ?? 'It'} was not ${participle}`;
  const were = failed.length === 1 ? 'was' : 'were';
  return `${failed.length} of ${formatCount(total, 'model')} ${were} not ${participle}`;
}

/** The same with each reason, as one text. */
export function failedText(failed: readonly LeftOut[], total: number, verb: BulkVerb): string {
  const reasons = failed.map(({ name, reason }) => `${name}: ${reason}`);
  return [`${failedTitle(failed, total, PARTICIPLES[verb])}.`, ...reasons].join(' ');
}

export function participleOf(verb: BulkVerb): string {
  return PARTICIPLES[verb];
}
