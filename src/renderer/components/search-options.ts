/** One of many things to choose from, found by typing. */
export interface SearchOption {
  readonly value: string;
  readonly label: string;
  /** In short, at the right; it is searched too. */
  readonly detail?: string | undefined;
  /** Options of one group stand together under its name. */
  readonly group: string;
  /** Why it cannot be chosen. */
  readonly reason?: string | undefined;
}

/** A line of the list: the name of a group, or an option with its number among the options. */
export type OptionLine =
  | { readonly kind: 'group'; readonly name: string }
  | { readonly kind: 'option'; readonly option: SearchOption; readonly number: number };

/** The options that have every word that was typed, in their order. */
export function matching(options: readonly SearchOption[], typed: string): SearchOption[] {
  const words = typed.toLowerCase().split(/\s+/).filter(Boolean);
  return options.filter(({ label, detail = '', group }) => {
    const text = `${label} ${detail} ${group}`.toLowerCase();
    return words.every((word) => text.includes(word));
  });
}

/** The options with a line for each group before its first one. */
export function optionLines(options: readonly SearchOption[]): OptionLine[] {
  return options.flatMap((option, number): OptionLine[] => {
    const line = { kind: 'option', option, number } as const;
    const isFirst = option.group !== '' && options[number - 1]?.group !== option.group;
    return isFirst ? [{ kind: 'group', name: option.group }, line] : [line];
  });
}
