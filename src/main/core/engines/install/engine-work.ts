import path from 'node:path';

import type { Installation, InstallationCheck, SelfTestResult } from '@shared/domain/engine';
import { mendAction } from '@shared/domain/mend-installation';
import { DomainError } from '@shared/errors';
import { makeAction } from '@shared/errors/action';

import type { EngineAdapter } from '../adapters/adapter';
import type { CheckDepth } from '../checks/installation-checks';
import type { JobRun } from './engine-job';
import type { EnginePackages } from './engine-packages';
import type { EngineStore, StoredInstallation } from './engine-store';
import { readHelp } from './inspect-engine';
import type { OwnedTool, ToolPurpose } from '../tools/owned-tools';
import { type RunTool, throwIfCancelled } from '../tools/tool-runner';
import type { Uv } from './uv';

/** What a self-test is run with. */
export interface SelfTestCall {
  readonly onLine: (text: string) => void;
  readonly signal: AbortSignal;
  /** Puts its server on record, which carries this mark. */
  readonly own: (mark: OwnedTool['mark']) => Promise<OwnedTool>;
}

/** What the jobs of one engine work with. */
export interface EngineWork {
  readonly adapter: EngineAdapter;
  readonly uv: Uv;
  readonly packages: () => Promise<EnginePackages>;
  readonly store: EngineStore;
  readonly env: Readonly<Record<string, string>>;
  readonly run: RunTool;
  readonly enginesFolder: string;
  readonly cacheFolder: string;
  /** ISO time. */
  readonly now: () => string;
  /** Serves the built-in model with it and asks for tokens; rejects only when that cannot be tried. */
  readonly selfTest: (installation: Installation, call: SelfTestCall) => Promise<SelfTestResult>;
  /** This process, as it stands beside what it is installing. */
  readonly manager: () => Promise<NonNullable<StoredInstallation['installer']>>;
  /** Puts what is about to be started on record. */
  readonly own: (purpose: ToolPurpose) => Promise<OwnedTool>;
  readonly show: (id: string) => Installation;
  readonly check: (
    id: string,
    depth: CheckDepth,
    signal?: AbortSignal,
  ) => Promise<InstallationCheck>;
  /** What was known of it does not hold any more: it was proven to run, or it is another one now. */
  readonly forgetCheck: (id: string) => void;
  /** Files of its packages that are not there now, from `site-packages`. */
  readonly absentFiles: (stored: StoredInstallation) => Promise<string[]>;
  /** Names of the servers that run with it and of the profiles that are pinned to it. */
  readonly usedBy: (id: string) => {
    readonly running: readonly string[];
    readonly pinned: readonly string[];
  };
  /** Deletes it with its folder; what cannot be deleted stays in the list and says why. */
  readonly discard: (stored: StoredInstallation) => Promise<void>;
  readonly changed: () => Promise<void>;
}

/** The program that is run to serve. */
export function programOf(
  { command, bin }: Pick<StoredInstallation, 'command' | 'bin'>,
  { executable }: EngineAdapter,
): string {
  return command ?? path.join(bin, executable);
}

/** Removes what a failed job had begun. */
export async function discard(work: EngineWork, id: string): Promise<void> {
  const stored = work.store.get(id);
  if (stored) await work.discard(stored);
  await work.changed();
}

/** Reads the program's options and stores them. */
export async function storeHelp(work: EngineWork, id: string, signal: AbortSignal): Promise<void> {
  const program = programOf(find(work, id), work.adapter);
  const help = await readHelp(program, work.adapter.helpArgs, { ...work, signal });
  await work.store.put({ ...find(work, id), help });
}

/** Runs the self-test and stores what it showed. */
export async function testStored(
  work: EngineWork,
  job: JobRun,
  id: string,
): Promise<SelfTestResult> {
  const { origin, path: folder } = find(work, id);
  const result = await work.selfTest(work.show(id), {
    onLine: job.line,
    signal: job.signal,
    own: (mark) =>
      work.own({
        what: 'self-test',
        job: job.job.id,
        mark,
        ...(origin === 'managed' ? { folder } : {}),
      }),
  });
  throwIfCancelled(job.signal);
  if (result.passed) await storePassed(work, id);
  else await storeFailed(work, id, result.problem ?? 'no reason given');
  return result;
}

async function storePassed(work: EngineWork, id: string): Promise<void> {
  const absentFiles = await work.absentFiles(find(work, id));
  const { problem: _problem, installer: _installer, failedRun: _run, ...rest } = find(work, id);
  await work.store.put({ ...rest, state: 'ready', testedAt: work.now(), absentFiles });
  work.forgetCheck(id);
  await work.changed();
}

async function storeFailed(work: EngineWork, id: string, reason: string): Promise<void> {
  const { installer: _installer, ...rest } = find(work, id);
  const problem = `Its self-test failed: ${reason}`;
  await work.store.put({ ...rest, state: 'broken', testedAt: work.now(), problem });
  await work.changed();
}

/** A failed self-test as an error. */
export function refuseFailed(result: SelfTestResult): void {
  if (result.passed) return;
  const reason = result.problem ?? 'no reason given';
  throw new DomainError('engine_broken', `The self-test failed: ${reason}`, {
    action: makeAction('retry'),
    data: { output: result.output },
  });
}

/**
 * Tests an installation that is there; its help is read again, for it may have changed. One whose program cannot
 * be loaded is not tested: that is known without.
 */
export function testWork(work: EngineWork, id: string): (job: JobRun) => Promise<SelfTestResult> {
  return async (job) => {
    job.about({ installationId: id });
    refuseBroken(await work.check(id, 'program'), find(work, id));
    try {
      await job.phase('options', () => storeHelp(work, id, job.signal));
      return await job.phase('self-test', () => testStored(work, job, id));
    } catch (error) {
      throwIfCancelled(job.signal);
      if (!(error instanceof DomainError)) throw error;
      await storeFailed(work, id, error.message);
      throw error;
    }
  };
}

/** @throws DomainError engine_broken with what mends it. */
export function refuseBroken(check: InstallationCheck, stored: StoredInstallation): void {
  if (check.state !== 'cannot-run') return;
  throw new DomainError('engine_broken', check.reason, { action: mendAction(stored) });
}

/** @throws DomainError `not_found` when it was removed while a job was at work on it. */
export function find({ store }: EngineWork, id: string): StoredInstallation {
  const stored = store.get(id);
  if (!stored) throw new DomainError('not_found', `The installation ${id} has since been removed.`);
  return stored;
}
