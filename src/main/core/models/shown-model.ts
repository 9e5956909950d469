import type { Model, ModelCopy } from '@shared/domain/model';

import { type Checked, shownVerified } from './model-notes';
import { type FoundModel, type ModelRecord, stampIn } from './model-record';

/** What is true of a model and stands not in its folder. */
export interface Circumstances {
  readonly record: ModelRecord | undefined;
  /** The disk that is not there. */
  readonly disk: string | undefined;
  readonly checked: Checked | undefined;
  readonly copies: readonly ModelCopy[];
  readonly usedBy: readonly string[];
  readonly isRunning: boolean;
  readonly lastUsedAt: string | undefined;
  readonly unusedDays: number;
  /** Unix ms. */
  readonly now: number;
}

const DAY_MS = 86_400_000;

/** A model as views see it. Pure. */
export function shownModel(model: FoundModel, about: Circumstances): Model {
  const lastUsedAt = about.isRunning ? new Date(about.now).toISOString() : about.lastUsedAt;
  return {
    ...model,
    ...withBadFiles(model, about),
    usedBy: [...about.usedBy],
    unused: isUnused(model, lastUsedAt, about),
    ...(about.disk === undefined ? {} : { disk: about.disk }),
    ...(about.copies.length > 0 ? { copies: [...about.copies] } : {}),
    ...(about.checked ? { verified: shownVerified(about.checked) } : {}),
    ...(lastUsedAt === undefined ? {} : { lastUsedAt }),
  };
}

/** Something that a profile names counts as used until nothing has run it for as long as the setting says. */
function isUnused(
  model: FoundModel,
  lastUsedAt: string | undefined,
  about: Circumstances,
): boolean {
  if (model.origin === 'built-in') return false;
  if (about.usedBy.length === 0) return true;
  const since = lastUsedAt ?? model.downloadedAt;
  return since !== undefined && about.now - Date.parse(since) > about.unusedDays * DAY_MS;
}

/** What was bad at the last look and has not changed since is bad still. */
function withBadFiles(
  model: FoundModel,
  { checked, record }: Circumstances,
): Partial<Pick<Model, 'state' | 'complete' | 'missing' | 'damaged'>> {
  if (!checked || !record || !(model.state === 'complete' || model.state === 'damaged')) return {};
  const bad = checked.bad.filter(({ file, stamp }) => stampIn(record, file) === stamp);
  if (bad.length === 0) return {};
  const sentences = bad.map(({ file, problem }) => `${file} ${problem}`);
  const bytes = bad.reduce((sum, { stamp }) => sum + Number(stamp.split(':')[1] ?? 0), 0);
  return {
    state: 'damaged',
    complete: false,
    missing: [...new Set([...(model.missing ?? []), ...sentences])],
    damaged: { files: bad.length, of: checked.files, bytes },
  };
}
