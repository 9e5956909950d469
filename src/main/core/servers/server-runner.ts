import { randomUUID } from 'node:crypto';
import { access } from 'node:fs/promises';
import type { Cluster } from '@shared/domain/cluster';
import type { ServerProfile } from '@shared/domain/profile';
import type { PostMortem } from '@shared/domain/post-mortem';
import type { Server, ServerFailure } from '@shared/domain/server';
import {
  isActive,
  isServing,
  nextServerState,
  type ServerEvent,
  type ServerState,
} from '@shared/domain/server-state';
import { DomainError } from '@shared/errors';
import { sleep } from '../ports/clock';
import { type ClusterRuns, leftOnMachines } from './cluster/cluster-runs';
import type { Clock, Logger } from '../ports';
import { countConnections } from '../processes/port-owner';
import { EngineProcess } from './launch/engine-process';
import { describeServer } from './describe-server';
import { classifyExit, failureSignature } from './health/classify-exit';
import { watchForHang } from './health/hang-monitor';
import { buildLaunch, launchFingerprint } from './launch/launch';
import { maskArguments } from './launch/mask-arguments';
import { NONCE_VARIABLE, type OwnershipRecord, type OwnershipRecords } from './launch/ownership';
import { type EngineLog, proveReady } from './health/readiness';
import {
  decideRestart,
  type PastFailure,
  RESET_AFTER_READY_MS,
} from './supervision/restart-policy';
import { safeModeText } from '../engines/options/safe-mode';
import { toServerFailure } from '../failures/convert';
import { endText, hungEnd, neverBegan, type RunEnd, stuckFailure } from './health/run-end';
import { planRun } from './launch/run-plan';
import { describeExit } from './launch/exit';
import type { PlanSources, RunPlan } from './launch/plan';

/** One run's log with its number and its end. */
export interface RunLogHandle extends EngineLog {
  readonly run: number;
  end(ended: string, outcome: 'stopped' | 'failed'): Promise<void>;
  keepFailure(report: PostMortem): Promise<void>;
}

/** What every runner shares. */
export interface RunnerContext {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly sources: PlanSources;
  readonly records: OwnershipRecords;
  readonly profile: (id: string) => ServerProfile | undefined;
  /** Calls back when the machine has woken up; returns what ends it. */
  readonly onWake: (listener: () => void) => () => void;
  readonly openLog: (profileId: string) => Promise<RunLogHandle>;
  readonly resumeLog: (profileId: string, run: number) => Promise<RunLogHandle>;
  readonly clusters: ClusterRuns;
  readonly stopGraceMs: () => number;
  readonly baseEnv: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  readonly random: () => number;
  /** Takes the memory for a run where it has none: why not, where it does not fit. */
  readonly readmit: (
    profile: ServerProfile,
    how: { readonly safeMode: boolean },
  ) => Promise<ServerFailure | undefined>;
  readonly onChange: (runner: ServerRunner) => void;
}

/** A process under watch with what was decided for it. */
interface ActiveRun {
  readonly process: EngineProcess;
  readonly log: RunLogHandle;
  readonly record: OwnershipRecord;
  readonly plan: Pick<RunPlan, 'adapter' | 'modelPath'> & { readonly profile: ServerProfile };
}

/** How the end of a run went. */
interface Cleared {
  readonly gone: boolean;
  /** What is left on which machine, in a sentence. */
  readonly left: string | undefined;
}

/** Open streams get this long to end before SIGTERM (S7). */
const DRAIN_MS = 5000;
const DRAIN_POLL_MS = 50;
/** How often a stuck tree is looked for again. */
const STUCK_POLL_MS = 2000;
/** The same over the network, for machines that could not be reached. */
const UNPROVEN_POLL_MS = 15_000;

/**
 * Owns one profile's server. One activation runs at a time; stop aborts it and waits for its end, so a
 * start and a stop can never interleave, and every waiter is settled.
 */
