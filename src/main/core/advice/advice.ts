import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { Advice } from '@shared/domain/advice';
import type { ServerProfile } from '@shared/domain/profile';
import { z } from 'zod';
import type { Logger } from '../ports';
import { isInVersionRange, VERSION_RANGE } from './version-range';

/** One entry of `resources/advice.json`: what is known to be bad or surprising, where, and by whom. */
const Entry = z.strictObject({
  id: z.string(),
  engine: z.string(),
  versions: z.string().regex(VERSION_RANGE),
  /** Only where all of it holds. */
  when: z
    .strictObject({
      /** The profile sets this option. */
      option: z.string().optional(),
      /** The profile runs over several machines. */
      cluster: z.boolean().optional(),
      architecture: z.string().optional(),
      platform: z.enum(['darwin', 'linux']).optional(),
    })
    .optional(),
  says: z.string(),
  fix: z.string().optional(),
  source: z.string(),
  noted: z.iso.date(),
});
export type AdviceEntry = z.infer<typeof Entry>;
export const AdviceFile = z.array(Entry);

/** What the entries are held against. */
export interface AdviceFacts {
  readonly engine: string;
  readonly version: string;
  /** Undefined for an engine by itself: then only what holds for every profile is said. */
  readonly profile: Pick<ServerProfile, 'options' | 'cluster'> | undefined;
  readonly architecture: string | undefined;
  readonly platform: NodeJS.Platform;
}

/** What is worth knowing before a start or an installation. It warns, it never blocks. */
export function adviceFor(facts: AdviceFacts, entries: readonly AdviceEntry[]): Advice[] {
  return entries
    .filter(
      ({ engine, versions }) =>
        engine === facts.engine && isInVersionRange(facts.version, versions),
    )
    .filter(({ when }) => !when || holds(when, facts))
    .map(({ id, says, fix, source }) => ({
      id,
      says,
      source,
      ...(fix === undefined ? {} : { fix }),
    }));
}

function holds(when: NonNullable<AdviceEntry['when']>, facts: AdviceFacts): boolean {
  const { profile } = facts;
  return (
    (when.option === undefined || (profile !== undefined && when.option in profile.options)) &&
    (when.cluster === undefined ||
      (profile !== undefined && (profile.cluster !== null) === when.cluster)) &&
    (when.architecture === undefined || when.architecture === facts.architecture) &&
    (when.platform === undefined || when.platform === facts.platform)
  );
}

/** The entries that ship with the program; without them there is no advice, which stops nobody. */
export async function readAdvice(resources: string, logger: Logger): Promise<AdviceEntry[]> {
  try {
    return AdviceFile.parse(
      JSON.parse(await readFile(path.join(resources, 'advice.json'), 'utf8')),
    );
  } catch (error) {
    logger.warn('The list of advice cannot be read', { error: String(error) });
    return [];
  }
}
