import type { Glyph } from '@renderer/components/StateGlyph';
import { packageProgress } from '@renderer/text/engine-job-text';
import type { EngineJob, Installation } from '@shared/domain/engine';
import type { ServerProfile } from '@shared/domain/profile';
import type { Server } from '@shared/domain/server';
import { isActive } from '@shared/domain/server-state';
import { formatDisk } from '@shared/format/bytes';
import { formatCount } from '@shared/format/counts';
import { formatDate } from '@shared/format/dates';
import { isOlder } from './versions';

/** The newest first, so that what came last is where the eye begins. */
export function newestFirst(installations: readonly Installation[]): Installation[] {
  return [...installations].sort(
    (a, b) => Number(isOlder(a.version, b.version)) - Number(isOlder(b.version, a.version)),
  );
}

/** Profiles of an installation, by name. */
export interface Users {
  /** Their server runs with it or would. */
  readonly all: readonly string[];
  readonly running: readonly string[];
  /** They name it, whatever is in use. */
  readonly pinned: readonly string[];
}

export function usersOf(
  installationId: string,
  profiles: readonly ServerProfile[],
  servers: Readonly<Record<string, Server>>,
): Users {
  const names = (of: (profile: ServerProfile) => boolean): string[] =>
    profiles.filter(of).map(({ name }) => name);
  const isUser = ({ id }: ServerProfile): boolean => servers[id]?.installation === installationId;
  return {
    all: names(isUser),
    running: names((one) => isUser(one) && isActive(servers[one.id]?.state ?? 'stopped')),
    pinned: names(({ installation }) => installation === installationId),
  };
}

/** `6 profiles`. */
export function usersText({ all }: Users): string {
  return all.length === 0 ? 'None' : formatCount(all.length, 'profile');
}

/** Why it cannot be rebuilt. */
export function runningReason({ running }: Users): string | false {
  const [only] = running;
  return (
    only !== undefined &&
    (running.length === 1 ? `Stop ${only} first` : `Stop its ${running.length} servers first`)
  );
}

/** Why it cannot be removed. */
export function removeReason(users: Users): string | false {
  const [only] = users.pinned;
  const isPinned =
    only !== undefined &&
    (users.pinned.length === 1
      ? `${only} is set to this version`
      : `${users.pinned.length} profiles are set to this version`);
  return runningReason(users) || isPinned;
}

/** What a row of the table shows. */
export interface InstallationLook {
  readonly glyph: Glyph;
  readonly tone: 'working' | 'ready' | 'broken' | undefined;
  readonly state: string;
  readonly origin: string;
  readonly size: string;
  readonly selfTest: string;
}

/** @param job the engine's newest. */
export function installationLook(one: Installation, job: EngineJob | undefined): InstallationLook {
  const isWorkedOn = job?.state === 'running' && job.installationId === one.id;
  return {
    ...stateLook(one, isWorkedOn),
    origin: originText(one),
    size: sizeText(one, isWorkedOn ? job : undefined),
    selfTest: selfTestText(one, isWorkedOn ? job : undefined),
  };
}

function stateLook(
  { state, inUse }: Installation,
  isWorkedOn: boolean,
): Pick<InstallationLook, 'glyph' | 'tone' | 'state'> {
  if (state === 'installing') return { glyph: 'loading', tone: 'working', state: 'Installing' };
  const glyph = isWorkedOn ? 'loading' : undefined;
  if (state === 'broken') return { glyph: glyph ?? 'failed', tone: 'broken', state: "Can't run" };
  if (state === 'unknown') {
    return { glyph: glyph ?? 'degraded', tone: undefined, state: 'Unknown' };
  }
  return inUse
    ? { glyph: glyph ?? 'ok', tone: 'ready', state: 'In use' }
    : { glyph: glyph ?? 'stopped', tone: undefined, state: 'Kept' };
}

function originText({ origin, locked }: Installation): string {
  if (origin === 'registered') return 'Registered';
  return locked ? 'Locked list' : 'Package index';
}

/** What is registered lies with others, and its room is not counted; what is being made has no size yet. */
function sizeText({ origin, sizeBytes }: Installation, job: EngineJob | undefined): string {
  const coming = job && packageProgress(job)?.totalBytes;
  if (origin === 'registered') return '';
  if (sizeBytes > 0) return formatDisk(sizeBytes);
  return coming === undefined ? '' : formatDisk(coming);
}

function selfTestText({ state, testedAt }: Installation, job: EngineJob | undefined): string {
  const test = job?.phases.find(({ id }) => id === 'self-test');
  if (test?.state === 'running') return 'Running';
  if (test?.state === 'waiting') return 'Waiting';
  return testedAt && state !== 'broken' ? `Passed ${formatDate(testedAt)}` : '';
}

/** What the button of a row offers beside its menu. */
export function rowOffer(
  one: Installation,
  users: Users,
  sorted: readonly Installation[],
): 'roll-back' | 'remove' | undefined {
  const inUse = sorted.find((other) => other.inUse);
  if (!inUse || one.state !== 'ready' || !isOlder(one.version, inUse.version)) return undefined;
  const isNext = earlierThan(inUse, sorted) === one;
  return isNext || users.all.length > 0 ? 'roll-back' : 'remove';
}

/** The version before another one that can run. */
export function earlierThan(
  inUse: Installation,
  sorted: readonly Installation[],
): Installation | undefined {
  return sorted.find((one) => one.state === 'ready' && isOlder(one.version, inUse.version));
}
