/** What our own words in `process.argv` ask for. Chromium lower-cases and may alter its copy, so that is never read. */
export interface Flags {
  /** The rest belongs to the command line: the application is started as `mlx-manager`. */
  readonly commandLine: readonly string[] | undefined;
  /** No window at the start. */
  readonly hidden: boolean;
  /** A `mlx-manager://` link that the system passed on. */
  readonly link: string | undefined;
}

/**
 * Reads the arguments after the program's own. `--cli` must be the first, with `--` behind it, so that Chromium
 * takes none of the words after it for its own switches.
 */
export function parseFlags(args: readonly string[]): Flags {
  const [first, second, ...rest] = args;
  if (first === '--cli') {
    const words = second === '--' || second === undefined ? rest : [second, ...rest];
    return { commandLine: words, hidden: true, link: undefined };
  }
  return {
    commandLine: undefined,
    hidden: args.includes('--hidden'),
    link: args.find((arg) => arg.startsWith('mlx-manager://')),
  };
}
