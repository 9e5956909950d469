import type { PaletteAction } from './palette-action';

/** Actions below one heading. */
export interface ActionGroup {
  readonly title: string;
  readonly actions: readonly PaletteAction[];
}

/** Part of a label; `match` says that it is what was typed. */
export interface LabelSegment {
  readonly text: string;
  readonly match: boolean;
}

const wordsOf = (text: string): string[] => text.toLowerCase().split(/\s+/).filter(Boolean);

/** More rows at once are neither read nor quickly drawn: the next letter brings what is meant. */
export const MOST_SHOWN = 50;

/** What the palette opens with: the profile in front and what is about everything; the rest is found by its name. */
export function openingActions(
  actions: readonly PaletteAction[],
  current: string | undefined,
): PaletteAction[] {
  return actions.filter(({ id, named }) => !named || id.endsWith(`:${current}`));
}

/** The actions whose label and group have all the words, in order of the list. */
export function filterActions(actions: readonly PaletteAction[], text: string): PaletteAction[] {
  const words = wordsOf(text);
  return actions.filter((action) => {
    const label = `${action.group} ${action.label}`.toLowerCase();
    return words.every((word) => label.includes(word));
  });
}

/** Below their headings, in order of the list; what cannot act now comes last, wherever it belongs. */
export function groupActions(actions: readonly PaletteAction[]): ActionGroup[] {
  const groups = Map.groupBy(
    actions.filter((action) => !action.reason),
    (action) => action.group,
  );
  const unavailable = actions.filter((action) => action.reason);
  return [
    ...[...groups].map(([title, members]) => ({ title, actions: members })),
    ...(unavailable.length > 0 ? [{ title: 'Not available now', actions: unavailable }] : []),
  ];
}

/** The first so many actions of all groups. */
export function firstOf(groups: readonly ActionGroup[], most: number): ActionGroup[] {
  let left = most;
  return groups.flatMap(({ title, actions }) => {
    const kept = actions.slice(0, left);
    left -= kept.length;
    return kept.length === 0 ? [] : [{ title, actions: kept }];
  });
}

/** A label in segments that mark the first place of each typed word, to show why it was found. */
export function markMatches(label: string, text: string): LabelSegment[] {
  const lower = label.toLowerCase();
  const marked = new Set<number>();
  for (const word of wordsOf(text)) {
    const at = lower.indexOf(word);
    for (let index = at; at >= 0 && index < at + word.length; index += 1) marked.add(index);
  }
  const segments: LabelSegment[] = [];
  let start = 0;
  for (let index = 1; index <= label.length; index += 1) {
    if (index < label.length && marked.has(index) === marked.has(start)) continue;
    segments.push({ text: label.slice(start, index), match: marked.has(start) });
    start = index;
  }
  return segments;
}
