import type { Interrupt } from './interrupt';
import type { Output } from './output';

/** What every command is given; nothing in a command reads the process itself. */
export interface Context {
  readonly json: boolean;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  readonly output: Output;
  readonly interrupt: Interrupt;
  /** The words that start this program again. */
  readonly program: readonly string[];
  /** The built screens, for `serve`. */
  readonly rendererFolder: string;
}
