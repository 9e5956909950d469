import { randomUUID } from 'node:crypto';
import type { ServerProfile } from '@shared/domain/profile';
import { maskArguments, secretsOf } from '@shared/domain/secret';
import type { ServerFailure } from '@shared/domain/server';
import { safeModeText } from '../../engines/options/safe-mode';
import { toServerFailure } from '../../failures/convert';
import { profileGone } from '../../failures/run-failures';
import { buildLaunch, type Launch, launchFingerprint } from '../launch/launch';
import { NONCE_VARIABLE, type OwnershipRecord } from '../launch/ownership';
import type { PlanResult, RunPlan } from '../launch/plan';
import type { ProcessLauncher, ServerProcess } from '../launch/server-process';
import { type RunContext, type RunLogHandle, ServerRun } from './server-run';

/** What a new run needs beside what every run needs. */
export interface PrepareContext extends RunContext {
  readonly launcher: ProcessLauncher;
  readonly profile: (id: string) => ServerProfile | undefined;
  /** Gathers a run, or says at once why it cannot work. */
  readonly plan: (
    profile: ServerProfile,
    how: { readonly safeMode: boolean },
  ) => Promise<PlanResult>;
  readonly openLog: (profileId: string) => Promise<RunLogHandle>;
  readonly baseEnv: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  /** Takes the memory for a run where it has none: why not, where it does not fit. */
  readonly readmit: (
    profile: ServerProfile,
    how: { readonly safeMode: boolean },
  ) => Promise<ServerFailure | undefined>;
}

export type Prepared =
  | { readonly type: 'spawned'; readonly made: ServerRun; readonly unrecorded?: ServerFailure }
  | { readonly type: 'refused'; readonly failure: ServerFailure }
  | { readonly type: 'unstartable'; readonly failure: ServerFailure }
  | { readonly type: 'cancelled' };

/**
 * From a profile to a process: memory, plan, record, spawn, in this order. The record is on the disk before the
 * process exists, so that whoever dies in between leaves a trace by which it is found.
 */
export async function prepareRun(
  profileId: string,
  how: { readonly safeMode: boolean; readonly restarts: number },
  context: PrepareContext,
  signal: AbortSignal,
): Promise<Prepared> {
  const profile = context.profile(profileId);
  if (!profile) return unstartable(profileGone());
  const refused = await context.readmit(profile, how);
  if (signal.aborted) return { type: 'cancelled' };
  // Not the end: what holds the memory may be gone at the next try.
  if (refused) return { type: 'refused', failure: refused };
  const planned = await context.plan(profile, how);
  if (signal.aborted) return { type: 'cancelled' };
  if (!planned.ok) return unstartable(planned.failure);
  return spawnRun(profile, planned.plan, how, context);
}

const unstartable = (failure: ServerFailure): Prepared => ({ type: 'unstartable', failure });

async function spawnRun(
  profile: ServerProfile,
  plan: RunPlan,
  how: { readonly safeMode: boolean; readonly restarts: number },
  context: PrepareContext,
): Promise<Prepared> {
  const { records, launcher } = context;
  const log = await context.openLog(profile.id);
  const nonce = randomUUID();
  const single = buildLaunch({
    ...plan,
    baseEnv: { ...context.baseEnv, [NONCE_VARIABLE]: nonce },
    cwd: context.cwd,
  });
  try {
    const launch = await context.clusters.prepare(plan, single, nonce);
    const record = recordOf(plan, launch, {
      ...how,
      nonce,
      run: log.run,
      now: context.clock.now(),
    });
    await records.write(record);
    noteStart(log, plan, launch, safeModeText(profile.options, plan.profile.options));
    const process = await launcher.spawn(launch, { logPath: log.path, nonce });
    return await recordProcess(process, record, { log, plan, context });
  } catch (error) {
    await records.remove(profile.id);
    const failure = toServerFailure(error);
    await log.end(failure.message, 'failed');
    return unstartable(failure);
  }
}

/** From here on a process exists: whatever fails, it is handed on, never forgotten. */
async function recordProcess(
  process: ServerProcess,
  record: OwnershipRecord,
  {
    log,
    plan,
    context,
  }: { readonly log: RunLogHandle; readonly plan: RunPlan; readonly context: PrepareContext },
): Promise<Prepared> {
  const owned = { ...record, process: process.identity };
  const { adapter, profile } = plan;
  const made = new ServerRun(
    { process, log, record: owned, adapter, profile, adopted: false },
    context,
  );
  try {
    await context.records.write(owned);
    return { type: 'spawned', made };
  } catch (error) {
    return { type: 'spawned', made, unrecorded: toServerFailure(error) };
  }
}

function recordOf(
  { profile, installation, modelPath, modelKind }: RunPlan,
  launch: Launch,
  {
    safeMode,
    restarts,
    nonce,
    run,
    now,
  }: {
    readonly safeMode: boolean;
    readonly restarts: number;
    readonly nonce: string;
    readonly run: number;
    readonly now: number;
  },
): OwnershipRecord {
  return {
    profileId: profile.id,
    run,
    installation: installation?.id ?? null,
    modelPath,
    ...(modelKind === undefined ? {} : { modelKind }),
    host: profile.host,
    port: profile.port,
    fingerprint: launchFingerprint(profile, installation?.id ?? null),
    startedAt: new Date(now).toISOString(),
    restarts,
    nonce,
    argv: maskArguments([launch.file, ...launch.args], secretsOf(profile)),
    ...(safeMode ? { safeMode: true } : {}),
    ...(profile.cluster ? { cluster: profile.cluster } : {}),
  };
}

function noteStart(log: RunLogHandle, plan: RunPlan, launch: Launch, lowered: string): void {
  const { installation, profile } = plan;
  const program = installation ? `${profile.engine} ${installation.version}` : launch.file;
  const args = maskArguments([launch.file, ...launch.args], secretsOf(profile)).slice(1);
  log.note(`Starting ${program}: ${args.join(' ')}`);
  if (lowered !== '') log.note(`With less memory, for this run only: ${lowered}.`);
}
