import type { RawInput } from '@shared/contract';
import type { HubFilter, HubSort, ModelKind } from '@shared/domain/hub';
import { GB } from '@shared/format/bytes';

/** What of the hub's models a person wants to see. */
export interface Filters {
  readonly kind: Extract<ModelKind, 'text' | 'vision' | 'embedding'> | 'all';
  readonly fits: boolean;
  /** GB of the weights, at most. */
  readonly underGb: number | undefined;
  readonly bits: number | undefined;
  readonly author: string;
  readonly architecture: string;
}

export const NO_FILTERS: Filters = {
  kind: 'all',
  fits: false,
  underGb: undefined,
  bits: undefined,
  author: '',
  architecture: '',
};

export const SIZES: readonly number[] = [2, 5, 10, 20, 40, 80];
export const BITS: readonly number[] = [3, 4, 5, 6, 8, 16];

/** What a person looks for. */
export type SearchCriteria = Omit<RawInput<'hub.search'>, 'offset' | 'limit'>;

/** The search that the hub and the core are asked for. */
export function searchCriteria(query: string, sort: HubSort, filters: Filters): SearchCriteria {
  const { kind, fits, underGb, bits, author, architecture } = filters;
  return {
    query,
    sort,
    fits,
    ...(kind === 'all' ? {} : { kind }),
    ...(underGb === undefined ? {} : { maxBytes: underGb * GB }),
    ...(bits === undefined ? {} : { bits }),
    ...(author === '' ? {} : { author }),
    ...(architecture === '' ? {} : { architecture }),
  };
}

/** Each filter that is set, in words, in the order of the screen. */
export function filterLabels(
  filters: Filters,
): { readonly filter: HubFilter; readonly label: string }[] {
  const { kind, fits, underGb, bits, author, architecture } = filters;
  const all: [HubFilter, string | undefined][] = [
    ['kind', kind === 'all' ? undefined : kind],
    ['size', underGb === undefined ? undefined : `under ${underGb} GB`],
    ['bits', bits === undefined ? undefined : `${bits}-bit`],
    ['author', author === '' ? undefined : `by ${author}`],
    ['architecture', architecture === '' ? undefined : architecture],
    ['fits', fits ? 'fits this machine' : undefined],
  ];
  return all.flatMap(([filter, label]) => (label === undefined ? [] : [{ filter, label }]));
}

/** The filters without one of them. */
export function withoutFilter(filters: Filters, filter: HubFilter): Filters {
  const key = filter === 'size' ? 'underGb' : filter;
  return { ...filters, [key]: NO_FILTERS[key] };
}

const NUMBERS = [
  '',
  'the filter',
  'both filters',
  'all three filters',
  'all four filters',
] as const;

/** `No model matches all four filters`; what is typed counts as one. */
export function emptyTitle(query: string, filters: Filters): string {
  const count = filterLabels(filters).length + (query === '' ? 0 : 1);
  if (count === 0) return 'No MLX models on Hugging Face';
  if (count === 1 && query !== '') return `No results for “${query}”`;
  return `No models match ${NUMBERS[count] ?? `all ${count} filters`}`;
}

/** `“qwen coder”, 4-bit, under 10 GB.` */
export function emptyText(query: string, filters: Filters): string {
  const labels = filterLabels(filters).map((one) => one.label);
  const all = query === '' ? labels : [`“${query}”`, ...labels];
  const [first = '', ...rest] = all;
  return all.length === 0 ? '' : `${[capitalised(first), ...rest].join(', ')}.`;
}

function capitalised(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
