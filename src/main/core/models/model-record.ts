import path from 'node:path';

import type { Model } from '@shared/domain/model';

import { statOf, stampOf } from './disk';
import type { FolderFacts, WeightsFile } from './model-folder';

/** A model as it lies on disk; who uses it, and what else is like it, is no fact of its folder. */
export type FoundModel = Omit<
  Model,
  'usedBy' | 'unused' | 'copies' | 'verified' | 'lastUsedAt' | 'disk'
>;

/** What was found in one folder, and by what it is seen to be unchanged. */
export interface ModelRecord {
  /** The repository's folder in a cache, else the model's own. */
  readonly key: string;
  /** The folder of the library that it was found through. */
  readonly root: string | undefined;
  /** Undefined where there is no model for MLX. */
  readonly model: FoundModel | undefined;
  readonly weights: readonly WeightsFile[];
  /** Everything that was looked at, by its path below the key, and how it looked; empty: not there. */
  readonly seen: readonly (readonly [string, string])[];
  /** Folders whose change can change it. */
  readonly watched: readonly string[];
  /** Its folders by their path below the key: another way to one of them leads to the same model. */
  readonly folders: readonly string[];
  /** Something in it changed while it was looked at, as far as the disk's clock tells. */
  readonly racy: boolean;
}

/** Two changes within this time may have the same time on disk, ms. */
const CLOCK_STEP_MS = 50;

/** @param at Unix ms when the look began. */
export function isRacy(seen: FolderFacts['seen'], at: number): boolean {
  return seen.some(([, stamp]) => Number(stamp.split(':')[2] ?? 0) > at - CLOCK_STEP_MS);
}

/** Whether nothing that was looked at has changed since. */
export async function isUnchanged(record: ModelRecord): Promise<boolean> {
  if (record.racy) return false;
  const looks = await Promise.all(
    record.seen.map(
      async ([name, stamp]) => (await stampAt(path.join(record.key, name))) === stamp,
    ),
  );
  return looks.every(Boolean);
}

/** How something looks now; empty where it is not there or closed to us. */
export async function stampAt(file: string): Promise<string> {
  const info = await statOf(file).catch(() => undefined);
  if (!info) return '';
  const { ino, size, mtimeMs } = info;
  return stampOf({ ino, size, modifiedMs: mtimeMs });
}

/** How a file of the model looked when the record was made; undefined where it was not there. */
export function stampIn({ key, model, seen }: ModelRecord, file: string): string | undefined {
  if (!model) return undefined;
  const name = path.join(path.relative(key, model.path), file);
  return seen.find(([other]) => other === name)?.[1];
}
