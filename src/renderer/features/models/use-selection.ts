import { useEffect, useLayoutEffect, useMemo, useRef } from 'react';

import {
  allOf,
  type RowSelection,
  type SelectionStep,
  settled,
  stepped,
} from '@renderer/components/row-selection';
import { NO_SELECTION, useModelSelection } from '@renderer/domain/models/selection';
import type { Model } from '@shared/domain/model';
import { selectedModel } from './library';

interface SelectionOptions {
  /** The whole library; undefined until it is known. */
  readonly all: readonly Model[] | undefined;
  readonly shown: readonly Model[];
  /** The model that the address names. */
  readonly chosen: string | undefined;
  /** Puts another one into the address. */
  readonly onLead: (ref: string | undefined) => void;
}

interface Selected {
  readonly selection: RowSelection;
  /** The one in front. */
  readonly lead: Model | undefined;
  readonly models: readonly Model[];
  /** What the address names and nobody has seen here. */
  readonly unknown: string | undefined;
  readonly select: (ref: string, step: SelectionStep) => void;
  readonly selectAll: () => void;
  /** Back to the one in front. */
  readonly selectOne: () => void;
}

/**
 * Which models are chosen. The one in front is in the address, so that links and the palette mean the same; the others
 * are kept beside it for as long as the screen is there.
 */
export function useSelection({ all, shown, chosen, onLead }: SelectionOptions): Selected {
  const [kept, keep] = useModelSelection();
  const refs = useMemo(() => shown.map(({ ref }) => ref), [shown]);
  const seen = useRef<{ all: ReadonlySet<string>; shown: readonly string[] }>({
    all: new Set(),
    shown: [],
  });
  const isUnknown =
    chosen !== undefined &&
    all !== undefined &&
    !seen.current.all.has(chosen) &&
    !all.some(({ ref }) => ref === chosen);
  const lead = isUnknown ? undefined : selectedModel(shown, chosen, seen.current.shown);
  const leadRef = lead?.ref;
  const selection = useMemo(
    () => settled({ anchor: kept.anchor, ids: kept.refs }, refs, leadRef),
    [kept, refs, leadRef],
  );
  const models = useMemo(() => {
    const ids = new Set(selection.ids);
    return shown.filter(({ ref }) => ids.has(ref));
  }, [shown, selection]);

  // One that was deleted or that a filter hides leaves its place to its neighbor, and the address says so.
  // biome-ignore lint/correctness/useExhaustiveDependencies: `onLead` only writes the address
  useLayoutEffect(() => {
    if (all === undefined) return;
    seen.current = { all: new Set(all.map(({ ref }) => ref)), shown: refs };
    if (!isUnknown && leadRef !== chosen) onLead(leadRef);
  }, [all, refs, isUnknown, leadRef, chosen]);
  // What a filter hides or a deletion took is not acted on from elsewhere either.
  // biome-ignore lint/correctness/useExhaustiveDependencies: `keep` only writes the store
  useEffect(() => {
    if (kept.refs.length !== selection.ids.length) {
      keep({ anchor: selection.anchor, refs: selection.ids });
    }
  }, [kept, selection]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: at the end alone
  useEffect(() => () => keep(NO_SELECTION), []);

  const change = (next: RowSelection): void => {
    keep({ anchor: next.anchor, refs: next.ids });
    if (next.lead !== undefined && next.lead !== chosen) onLead(next.lead);
  };
  return {
    selection,
    lead,
    models,
    unknown: isUnknown ? chosen : undefined,
    select: (ref, step) => change(stepped(selection, refs, ref, step)),
    selectAll: () => change(allOf(selection, refs)),
    selectOne: () => leadRef !== undefined && change(stepped(selection, refs, leadRef, 'only')),
  };
}
