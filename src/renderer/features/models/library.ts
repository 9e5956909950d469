import { neighbourOf } from '@renderer/components/row-order';
import type { Model } from '@shared/domain/model';

export const MODEL_FILTERS = ['all', 'complete', 'incomplete', 'unused'] as const;
export type ModelFilter = (typeof MODEL_FILTERS)[number];

/** What of the library is shown. */
export interface Shown {
  readonly filter: ModelFilter;
  /** One folder of it, as {@link folderOf} names it; absent: any. */
  readonly folder: string | undefined;
  /** Only what is there more than once. */
  readonly copies: boolean;
  readonly search: string;
}

/** The cache has no folder of its own in a model. */
export const CACHE = 'cache';

/** The folder of the library that a model lies in; undefined for the built-in one. */
export function folderOf({ origin, folder }: Pick<Model, 'origin' | 'folder'>): string | undefined {
  return folder ?? (origin === 'huggingface' ? CACHE : undefined);
}

/** Whether a model is one of a group; unmounted and unusable ones are neither whole nor broken. */
export function isOf(model: Model, filter: ModelFilter): boolean {
  switch (filter) {
    case 'all':
      return true;
    case 'complete':
      return model.state === 'complete';
    case 'incomplete':
      return model.state === 'incomplete' || model.state === 'damaged';
    case 'unused':
      return model.unused;
  }
}

/** Whether a model is shown. */
export function isShown(model: Model, { filter, folder, copies, search }: Shown): boolean {
  if (!isOf(model, filter)) return false;
  if (folder !== undefined && folderOf(model) !== folder) return false;
  if (copies && !model.copies?.length) return false;
  const text = search.trim().toLowerCase();
  return `${model.ref}\n${model.name}\n${model.architecture ?? ''}`.toLowerCase().includes(text);
}

export const SORT_COLUMNS = ['name', 'size', 'context', 'usedBy', 'lastUsed', 'state'] as const;
export type SortColumn = (typeof SORT_COLUMNS)[number];

/** By which column the table is in order, and in which direction. */
export interface Sort {
  readonly column: SortColumn;
  readonly descending: boolean;
}

export const FIRST_SORT: Sort = { column: 'lastUsed', descending: true };

/** `-size` is the largest first; anything else is how the table begins. */
export function parseSort(text: string | null): Sort {
  const name = text?.replace(/^-/, '');
  const column = SORT_COLUMNS.find((one) => one === name);
  return column ? { column, descending: text !== name } : FIRST_SORT;
}

export function sortText({ column, descending }: Sort): string {
  return descending ? `-${column}` : column;
}

/** A column begins with what one looks for in it: names from A, of everything else the most. */
export function nextSort(sort: Sort, column: SortColumn): Sort {
  if (sort.column === column) return { column, descending: !sort.descending };
  return { column, descending: column !== 'name' && column !== 'state' };
}

const STATE_ORDER: readonly Model['state'][] = [
  'complete',
  'damaged',
  'incomplete',
  'unmounted',
  'unusable',
];

const collator = new Intl.Collator('en', { numeric: true, sensitivity: 'base' });

function sortValue(model: Model, column: SortColumn, isRunning: (model: Model) => boolean): number {
  switch (column) {
    case 'name':
      return 0;
    case 'size':
      return model.sizeBytes;
    case 'context':
      return model.contextLength ?? -1;
    case 'usedBy':
      return model.usedBy.length;
    case 'lastUsed':
      if (isRunning(model)) return Number.POSITIVE_INFINITY;
      return model.lastUsedAt === undefined ? 0 : Date.parse(model.lastUsedAt);
    case 'state':
      return STATE_ORDER.indexOf(model.state);
  }
}

/** In order of a column; what is the same there, by name from A. */
export function sortModels(
  models: readonly Model[],
  { column, descending }: Sort,
  isRunning: (model: Model) => boolean,
): Model[] {
  const way = descending ? -1 : 1;
  const keyed = models.map((model) => ({
    model,
    name: model.name.slice(model.name.lastIndexOf('/') + 1),
    value: sortValue(model, column, isRunning),
  }));
  keyed.sort((a, b) => {
    const names = collator.compare(a.name, b.name) || collator.compare(a.model.ref, b.model.ref);
    if (column === 'name') return way * names;
    return a.value === b.value ? names : way * (a.value < b.value ? -1 : 1);
  });
  return keyed.map(({ model }) => model);
}

/**
 * The chosen row, or the one that took the place of a chosen one that is gone.
 * @param before the rows that were shown when it was still there.
 */
export function selectedModel(
  shown: readonly Model[],
  chosen: string | undefined,
  before: readonly string[],
): Model | undefined {
  const found = shown.find((model) => model.ref === chosen);
  if (found || chosen === undefined || !before.includes(chosen)) return found ?? shown[0];
  const now = shown.map(({ ref }) => ref);
  const next = neighbourOf(before, now, chosen);
  return shown.find(({ ref }) => ref === next) ?? shown[0];
}

export interface Duplicates {
  /** Copies of the largest group of the same weights, or of all groups. */
  readonly copies: number;
  readonly groups: number;
  /** Bytes that the superfluous copies take. */
  readonly bytes: number;
}

/** What is on disk more than once; of each group one counts as wanted. */
export function duplicatesOf(models: readonly Model[]): Duplicates {
  const met = new Set<string>();
  let copies = 0;
  let groups = 0;
  let bytes = 0;
  for (const { path, copies: others = [] } of models) {
    if (met.has(path) || others.length === 0) continue;
    met.add(path);
    for (const other of others) met.add(other.path);
    groups += 1;
    copies += others.length + 1;
    bytes += others.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  }
  return { copies, groups, bytes };
}

/** Bytes that the library takes on the disks that are mounted now. */
export function bytesOnDisk(models: readonly Model[]): number {
  return models
    .filter(({ state }) => state !== 'unmounted')
    .reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
}
