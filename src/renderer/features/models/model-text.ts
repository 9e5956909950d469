import type { Model } from '@shared/domain/model';
import { formatNumber } from '../../components/format';

export type ModelFilter = 'all' | 'complete' | 'incomplete' | 'unused';

/** Whether a model is shown under a filter and a search text. */
export function matchesModel(model: Model, filter: ModelFilter, search: string): boolean {
  const text = search.trim().toLowerCase();
  const found = `${model.ref} ${model.name} ${model.architecture ?? ''}`.toLowerCase();
  if (text !== '' && !found.includes(text)) return false;
  switch (filter) {
    case 'all':
      return true;
    case 'complete':
      return model.complete;
    case 'incomplete':
      return !model.complete;
    case 'unused':
      return model.usedBy.length === 0;
  }
}

/** The second line of a row: who made it and where it lies. */
export function originOf(model: Model): string {
  if (model.origin === 'built-in') return 'Built in, says a sentence about itself';
  if (model.origin === 'folder') return model.folder ?? model.path;
  const owner = model.ref.split('/')[0] ?? '';
  return `${owner} · Hugging Face cache`;
}

/** `41K`, as people speak of a context length. */
export function formatContext(tokens: number | undefined): string {
  if (tokens === undefined) return '';
  return tokens < 1000 ? formatNumber(tokens) : `${Math.round(tokens / 1000)}K`;
}

export function usedByText(names: readonly string[]): string {
  if (names.length === 0) return 'Unused';
  return names.length === 1 ? '1 profile' : `${names.length} profiles`;
}
