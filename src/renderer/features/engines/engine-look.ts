import type { Glyph } from '@renderer/components/StateGlyph';
import { jobFact, packageProgress, shortJobTitle } from '@renderer/text/engine-job-text';
import type { AvailableEngine, EngineJob, Installation } from '@shared/domain/engine';
import { INSTALLABLE_IDS } from '@shared/domain/engine-ids';
import { formatCount } from '@shared/format/counts';

/** An engine of the list. */
export interface EngineEntry {
  readonly id: AvailableEngine['engine'];
  readonly title: string;
  /** What can be installed of it; undefined until that was answered. */
  readonly about: AvailableEngine | undefined;
}

/** Every engine, whether or not it was answered what can be installed: what is on the disk is known without. */
export function engineEntries(available: readonly AvailableEngine[] | undefined): EngineEntry[] {
  return INSTALLABLE_IDS.map((id) => {
    const about = available?.find(({ engine }) => engine === id);
    return { id, title: about?.title ?? id, about };
  });
}

/** What an engine is called. */
export function titleIn(entries: readonly EngineEntry[], engine: string): string {
  return entries.find(({ id }) => id === engine)?.title ?? engine;
}

/** How an engine looks in the list. */
export interface EngineLook {
  readonly glyph: Glyph;
  /** At the end of the first line: the version in use, or that a person registered it. */
  readonly version: string;
  /** The second line. */
  readonly fact: string;
}

interface EngineFacts {
  readonly entry: EngineEntry;
  /** Those of this engine. */
  readonly installations: readonly Installation[];
  /** Its newest job. */
  readonly job: EngineJob | undefined;
  readonly titleOf: (engine: string) => string;
}

/** The state of an engine in a shape and a few words. */
export function engineLook({ entry, installations, job, titleOf }: EngineFacts): EngineLook {
  const inUse = installations.find((one) => one.inUse);
  const version = inUse?.origin === 'registered' ? 'registered' : (inUse?.version ?? '');
  if (job?.state === 'running') {
    return job.queuedAfter === undefined
      ? { glyph: 'loading', version, fact: workText(job) }
      : { glyph: 'queued', version, fact: `Queued, after ${titleOf(job.queuedAfter)}` };
  }
  if (installations.length === 0) {
    if (job?.state === 'failed') return { glyph: 'failed', version, fact: 'Installation failed' };
    return { glyph: 'stopped', version, fact: notInstalledFact(entry.about) };
  }
  if (inUse === undefined) return { glyph: 'stopped', version, fact: 'No version in use' };
  if (inUse.state === 'broken') return { glyph: 'failed', version, fact: "Can't run" };
  if (inUse.state === 'unknown') return { glyph: 'degraded', version, fact: "Couldn't be checked" };
  const others =
    installations.length > 1 ? formatCount(installations.length, 'installation') : undefined;
  return { glyph: 'ok', version, fact: joined([newestFact(inUse, entry.about), others]) };
}

/** `Installing 0.33.1, 84 of 221 MB`, `Installing 0.33.1: testing with the built-in model`. */
function workText(job: EngineJob): string {
  const fact = jobFact(job);
  if (packageProgress(job)) return joined([shortJobTitle(job), fact]);
  const begin = fact.charAt(0).toLowerCase();
  return fact === '' ? shortJobTitle(job) : `${shortJobTitle(job)}: ${begin}${fact.slice(1)}`;
}

function newestFact(inUse: Installation, about: AvailableEngine | undefined): string {
  if (inUse.origin === 'registered') return inUse.command ?? inUse.python ?? inUse.path;
  const newest = about?.version ?? null;
  if (newest === null) return 'Installed';
  return newest === inUse.version ? 'Newest version' : `${newest} is available`;
}

/** `Not installed. Text and images.`: the kinds of models that it serves. */
function notInstalledFact(about: AvailableEngine | undefined): string {
  const kinds = KINDS.flatMap(([capability, kind]) =>
    about?.capabilities.includes(capability) ? [kind] : [],
  );
  const last = kinds.pop();
  if (last === undefined) return 'Not installed';
  const text = kinds.length === 0 ? last : `${kinds.join(', ')} and ${last}`;
  return `Not installed. ${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
}

const KINDS = [
  ['text', 'text'],
  ['vision', 'images'],
  ['audio', 'audio'],
  ['embeddings', 'embeddings'],
] as const;

function joined(parts: readonly (string | undefined)[]): string {
  return parts.filter((part) => part !== undefined && part !== '').join(', ');
}
