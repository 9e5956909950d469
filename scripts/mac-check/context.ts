import { openMacLibrary } from '@core/processes/mac-library';
import { buildMacLibrary } from '@fixtures/mac-library';
import type { ProcessView } from '@fixtures/process-views';
import { processViews } from '@fixtures/process-views';
import { messageOf } from '@shared/errors';

import type { Family } from './family';

/** What the checks look at and with. */
export interface Context {
  /** The checkout. */
  readonly root: string;
  /** The packaged application, which may be missing. */
  readonly app: string;
  /** Everything that is written lies in here. */
  readonly folder: string;
  /** A mark of its own for what a check starts, which carries it in its environment; it is looked for in the end. */
  readonly mark: (name: string) => string;
  /** The ways to see processes that are held against `ps` and `lsof`; on a Mac the system's library alone. */
  readonly views: readonly ProcessView[];
  /** Ways that this machine lacks, each with the reason. */
  readonly missing: readonly string[];
  /** The library that is called: undefined for the system's own. */
  readonly library: string | undefined;
  /** The processes that are looked at, started when they are first asked for. */
  readonly family: () => Promise<Family>;
}

/** The views, without the one that is the measure. */
export async function lookingWays(): Promise<Pick<Context, 'views' | 'missing' | 'library'>> {
  const isMac = process.platform === 'darwin';
  try {
    // It throws where the library cannot be called, which is a finding of its own.
    const { views, missing } = await processViews();
    const built = isMac ? undefined : await buildMacLibrary();
    return {
      views: views.filter(({ name }) => name !== 'ps and lsof'),
      missing,
      library: built && 'path' in built ? built.path : undefined,
    };
  } catch (error) {
    return {
      views: [],
      missing: [`the system's library: ${messageOf(error)}`],
      library: undefined,
    };
  }
}

/** Whether the system's library (or the stand-in for it) can be called: the sentence is why not. */
export async function whyNoLibrary({ library }: Context): Promise<string | undefined> {
  if (process.platform !== 'darwin' && library === undefined) return 'macOS alone';
  return openMacLibrary(library).then(
    () => undefined,
    (error: unknown) => messageOf(error),
  );
}
