import { createContext, useContext } from 'react';
import { useStore } from 'zustand';
import { createStore, type StoreApi } from 'zustand/vanilla';

import { isSecretName } from '@shared/domain/secret';

/** One field that was changed and not saved yet. */
export interface Edit {
  /** What was stored when the change was begun. */
  readonly base: unknown;
  readonly value: unknown;
}

/** By field: `port`, or `options.max-tokens`. */
export type Edits = Readonly<Record<string, Edit>>;

/** A new profile that is not created yet. */
export interface FreshDraft {
  /** The model that it was begun with. */
  readonly begunWith: string;
  readonly values: Readonly<Record<string, unknown>>;
}

/** What was typed and not saved yet. */
export interface Drafts {
  /** By the profile's id; one without edits is not in it. */
  readonly edits: Readonly<Record<string, Edits>>;
  readonly fresh: FreshDraft | undefined;
}

export type DraftStore = StoreApi<Drafts>;

const PLACE = 'mlx-manager.drafts';
const NOTHING: Drafts = { edits: {}, fresh: undefined };

/**
 * The drafts of this window. They outlive a change of the screen and a reload of the page. The storage must be of one
 * window alone, so that two of them never write into each other's.
 */
export function createDraftStore(storage: Pick<Storage, 'getItem' | 'setItem'>): DraftStore {
  const store = createStore<Drafts>(() => read(storage));
  store.subscribe((drafts) => {
    try {
      storage.setItem(PLACE, JSON.stringify(withoutSecrets(drafts)));
    } catch {
      // The storage is full: the drafts are kept as long as the page is open.
    }
  });
  return store;
}

function read(storage: Pick<Storage, 'getItem'>): Drafts {
  try {
    const kept: unknown = JSON.parse(storage.getItem(PLACE) ?? 'null');
    if (typeof kept !== 'object' || kept === null) return NOTHING;
    // Only this program writes there, and JSON has no `undefined`.
    return { ...NOTHING, ...kept };
  } catch {
    return NOTHING;
  }
}

/** A token that was typed is never written to the disk. */
function withoutSecrets({ edits, fresh }: Drafts): Drafts {
  return {
    edits: Object.fromEntries(
      Object.entries(edits).map(([id, fields]) => [
        id,
        Object.fromEntries(
          Object.entries(fields).filter(
            ([field, { base, value }]) => !mayBeSecret(field, value) && !mayBeSecret(field, base),
          ),
        ),
      ]),
    ),
    fresh: fresh && {
      ...fresh,
      values: Object.fromEntries(
        Object.entries(fresh.values).filter(([field, value]) => !mayBeSecret(field, value)),
      ),
    },
  };
}

/** Whether a field is named like a secret, or holds a line `NAME=value` or `--name` that is. */
function mayBeSecret(field: string, value: unknown): boolean {
  if (isSecretName(field.replace(/^options\./, ''))) return true;
  if (field === 'options') return Object.keys(Object(value)).some(isSecretName);
  if (field !== 'env' && field !== 'extraArgs') return false;
  const names = String(value).split('\n');
  return names.some((line) => isSecretName(line.split('=')[0] ?? ''));
}

export const DraftContext = createContext<DraftStore | undefined>(undefined);

export function useDraftStore(): DraftStore {
  const store = useContext(DraftContext);
  if (!store) throw new Error('There is no DraftContext above this component.');
  return store;
}

export function useDrafts<T>(select: (drafts: Drafts) => T): T {
  return useStore(useDraftStore(), select);
}

const NO_EDITS: Edits = {};

/** What was changed in one profile. */
export function useEdits(profileId: string): Edits {
  return useDrafts(({ edits }) => edits[profileId] ?? NO_EDITS);
}

/** Whether a profile has changes that are not saved. */
export function useHasDraft(profileId: string): boolean {
  return useDrafts(({ edits }) => edits[profileId] !== undefined);
}

/** Keeps the edits of a profile; none at all forgets them. */
export function setEdits(store: DraftStore, profileId: string, edits: Edits): void {
  store.setState(({ edits: all }) => {
    const { [profileId]: _, ...others } = all;
    return { edits: Object.keys(edits).length === 0 ? others : { ...others, [profileId]: edits } };
  });
}

/** Forgets the drafts of profiles that are gone. */
export function keepDraftsOf(store: DraftStore, profileIds: readonly string[]): void {
  const { edits } = store.getState();
  const kept = Object.entries(edits).filter(([id]) => profileIds.includes(id));
  if (kept.length < Object.keys(edits).length) store.setState({ edits: Object.fromEntries(kept) });
}
