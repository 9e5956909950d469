/** Which rows of a list are chosen: one is in front, and others may be chosen with it. */
export interface RowSelection {
  /** Where the arrows go on from, and whose details are shown. */
  readonly lead: string | undefined;
  /** Where a range begins. */
  readonly anchor: string | undefined;
  /** Every chosen row, the lead among them. */
  readonly ids: readonly string[];
}

/** What a click or a key does to a selection: begins it anew, stretches it to a row, or takes one row in or out. */
export type SelectionStep = 'only' | 'range' | 'toggle';

/** The modifier keys of a click or of a key press. */
interface Modifiers {
  readonly shiftKey: boolean;
  readonly metaKey: boolean;
  readonly ctrlKey: boolean;
}

/** @param isMac Control and a click is a right click there. */
export function stepOf({ shiftKey, metaKey, ctrlKey }: Modifiers, isMac: boolean): SelectionStep {
  if (shiftKey) return 'range';
  return (isMac ? metaKey : ctrlKey) ? 'toggle' : 'only';
}

function only(id: string | undefined): RowSelection {
  return { lead: id, anchor: id, ids: id === undefined ? [] : [id] };
}

/** What is left of a selection among the rows that are shown, once `lead` is in front. */
export function settled(
  { anchor, ids }: Pick<RowSelection, 'anchor' | 'ids'>,
  shown: readonly string[],
  lead: string | undefined,
): RowSelection {
  // Another row came in front from elsewhere, or took the place of one that is gone.
  if (lead === undefined || !ids.includes(lead)) return only(lead);
  const chosen = new Set(ids);
  return {
    lead,
    anchor: anchor !== undefined && shown.includes(anchor) ? anchor : lead,
    ids: shown.filter((id) => chosen.has(id)),
  };
}

/** The selection after a step to a row. */
export function stepped(
  selection: RowSelection,
  shown: readonly string[],
  id: string,
  step: SelectionStep,
): RowSelection {
  if (step === 'only') return only(id);
  return step === 'range' ? ranged(selection, shown, id) : toggled(selection, shown, id);
}

function ranged({ anchor }: RowSelection, shown: readonly string[], id: string): RowSelection {
  const to = shown.indexOf(id);
  const from = anchor === undefined ? -1 : shown.indexOf(anchor);
  if (from === -1) return only(id);
  return { lead: id, anchor, ids: shown.slice(Math.min(from, to), Math.max(from, to) + 1) };
}

function toggled(selection: RowSelection, shown: readonly string[], id: string): RowSelection {
  const { ids, lead } = selection;
  if (!ids.includes(id)) return { lead: id, anchor: id, ids: [...ids, id] };
  const left = ids.filter((other) => other !== id);
  // One row is always chosen.
  if (left.length === 0) return selection;
  if (lead !== id) return { ...selection, anchor: lead, ids: left };
  const at = shown.indexOf(id);
  const next = shown.slice(at).find((other) => left.includes(other)) ?? left.at(-1);
  return { lead: next, anchor: next, ids: left };
}

/** Every row that is shown; the one in front stays there. */
export function allOf({ lead }: RowSelection, shown: readonly string[]): RowSelection {
  return { lead: lead ?? shown[0], anchor: shown[0], ids: shown };
}
