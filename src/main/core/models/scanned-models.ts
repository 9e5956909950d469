import { statfs } from 'node:fs/promises';

import type { ModelFolder } from '@shared/domain/model';

import type { Scanned } from './library-scan';
import type { FoundModel, ModelRecord } from './model-record';
import type { ScanResult } from './scan';

/** A model as it lies on the disk, with what was read of its folder. */
export interface Found {
  readonly model: FoundModel;
  readonly record?: ModelRecord | undefined;
}

export function asFound(record: ModelRecord): Found | undefined {
  return record.model && { model: record.model, record };
}

/** One of a scan; `disk` is the one that is not there. */
export interface Named extends Found {
  readonly disk: string | undefined;
}

/** Every model of a scan by its reference: of two with the same one, the second is named by its folder. */
export function named({ results }: Scanned): Named[] {
  const seen = new Set<string>();
  return results.flatMap((result) => {
    const records = new Map(result.records.map((record) => [record.model?.path, record]));
    return result.models.flatMap((found) => {
      const model = seen.has(found.ref) ? { ...found, ref: found.path } : found;
      if (seen.has(model.ref)) return [];
      seen.add(model.ref);
      return [{ model, record: records.get(model.path), disk: result.disk }];
    });
  });
}

/** A scanned folder as views see it. */
export async function folderOf({ root, state, models }: ScanResult): Promise<ModelFolder> {
  const base = { path: root.path, origin: root.origin, state, models: models.length };
  const disk = state === 'ok' ? await statfs(root.path).catch(() => undefined) : undefined;
  return disk ? { ...base, freeBytes: disk.bavail * disk.bsize } : base;
}
