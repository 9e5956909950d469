import type { ServerProfile } from '@shared/domain/profile';
import type { Logger } from '../ports';
import type { Processes, Seen } from '../ports/processes';
import { known } from '../processes/seen';
import { stuckFailure } from './health/run-end';
import { NONCE_VARIABLE, type OwnershipRecord } from './launch/ownership';
import type { PlanSources } from './launch/plan';
import type { Outcome } from './launch/outcome-records';
import type { ProcessIdentity, ProcessLauncher, ServerProcess } from './launch/server-process';
import type { ServerRunner } from './server-runner';
import { type RunContext, type RunLogHandle, ServerRun } from './supervision/server-run';

export interface AdoptContext {
  readonly processes: Processes;
  readonly launcher: ProcessLauncher;
  readonly sources: PlanSources;
  readonly logger: Logger;
  readonly profile: (id: string) => ServerProfile | undefined;
  readonly resumeLog: (profileId: string, run: number) => Promise<RunLogHandle>;
  readonly context: RunContext;
}

/**
 * Goes on with what an earlier manager wrote down: its process is taken over where it is the same one and its
 * profile is still there; what else it left is ended, with proof; and where neither can be told, the server is held
 * back, its record kept, and the question asked again.
 */
export async function adoptRecord(
  record: OwnershipRecord,
  outcome: Outcome | undefined,
  runner: ServerRunner,
  options: AdoptContext,
): Promise<void> {
  const { logger, launcher } = options;
  const { profileId, nonce } = record;
  const findProcess = (): Promise<Seen<ServerProcess | undefined>> => findLeft(record, options);
  const found = await findProcess();
  const profile = options.profile(profileId);
  if (found.known && found.value && profile) {
    runner.adopt(await standFor(record, found.value, profile, options), outcome);
    return;
  }
  const process =
    found.known && found.value ? found.value : launcher.ended(identityOf(record), nonce);
  const run = await standFor(
    record,
    process,
    profile,
    options,
    found.known ? undefined : findProcess,
  );
  if (!found.known) {
    logger.error(`Can't tell whether a server from an earlier run is still running`, {
      profileId,
      reason: found.reason,
    });
    runner.holdBack(run, stuckFailure(process, found));
    return;
  }
  await runner.clear(run);
  logger.info(`The server of profile ${profileId} had ended while no manager was running`);
}

/** The process of a record, also of one that was cut off between the spawn and its identity: then by its nonce. */
async function findLeft(
  { process, nonce }: OwnershipRecord,
  { processes, launcher }: AdoptContext,
): Promise<Seen<ServerProcess | undefined>> {
  // Without a start time its number proves nothing.
  if (process && process.startTime !== '') return launcher.attach(process, nonce);
  const carriers = await processes.carrying(NONCE_VARIABLE, nonce);
  if (!carriers.known) return carriers;
  // The one whose parent is not among them is the root of the tree.
  const pids = new Set(carriers.value.map(({ pid }) => pid));
  const root = carriers.value.find(({ ppid, state }) => !pids.has(ppid) && state !== 'Z');
  return root ? launcher.attach(root, nonce) : known(undefined);
}

/** A run as it was before, under watch from now on. */
async function standFor(
  record: OwnershipRecord,
  process: ServerProcess,
  profile: ServerProfile | undefined,
  { sources, resumeLog, context }: AdoptContext,
  findProcess?: () => Promise<Seen<ServerProcess | undefined>>,
): Promise<ServerRun> {
  const log = profile ? await resumeLog(record.profileId, record.run) : NO_LOG;
  if (profile && process.exit === undefined)
    log.note(`MLX Manager restarted and took over process ${process.identity.pid}.`);
  const cluster = record.cluster ?? null;
  const served = { ...(profile ?? DELETED), host: record.host, port: record.port, cluster };
  const adapter = sources.adapterFor(served);
  const kept = { ...record, process: process.identity };
  delete kept.released;
  return new ServerRun(
    { process, log, record: kept, adapter, profile: served, adopted: true, findProcess },
    context,
  );
}

/** Of a record without one: no process has this number, so that nothing is taken for it. */
function identityOf({ process, argv }: OwnershipRecord): ProcessIdentity {
  return process ?? { pid: 0, pgid: 0, startTime: '', command: argv?.join(' ') ?? '' };
}

/** What is needed of a profile that was deleted, to end its server. */
const DELETED = {
  id: '',
  engine: 'mlx-lm',
  custom: null,
  loadDeadlineSeconds: 0,
  hangLimitSeconds: 0,
} as const;

/** The logs of a deleted profile are gone with it. */
const NO_LOG: RunLogHandle = {
  run: 0,
  path: '',
  note: () => undefined,
  onLines: () => () => undefined,
  tail: () => [],
  lastLine: () => undefined,
  flush: async () => undefined,
  end: async () => undefined,
  keepFailure: async () => undefined,
};
