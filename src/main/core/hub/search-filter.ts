import type { HubFilter, HubModel, HubSearch } from '@shared/domain/hub';
import { hubNameIn } from '@shared/domain/hub-address';

import type { ListQuery } from './hub-client';
import { PIPELINES } from './model-facts';

/** What of a search the hub does itself. */
export function listQuery({ query, sort, author, kind }: HubSearch): ListQuery {
  return {
    // The address of a page stands for the model that it shows.
    query: hubNameIn(query)?.ref ?? query,
    sort,
    author,
    // One name of the hub's for a kind narrows the list there; several are told apart by us.
    tags: kind !== undefined && PIPELINES[kind].length === 1 ? [...PIPELINES[kind]] : [],
  };
}

/** Whether the list alone does not rule a model out. */
export function mayMatch(search: HubSearch, row: HubModel): boolean {
  if (search.kind !== undefined && row.kind !== search.kind) return false;
  if (search.bits !== undefined && row.bits !== search.bits) return false;
  if (search.architecture !== undefined && row.architecture !== search.architecture) return false;
  return row.sizeBytes === undefined || hasSize(search, row.sizeBytes);
}

/** Whether the list does not tell enough: the model's own files decide. */
export function needsFacts(search: HubSearch, row: HubModel): boolean {
  const bounded = search.minBytes !== undefined || search.maxBytes !== undefined;
  return search.fits || (bounded && row.sizeBytes === undefined);
}

/** Whether a model stays when its own files are known as well. */
export function matches(search: HubSearch, facts: NonNullable<HubModel['facts']>): boolean {
  if (search.fits && (!facts.fit || facts.fit.verdict === 'no')) return false;
  return hasSize(search, facts.sizeBytes);
}

function hasSize({ minBytes = 0, maxBytes = Number.POSITIVE_INFINITY }: HubSearch, bytes: number) {
  return bytes >= minBytes && bytes <= maxBytes;
}

/** Which filters are set, and the search without each. */
export function withoutEach(search: HubSearch): { filter: HubFilter; search: HubSearch }[] {
  const all: { filter: HubFilter; isSet: boolean; search: HubSearch }[] = [
    {
      filter: 'size',
      isSet: search.minBytes !== undefined || search.maxBytes !== undefined,
      search: { ...search, minBytes: undefined, maxBytes: undefined },
    },
    {
      filter: 'bits',
      isSet: search.bits !== undefined,
      search: { ...search, bits: undefined },
    },
    {
      filter: 'architecture',
      isSet: search.architecture !== undefined,
      search: { ...search, architecture: undefined },
    },
    {
      filter: 'author',
      isSet: search.author !== undefined,
      search: { ...search, author: undefined },
    },
    { filter: 'kind', isSet: search.kind !== undefined, search: { ...search, kind: undefined } },
    { filter: 'fits', isSet: search.fits, search: { ...search, fits: false } },
  ];
  return all.filter(({ isSet }) => isSet);
}
