import type { InstallationCheck } from '@shared/domain/engine';

import type { Clock } from '../../ports';
import { Deadline } from '../../ports/deadline';
import {
  type CheckedInstallation,
  type CheckTools,
  checkFiles,
  checkProgram,
} from './check-installation';

/**
 * How closely an installation is looked at. `program`: whether its program can be loaded, a dozen looks at the
 * disk. `files`: also whether its packages are whole, a tenth of a second. `run`: also whether its program
 * tells its options, which loads most of it and takes seconds.
 */
export type CheckDepth = 'program' | 'files' | 'run';

const DEPTHS: readonly CheckDepth[] = ['program', 'files', 'run'];

/** How long a disk may take to answer before the answer counts as unknown, ms. */
const DISK_LIMIT_MS = 10_000;

export interface InstallationChecksOptions {
  readonly tools: CheckTools;
  readonly clock: Clock;
  /** The installation as it is listed now; undefined when it is not. */
  readonly find: (id: string) => CheckedInstallation | undefined;
  /** Why its program does not run, by running it; undefined when it does. Rejects when that cannot be tried. */
  readonly run: (id: string, signal: AbortSignal | undefined) => Promise<InstallationCheck>;
  /** An answer differs from the one before. */
  readonly onChange: (id: string, check: InstallationCheck, depth: CheckDepth) => Promise<void>;
}

interface Known {
  readonly check: InstallationCheck;
  readonly depth: CheckDepth;
}

/** What is known of each installation: the one answer that lists, starts, tests and the doctor go by. */
export class InstallationChecks {
  readonly #options: InstallationChecksOptions;
  readonly #known = new Map<string, Known>();
  readonly #looking = new Map<string, Promise<InstallationCheck>>();

  constructor(options: InstallationChecksOptions) {
    this.#options = options;
  }

  /** The last answer; undefined before the first look. */
  of(id: string): InstallationCheck | undefined {
    return this.#known.get(id)?.check;
  }

  /** Takes over what an earlier run of the manager found by running it. */
  remember(id: string, reason: string): void {
    this.#known.set(id, { check: { state: 'cannot-run', reason }, depth: 'run' });
  }

  /** It was proven by more than a look that it runs, or it is another one now. */
  forget(id: string): void {
    this.#known.delete(id);
  }

  /**
   * Looks now. What was found wrong before is looked at as closely as then, so that a lesser look does not
   * take it back.
   */
  check(id: string, depth: CheckDepth, signal?: AbortSignal): Promise<InstallationCheck> {
    const before = this.#known.get(id);
    const isBad = before !== undefined && before.check.state !== 'works';
    const needed = isBad ? deeper(depth, before.depth) : depth;
    const key = `${needed} ${id}`;
    const looking =
      this.#looking.get(key) ??
      this.#look(id, needed, signal).finally(() => this.#looking.delete(key));
    this.#looking.set(key, looking);
    return looking;
  }

  async #look(
    id: string,
    depth: CheckDepth,
    signal: AbortSignal | undefined,
  ): Promise<InstallationCheck> {
    const one = this.#options.find(id);
    if (!one) return { state: 'cannot-run', reason: 'It was removed from the list.' };
    const found = await this.#lookAt(id, one, depth, signal);
    // It was rebuilt or tested meanwhile: what was seen is of something that is not there any more.
    const isOld = !isSame(one, this.#options.find(id));
    if (isOld) return this.#look(id, depth, signal);
    await this.#note(id, found);
    return found.check;
  }

  async #lookAt(
    id: string,
    one: CheckedInstallation,
    depth: CheckDepth,
    signal: AbortSignal | undefined,
  ): Promise<Known> {
    const { tools, clock, run } = this.#options;
    const look = depth === 'program' ? checkProgram : checkFiles;
    const answer = await Deadline.in(clock, DISK_LIMIT_MS).race(look(one, tools));
    const check: InstallationCheck =
      answer === 'late'
        ? { state: 'unknown', reason: `Its disk didn't respond within ${DISK_LIMIT_MS / 1000} s.` }
        : answer;
    const seen: CheckDepth = depth === 'program' ? 'program' : 'files';
    if (check.state !== 'works' || depth !== 'run') return { check, depth: seen };
    return { check: await run(id, signal), depth: 'run' };
  }

  async #note(id: string, found: Known): Promise<void> {
    const before = this.#known.get(id);
    this.#known.set(id, found);
    if (JSON.stringify(before?.check) === JSON.stringify(found.check)) return;
    await this.#options.onChange(id, found.check, found.depth);
  }
}

function isSame(a: CheckedInstallation, b: CheckedInstallation | undefined): boolean {
  return b !== undefined && a.path === b.path && a.absentFiles === b.absentFiles;
}

function deeper(a: CheckDepth, b: CheckDepth): CheckDepth {
  return DEPTHS.indexOf(a) > DEPTHS.indexOf(b) ? a : b;
}