export class ServerRunner {
  readonly profileId: string;
  readonly #context: RunnerContext;
  #state: ServerState = 'stopped';
  #since: number;
  #failure: ServerFailure | undefined;
  #retryAt: number | undefined;
  #progress: { phase: string; began: number } | undefined;
  #restarts = 0;
  #past: PastFailure[] = [];
  #run: ActiveRun | undefined;
  #readyAfterMs: number | undefined;
  #startedAt: number | undefined;
  #adopted = false;
  #modelMissing = false;
  #stop = new AbortController();
  #activation: Promise<void> = Promise.resolve();
  #spawnWaiters = new Set<() => void>();
  #leaving = false;
  #safeMode = false;

  constructor(profileId: string, context: RunnerContext) {
    this.profileId = profileId;
    this.#context = context;
    this.#since = context.clock.now();
  }

  get state(): ServerState {
    return this.#state;
  }

  /** Unix ms at which it entered its state. */
  get since(): number {
    return this.#since;
  }

  get active(): boolean {
    return isActive(this.#state);
  }

  /** A stop was asked for and is not over: a start must wait for its end. */
  get isEnding(): boolean {
    return this.#stop.signal.aborted && this.active && this.#state !== 'stuck';
  }

  /** The process under watch, for metrics. */
  get process(): EngineProcess | undefined {
    return this.#run?.process;
  }

  /** Id of the installation that the running process uses. */
  get installation(): string | undefined {
    return this.#run?.record.installation ?? undefined;
  }

  /** The ranks of the run under watch; undefined where it is one process, or none. */
  get ranks(): { readonly cluster: Cluster; readonly nonce: string } | undefined {
    const { cluster, nonce } = this.#run?.record ?? {};
    return cluster && nonce !== undefined ? { cluster, nonce } : undefined;
  }

  /**
   * Begins a start; a running or starting one is left as it is. In backoff the wait is cut short.
   * `safeMode`: until the next start it runs with what takes the least memory.
   */
  start({ safeMode }: { readonly safeMode: boolean } = { safeMode: false }): void {
    if (this.#state === 'backoff') {
      this.#safeMode ||= safeMode;
      this.#past = [];
      this.#skipBackoff?.();
      return;
    }
    if (this.active) return;
    this.#safeMode = safeMode;
    this.#failure = undefined;
    this.#past = [];
    this.#restarts = 0;
    this.#activate((signal) => this.#supervise(signal));
  }

  /** Takes over the process of an earlier manager; false when it is gone. */
  async adopt(record: OwnershipRecord): Promise<boolean> {
    const profile = this.#context.profile(this.profileId);
    if (!profile || !record.process) return false;
    const process_ = await EngineProcess.attach(record.process, this.#context.clock);
    if (!process_) return false;
    const log = await this.#context.resumeLog(this.profileId, record.run);
    log.note(`The manager was started again and took over process ${record.process.pid}.`);
    const cluster = record.cluster ?? null;
    const served = { ...profile, host: record.host, port: record.port, cluster };
    const adapter = this.#context.sources.adapterFor(served);
    this.#adopted = true;
    this.#safeMode = record.safeMode ?? false;
    this.#restarts = record.restarts;
    this.#startedAt = Date.parse(record.startedAt);
    this.#run = {
      process: process_,
      log,
      record,
      plan: { adapter, modelPath: record.modelPath, profile: served },
    };
    this.#apply('adopted');
    this.#activate((signal) => this.#supervise(signal, this.#run));
    return true;
  }

  /** Resolves when nothing of it is left; `stuck` when something survived SIGKILL. */
  async stop(): Promise<void> {
    if (this.#state === 'failed') this.#apply('stop');
    this.#failure = undefined;
    this.#stop.abort();
    await this.#activation;
    if (this.#state === 'stuck') await this.#stopStuck();
    this.#changed();
  }

  /** Ends watching without touching the process: the next manager adopts it. */
  async release(): Promise<void> {
    this.#leaving = true;
    this.#stop.abort();
    await this.#activation;
  }

  /** Resolves when no start, watch or stop is under way. */
  settled(): Promise<void> {
    return this.#activation;
  }

  /** Resolves at the next spawn, or when the start has failed or was stopped. */
  spawned(): Promise<void> {
    if (this.#run || !this.active) return Promise.resolve();
    return new Promise((resolve) => this.#spawnWaiters.add(resolve));
  }

  /** The server as views see it; metrics are added by the service. */
  describe(profile: ServerProfile): Server {
    const { sources, clock } = this.#context;
    const run = this.#run;
    return describeServer(profile, sources, {
      at: clock.now(),
      state: this.#state,
      since: this.#since,
      restarts: this.#restarts,
      pastFailures: this.#past.length,
      retryAt: this.#retryAt,
      failure: this.#failure,
      readyAfterMs: this.#readyAfterMs,
      running: run && {
        pid: run.process.identity.pid,
        record: run.record,
        startedAt: this.#startedAt,
        lastLine: run.log.lastLine(),
        adopted: this.#adopted,
        modelMissing: this.#modelMissing,
        safeMode: this.#safeMode,
      },
      progress: this.#progress && {
        phase: this.#progress.phase,
        ms: clock.monotonic() - this.#progress.began,
      },
    });
  }

  #activate(body: (signal: AbortSignal) => Promise<void>): void {
    this.#stop = new AbortController();
    const { signal } = this.#stop;
    this.#activation = body(signal)
      .catch((error: unknown) => this.#onUnexpected(error))
      .finally(() => this.#settleSpawnWaiters());
  }

  /** Start, watch, and start again by policy, until stopped or given up. */
  async #supervise(signal: AbortSignal, adopted?: ActiveRun): Promise<void> {
    let current = adopted;
    if (!current) this.#apply('start');
    while (!signal.aborted) {
      const end = current ? await this.#watch(current, signal) : await this.#runOnce(signal);
      current = undefined;
      if (end === undefined) return;
      if (!(await this.#decide(end, signal))) return;
    }
    // Stopped while waiting for the next try.
    if (isActive(this.#state)) this.#apply('stop');
  }

  /** One process from spawn to end; undefined when it was stopped. */
  async #runOnce(signal: AbortSignal): Promise<RunEnd | undefined> {
    const profile = this.#context.profile(this.profileId);
    if (!profile) throw new DomainError('not_found', 'The profile of this server was deleted.');
    const refused = await this.#context.readmit(profile, { safeMode: this.#safeMode });
    // Not the end: what holds the memory may be gone at the next try.
    if (refused && !signal.aborted) return { failure: refused, wasReady: false, cleanExit: false };
    const planned = await planRun(profile, this.#context.sources, { safeMode: this.#safeMode });
    if (signal.aborted) {
      this.#apply('stop');
      return undefined;
    }
    if (!planned.ok) return neverBegan(planned.failure);
    const changed = safeModeText(profile.options, planned.plan.profile.options);
    const run = await this.#spawn(planned.plan, changed);
    return 'failure' in run ? run : this.#watch(run, signal);
  }

  async #spawn(plan: RunPlan, lowered: string): Promise<ActiveRun | RunEnd> {
    const { clock, records } = this.#context;
    const log = await this.#context.openLog(this.profileId);
    const nonce = randomUUID();
    const single = buildLaunch({
      ...plan,
      baseEnv: { ...this.#context.baseEnv, [NONCE_VARIABLE]: nonce },
      cwd: this.#context.cwd,
    });
    const launch = await this.#context.clusters.prepare(plan, single, nonce);
    const record: OwnershipRecord = {
      profileId: this.profileId,
      run: log.run,
      installation: plan.installation?.id ?? null,
      modelPath: plan.modelPath,
      host: plan.profile.host,
      port: plan.profile.port,
      fingerprint: launchFingerprint(plan.profile, plan.installation?.id ?? null),
      startedAt: new Date(clock.now()).toISOString(),
      restarts: this.#restarts,
      nonce,
      argv: maskArguments([launch.file, ...launch.args]),
      ...(this.#safeMode ? { safeMode: true } : {}),
      ...(plan.profile.cluster ? { cluster: plan.profile.cluster } : {}),
    };
    await records.write(record);
    this.#progress = { phase: 'Starting the process', began: clock.monotonic() };
    this.#readyAfterMs = undefined;
    this.#modelMissing = false;
    this.#adopted = false;
    log.note(
      `Starting ${plan.installation ? `${plan.profile.engine} ${plan.installation.version}` : launch.file}: ${launch.args.join(' ')}`,
    );
    if (lowered !== '') log.note(`With less memory, for this run alone: ${lowered}.`);
    try {
      const process_ = await EngineProcess.spawn(launch, log.path, clock);
      const owned = { ...record, process: process_.identity };
      await records.write(owned);
      this.#startedAt = clock.now();
      this.#run = { process: process_, log, record: owned, plan };
      this.#apply('granted');
      this.#settleSpawnWaiters();
      return this.#run;
    } catch (error) {
      await records.remove(this.profileId);
      const reason = toServerFailure(error);
      await log.end(reason.message, 'failed');
      return neverBegan(reason);
    }
  }

  /** Watches a process until it ended, failed, hung or was stopped; then nothing of it is left. */
  async #watch(run: ActiveRun, signal: AbortSignal): Promise<RunEnd | undefined> {
    const end = await this.#watchUntilEnd(run, signal);
    if (this.#leaving) {
      await this.#context.records.write({ ...run.record, released: true });
      run.process.release();
      return undefined;
    }
    const { gone, left } = await this.#clear(run, end === undefined);
    const note = end ? end.failure.message : 'Stopped.';
    run.log.note(
      `${note} ${left ?? (gone ? 'No process of the tree is left.' : 'Part of the tree is still alive.')}`,
    );
    if (!gone) {
      this.#failure = stuckFailure(run.process, left);
      this.#apply('survived');
      return undefined;
    }
    if (end) await this.#keepFailure(run, end);
    await run.log.end(endText(run.process, end), end ? 'failed' : 'stopped');
    this.#run = undefined;
    if (end) return end;
    this.#apply('gone');
    return undefined;
  }

  /** For whoever looks later: what it was, with its evidence. */
  async #keepFailure({ log, record, process, plan }: ActiveRun, end: RunEnd): Promise<void> {
    const { sources, clock } = this.#context;
    const installation =
      record.installation === null ? undefined : sources.installation(record.installation);
    await log.keepFailure({
      run: log.run,
      time: new Date(clock.now()).toISOString(),
      failure: end.failure,
      engine: plan.profile.engine,
      ...(installation ? { version: installation.version } : {}),
      wasReady: end.wasReady,
      exit: process.exit ? describeExit(process.exit) : 'it was still alive, and was ended',
      argv: record.argv ?? [],
    });
  }

  async #watchUntilEnd(run: ActiveRun, signal: AbortSignal): Promise<RunEnd | undefined> {
    const { plan, process: process_, log } = run;
    const { clock } = this.#context;
    const began = process_.beganAt;
    const target = {
      adapter: plan.adapter,
      process: process_,
      log,
      host: plan.profile.host,
      port: plan.profile.port,
      modelPath: plan.modelPath,
      clock,
    };
    const ready = await proveReady({
      ...target,
      deadlineMs: plan.profile.loadDeadlineSeconds * 1000,
      signal,
      onPhase: (phase, loading) => this.#onPhase(phase, loading),
    });
    if (ready.kind === 'aborted' || signal.aborted) return undefined;
    if (ready.kind === 'failed')
      return { failure: ready.failure, wasReady: false, cleanExit: false };
    this.#readyAfterMs = clock.monotonic() - began;
    this.#failure = undefined;
    log.note(
      `Ready after ${(this.#readyAfterMs / 1000).toFixed(2)} s: port ${target.port} is held by process ${process_.identity.pid}, and it answered with a token.`,
    );
    this.#apply('proven');
    return this.#watchReady(run, target, signal);
  }

  async #watchReady(
    run: ActiveRun,
    target: Pick<ActiveRun, 'process' | 'log'> & {
      readonly adapter: RunPlan['adapter'];
      readonly host: string;
      readonly port: number;
      readonly modelPath: string;
      readonly clock: Clock;
    },
    signal: AbortSignal,
  ): Promise<RunEnd | undefined> {
    const { clock } = this.#context;
    const done = new AbortController();
    const watching = AbortSignal.any([signal, done.signal]);
    const readySince = clock.monotonic();
    const limitMs = run.plan.profile.hangLimitSeconds * 1000;
    await run.process.tree();
    try {
      const outcome = await Promise.race([
        run.process.exited,
        watchForHang({
          ...target,
          limitMs,
          signal: watching,
          onSuspect: (silentMs) => this.#suspect(run, silentMs),
          onWorkerLost: (pid) => this.#onWorkerLost(run, pid),
          onRecover: () => this.#apply('recovered'),
          onWake: this.#context.onWake,
          onLook: () => this.#checkModel(run),
        }),
      ]);
      if (signal.aborted) return undefined;
      if (clock.monotonic() - readySince >= RESET_AFTER_READY_MS) this.#past = [];
      if (outcome === 'hung') return hungEnd(limitMs);
      if (outcome === 'ended') return undefined;
      await run.log.flush();
      const { adapter } = run.plan;
      const lines = run.log.tail(400);
      const reason = classifyExit({
        ...{ adapter, lines, exit: outcome },
        wasReady: true,
        seconds: (clock.monotonic() - run.process.beganAt) / 1000,
      });
      const { code, signal: killedBy } = outcome;
      // A launcher ends with 0 when one of its ranks has died: its log tells.
      const isBrokenUp = adapter.findFailure?.(lines) !== undefined;
      const wasAsked = code === 0 || killedBy === 'SIGTERM' || killedBy === 'SIGINT';
      const cleanExit = wasAsked && !isBrokenUp;
      return { failure: reason, wasReady: true, cleanExit };
    } finally {
      done.abort();
    }
  }

  #suspect(run: ActiveRun, silentMs: number): void {
    run.log.note(
      `No progress for ${Math.round(silentMs / 1000)} s: no token, no CPU time, no log.`,
    );
    this.#apply('suspected');
  }

  #onWorkerLost(run: ActiveRun, pid?: number): void {
    const which = pid === undefined ? '' : ` ${pid}`;
    run.log.note(
      `The engine’s process${which}, which held the model, ended; a token is asked for.`,
    );
    if (this.#state === 'ready') this.#apply('suspected');
  }

  async #checkModel(run: ActiveRun): Promise<void> {
    if (run.plan.modelPath === '') return;
    const missing = await access(run.plan.modelPath).then(
      () => false,
      () => true,
    );
    if (missing === this.#modelMissing) return;
    this.#modelMissing = missing;
    run.log.note(
      missing ? `The model folder was deleted: ${run.plan.modelPath}` : 'The model folder is back.',
    );
    this.#changed();
  }

  #onPhase(phase: string, loading: boolean): void {
    if (!this.#progress || (this.#state !== 'starting' && this.#state !== 'loading')) return;
    const moved = loading && this.#state === 'starting';
    if (!moved && this.#progress.phase === phase) return;
    this.#progress = { ...this.#progress, phase };
    if (moved) this.#apply('spawned');
    else this.#changed();
  }

  /** Ends what is left of a run's tree, on every machine that it was on. */
  async #clear(run: ActiveRun, byUser: boolean): Promise<Cleared> {
    if (byUser) {
      if (isServing(this.#state)) await this.#drain(run);
      this.#apply('stop');
    }
    const cleared = await this.#endRun(run, byUser ? this.#context.stopGraceMs() : 2000);
    if (cleared.gone) await this.#context.records.remove(this.profileId);
    return cleared;
  }

  /** The launcher of a cluster leaves its ranks running, so each machine is asked for itself. */
  async #endRun({ process, record }: ActiveRun, graceMs: number): Promise<Cleared> {
    const { cluster, nonce } = record;
    const [outcome, ends] = await Promise.all([
      process.stop(graceMs, record.port),
      cluster ? this.#context.clusters.end(cluster, nonce, graceMs) : [],
    ]);
    const left = leftOnMachines(ends);
    return { gone: outcome.gone && left === undefined, left };
  }

  /** Where an open connection is an open request (HTTP/1.0), those get a moment to end. */
  async #drain(run: ActiveRun): Promise<void> {
    if (run.plan.adapter.http !== '1.0') return;
    const { clock } = this.#context;
    const { pid } = run.process.identity;
    const deadline = clock.monotonic() + DRAIN_MS;
    while (clock.monotonic() < deadline && !run.process.exit) {
      const open = await countConnections(run.record.port, pid);
      if (open === 0) return;
      if (this.#state !== 'draining') this.#apply('drain');
      await sleep(clock, DRAIN_POLL_MS);
    }
  }

  /** After a run ended by itself: true when the next try is due. */
  async #decide(end: RunEnd, signal: AbortSignal): Promise<boolean> {
    const { clock, logger } = this.#context;
    const profile = this.#context.profile(this.profileId);
    const now = {
      at: clock.monotonic(),
      code: end.failure.code,
      signature: failureSignature(end.failure),
      whileLoading: !end.wasReady,
    };
    const decision = end.final
      ? ({ kind: 'failed', why: 'It could not be started.' } as const)
      : decideRestart(
          profile?.restart ?? 'never',
          { ...now, wasReady: end.wasReady, cleanExit: end.cleanExit },
          this.#past,
          this.#context.random(),
        );
    this.#past = [...this.#past, now];
    logger.warn(`${profile?.name ?? this.profileId}: ${end.failure.message}`, {
      decision: decision.kind,
    });
    if (decision.kind === 'stopped') {
      this.#apply('gone');
      return false;
    }
    if (decision.kind === 'failed') {
      const evidence = [...end.failure.evidence, { label: 'Decision', text: decision.why }];
      this.#failure = { ...end.failure, evidence };
      this.#apply('fail');
      return false;
    }
    this.#failure = end.failure;
    this.#retryAt = clock.now() + decision.delayMs;
    this.#apply('retryLater');
    await this.#waitBackoff(decision.delayMs, signal);
    if (signal.aborted) return true;
    this.#restarts += 1;
    this.#apply('retry');
    return true;
  }

  #skipBackoff: (() => void) | undefined;

  async #waitBackoff(ms: number, signal: AbortSignal): Promise<void> {
    const skip = new AbortController();
    this.#skipBackoff = () => skip.abort();
    await sleep(this.#context.clock, ms, AbortSignal.any([signal, skip.signal]));
    this.#skipBackoff = undefined;
  }

  /** A new try at a tree that survived SIGKILL. */
  async #stopStuck(): Promise<void> {
    const run = this.#run;
    if (!run) return;
    this.#apply('stop');
    const { gone, left } = await this.#endRun(run, this.#context.stopGraceMs());
    if (!gone) {
      this.#failure = stuckFailure(run.process, left);
      this.#apply('survived');
      return;
    }
    await this.#settleGone(run);
  }

  async #settleGone(run: ActiveRun): Promise<void> {
    await this.#context.records.remove(this.profileId);
    await run.log.end('stopped', 'stopped');
    this.#run = undefined;
    this.#apply('gone');
  }

  /** Looks from time to time whether a stuck tree has gone after all. */
  async watchStuck(): Promise<void> {
    while (this.#state === 'stuck' && this.#run) {
      await sleep(this.#context.clock, this.#run.record.cluster ? UNPROVEN_POLL_MS : STUCK_POLL_MS);
      const run = this.#run;
      if (this.#state !== 'stuck' || !run) return;
      if ((await run.process.tree()).length > 0) continue;
      // A machine that could not be reached may answer now.
      const isGone = run.record.cluster === undefined || (await this.#endRun(run, 0)).gone;
      if (isGone && this.#state === 'stuck') await this.#settleGone(run);
    }
  }

  #apply(event: ServerEvent): void {
    const next = nextServerState(this.#state, event);
    if (next === undefined) {
      throw new Error(`A server cannot ${event} while it is ${this.#state}.`);
    }
    this.#state = next;
    this.#since = this.#context.clock.now();
    if (next === 'stuck') void this.watchStuck();
    this.#changed();
  }

  #changed(): void {
    this.#context.onChange(this);
  }

  #settleSpawnWaiters(): void {
    for (const settle of this.#spawnWaiters) settle();
    this.#spawnWaiters.clear();
  }

  /** A defect of ours must not leave a server in a state that says otherwise than the truth. */
  async #onUnexpected(error: unknown): Promise<void> {
    this.#context.logger.error('Supervision failed', {
      profileId: this.profileId,
      error: error instanceof Error ? (error.stack ?? error.message) : String(error),
    });
    const run = this.#run;
    if (run) {
      await this.#endRun(run, this.#context.stopGraceMs());
      await this.#context.records.remove(this.profileId);
      await run.log.end('supervision failed', 'failed');
      this.#run = undefined;
    }
    this.#failure = toServerFailure(error);
    this.#state = 'failed';
    this.#since = this.#context.clock.now();
    this.#changed();
  }
}
