import type { GatewayChoice } from '@core/ports';

/** What our own words in `process.argv` ask for. Chromium lower-cases and may alter its copy, so that is never read. */
export interface Flags {
  /** No window at the start. */
  readonly hidden: boolean;
  /** A `mlx-manager://` link that the system passed on. */
  readonly link: string | undefined;
  /** Of the gateway, for this run; left to the settings where nothing is said. */
  readonly gateway: GatewayChoice;
}

/** Reads the arguments after the program's own. */
export function parseFlags(args: readonly string[]): Flags {
  return {
    hidden: args.includes('--hidden'),
    link: args.find((arg) => arg.startsWith('mlx-manager://')),
    gateway: args.includes('--no-gateway') ? { enabled: false } : {},
  };
}
