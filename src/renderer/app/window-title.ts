interface TitleFacts {
  readonly screen: string;
  /** What is selected there. */
  readonly selected: string | undefined;
  /** Names of the profiles whose servers have failed or are stuck. */
  readonly failing: readonly string[];
}

/** What the tab of a browser is called: what fails first, then what is in front, the screen and the program. */
export function windowTitle({ screen, selected, failing }: TitleFacts): string {
  const isFailing = selected !== undefined && failing.includes(selected);
  const [first] = failing;
  const others = failing.length > 1 ? `${failing.length} failed` : first && `${first} failed`;
  const name = failing.length === 1 && isFailing ? undefined : selected;
  return [others, name, screen, 'MLX Manager'].filter(Boolean).join(' · ');
}
