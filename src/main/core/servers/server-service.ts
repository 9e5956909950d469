import type { HostCheck, Rank } from '@shared/domain/cluster';
import type { ServerSample } from '@shared/domain/metrics';
import type { ServerProfile } from '@shared/domain/profile';
import type { Server } from '@shared/domain/server';
import { hasProcess, isActive, isServing } from '@shared/domain/server-state';
import { DomainError } from '@shared/errors';
import type { RunningServer } from '../memory/admission';
import type { ProcessInfo } from '../ports/processes';
import type { Deadline } from '../ports/deadline';
import { adoptRecord } from './adopt-record';
import { watchForHang } from './health/hang-monitor';
import { dialHost } from './health/http-probe';
import { proveReady } from './health/readiness';
import { type Question, sendTestRequest } from './health/test-request';
import type { OutcomeRecords } from './launch/outcome-records';
import type { OwnershipRecords } from './launch/ownership';
import type { PlanSources } from './launch/plan';
import { checkProfileHosts, planRun } from './launch/run-plan';
import { type RunnerContext, ServerRunner } from './server-runner';
import type { StartGate } from './start-gate';
import { StartGuard } from './start-guard';
import type { RunLogHandle } from './supervision/server-run';

export interface ServerServiceOptions
  extends Omit<
    RunnerContext,
    'onChange' | 'onWake' | 'readmit' | 'releaseMemory' | 'health' | 'plan' | 'drainMs'
  > {
  readonly sources: PlanSources;
  readonly records: OwnershipRecords;
  readonly outcomes: OutcomeRecords;
  readonly profiles: () => readonly ServerProfile[];
  readonly resumeLog: (profileId: string, run: number) => Promise<RunLogHandle>;
  readonly gate: StartGate;
  /** Bytes that a profile needs; undefined where unknown. */
  readonly needsOf: (profileId: string) => number | undefined;
  readonly sampleOf: (profileId: string) => ServerSample | undefined;
  readonly publish: (server: Server) => void;
}

export interface StartOptions {
  /** With what takes the least memory. */
  readonly safeMode?: boolean;
  /** Also when it does not fit. */
  readonly force?: boolean;
  /** It ran before: a model that was forced then is so still. */
  readonly again?: boolean;
  /** Ids of the profiles whose servers are stopped first. */
  readonly stopFirst?: readonly string[];
}

/** What a server gets on quit at most. */
const QUIT_GRACE_MS = 8000;
/** What is kept of a quit's time for SIGKILL and the proof that nothing is left. */
const KILL_MS = 2000;
/** Open streams get this long to end before SIGTERM, and in a quit a little less. */
const DRAIN_MS = 5000;
const QUIT_DRAIN_MS = 2000;

/** All servers: one runner per profile, made when it is first needed. */
export class ServerService {
  readonly #options: ServerServiceOptions;
  readonly #context: RunnerContext;
  readonly #runners = new Map<string, ServerRunner>();
  readonly #wakers = new Set<() => void>();
  readonly #guard: StartGuard;
  /** Profiles whose start was forced; a start that is not ends it. */
  readonly #forced = new Set<string>();
  #quit: Deadline | undefined;
  /** The servers were left to the next manager, and are no longer ours to stop. */
  #areLeft = false;

  constructor(options: ServerServiceOptions) {
    this.#options = options;
    this.#guard = new StartGuard({
      ...options,
      stop: (profileId) => this.stop(profileId),
      refused: (profileId) => this.#publish(profileId),
    });
    this.#context = {
      ...options,
      stopGraceMs: () => this.#bounded(options.stopGraceMs(), QUIT_GRACE_MS),
      drainMs: () => this.#bounded(DRAIN_MS, QUIT_DRAIN_MS),
      health: { proveReady, watchForHang },
      plan: (profile, how) =>
        planRun(profile, options.sources, { ...how, force: this.#forced.has(profile.id) }),
      readmit: (profile, how) => this.#guard.readmit(profile, how),
      releaseMemory: (profileId) => options.gate.release(profileId),
      onChange: ({ profileId }) => this.#publish(profileId),
      onWake: (listener) => {
        this.#wakers.add(listener);
        return () => this.#wakers.delete(listener);
      },
    };
  }

  /** The machine has woken up: every server is asked whether it still answers. */
  resumed(): void {
    for (const wake of [...this.#wakers]) wake();
  }

  list(): Server[] {
    return this.#options.profiles().map((profile) => this.#describe(profile));
  }

  get(profileId: string): Server {
    return this.#describe(this.#profile(profileId));
  }

  /** Where a server answers now, and the number of its run; undefined while it does not. */
  addressOf(profileId: string): { host: string; port: number; run: number } | undefined {
    const profile = this.#options.profile(profileId);
    const runner = this.#runners.get(profileId);
    if (!profile || !runner || !isServing(runner.state)) return undefined;
    const { port, runNumber: run } = runner;
    return port === undefined ? undefined : { host: dialHost(profile.host), port, run };
  }

  isActive(profileId: string): boolean {
    return this.#runners.get(profileId)?.active ?? false;
  }

  /** Names of profiles whose running process uses the installation. */
  usersOf(installationId: string): string[] {
    return this.#options
      .profiles()
      .filter((profile) => this.#runners.get(profile.id)?.installation === installationId)
      .map((profile) => profile.name);
  }

  /** Servers that have a process, or are about to, with what was last measured of their trees. */
  running(): RunningServer[] {
    return this.#options.profiles().flatMap(({ id, name }) => {
      const runner = this.#runners.get(id);
      if (!runner || !(hasProcess(runner.state) || runner.state === 'queued')) return [];
      const measured = this.#options.sampleOf(id)?.memoryBytes;
      const since = new Date(runner.since).toISOString();
      return [{ profileId: id, name, state: runner.state, since, measured }];
    });
  }

  /** Trees under watch, for metrics. */
  targets(): {
    profileId: string;
    port: number;
    treeOf: (table: readonly ProcessInfo[]) => readonly ProcessInfo[];
  }[] {
    return [...this.#runners.values()].flatMap(({ profileId, process, port }) =>
      process && port !== undefined
        ? [{ profileId, port, treeOf: (table) => process.treeIn(table) }]
        : [],
    );
  }

  /**
   * Returns when the start is under way; two starts of a profile are one.
   * @throws DomainError does_not_fit: nothing was started and nothing was stopped.
   */
  async start(profileId: string, how: StartOptions = {}): Promise<Server> {
    const { safeMode = false, force = false, stopFirst = [] } = how;
    const profile = this.#profile(profileId);
    if (this.#quit) throw new DomainError('quitting', 'The manager is quitting.');
    const runner = this.#runner(profile.id);
    if (runner.isEnding) await runner.settled();
    if (runner.state === 'stuck') {
      throw new DomainError(
        'in_use',
        `${profile.name} can't start because its last process is stuck.`,
      );
    }
    if (runner.active && runner.state !== 'backoff') return this.get(profileId);
    const others = [...new Set(stopFirst)].filter((id) => id !== profileId);
    const named = others.map((id) => this.#profile(id));
    await this.#guard.admit(profile, { safeMode, force, stopFirst: named });
    if (this.#quit) {
      this.#options.gate.release(profileId);
      throw new DomainError('quitting', 'The manager is quitting.');
    }
    if (force) this.#forced.add(profileId);
    else if (!how.again) this.#forced.delete(profileId);
    runner.start({ safeMode });
    return this.get(profileId);
  }

  /** Returns when it is proven stopped. @throws DomainError not_answering when something survived. */
  async stop(profileId: string): Promise<Server> {
    const profile = this.#profile(profileId);
    const runner = this.#runners.get(profileId);
    if (!runner || runner.state === 'stopped') return this.#describe(profile);
    await runner.stop();
    const server = this.get(profileId);
    if (server.state === 'stuck' && server.failure) {
      throw new DomainError(server.failure.code, server.failure.message, { data: server });
    }
    return server;
  }

  /**
   * Returns when the new process is spawned, or when the start has failed.
   * @throws DomainError does_not_fit: the old one runs on.
   */
  async restart(profileId: string, { force = false } = {}): Promise<Server> {
    const profile = this.#profile(profileId);
    if (!force && this.isActive(profileId)) {
      await this.#options.gate.check(profile, { without: [profileId] });
    }
    await this.stop(profileId);
    await this.start(profileId, { force, again: true });
    await this.#runner(profileId).spawned();
    return this.get(profileId);
  }

  /** All at once; resolves when each is stopped or stuck. */
  async stopAll(): Promise<Server[]> {
    await Promise.all([...this.#runners.values()].map((runner) => runner.stop()));
    return this.list();
  }

  /** What is found on every machine of a profile that runs over several. */
  async checkHosts(profileId: string): Promise<HostCheck[]> {
    return checkProfileHosts(this.#profile(profileId), this.#options.sources);
  }

  /** Each rank of a running server, with the memory that it uses on its machine. */
  async ranks(profileId: string): Promise<Rank[]> {
    this.#profile(profileId);
    const run = this.#runners.get(profileId)?.ranks;
    return run ? this.#options.clusters.measure(run.cluster, run.nonce) : [];
  }

  async test(profileId: string, question?: Question): ReturnType<typeof sendTestRequest> {
    const profile = this.#profile(profileId);
    const kind = this.#runners.get(profileId)?.modelKind;
    return sendTestRequest(this.get(profileId), profile.host, this.#options.clock, {
      question,
      kind,
    });
  }

  /** A profile is gone: its server too. */
  async forget(profileId: string): Promise<void> {
    await this.#runners.get(profileId)?.stop();
    this.#runners.delete(profileId);
    this.#guard.forget(profileId);
  }

  /** Tells views again, e.g. because the profile's name or settings changed. */
  refresh(): void {
    for (const profile of this.#options.profiles()) this.#options.publish(this.#describe(profile));
  }

  /**
   * Takes over or ends what an earlier manager left; nothing is found by port or by name. Gives the ids of
   * the profiles whose servers ran when the machine went down without warning.
   * @throws the system's error when it cannot be told what was left.
   */
  async adoptAll(): Promise<string[]> {
    const { records, outcomes } = this.#options;
    const left = await records.readAll();
    const crashed = await records.ofCrashedMachine(left);
    const ended = new Map((await outcomes.readAll()).map((one) => [one.profileId, one]));
    const context = { ...this.#options, context: this.#context };
    await Promise.all(
      left.map(async (record) => {
        const runner = this.#runner(record.profileId);
        await adoptRecord(record, ended.get(record.profileId), runner, context);
      }),
    );
    for (const [profileId, outcome] of ended) {
      if (this.#options.profile(profileId)) this.#runner(profileId).restore(outcome);
      else await outcomes.remove(profileId);
    }
    return crashed.map((record) => record.profileId);
  }

  /** A person has read what happened to a server. */
  acknowledge(profileId: string): Server {
    const profile = this.#profile(profileId);
    this.#runner(profileId).acknowledge();
    return this.#describe(profile);
  }

  /**
   * The manager is quitting: stops every server by the deadline, or leaves them to the next manager.
   * Rejects when it cannot be said of every server that it is gone.
   */
  async quit(servers: 'stop' | 'leave-running', deadline: Deadline): Promise<void> {
    this.#quit = deadline;
    if (this.#areLeft) return;
    this.#areLeft = servers === 'leave-running';
    // One that has failed keeps its reason for the next manager.
    await Promise.all(
      [...this.#runners.values()].map((runner) => {
        if (!runner.active) return runner.remembered();
        return servers === 'stop' ? runner.stop() : runner.release();
      }),
    );
    const left = servers === 'stop' ? this.list().filter(({ state }) => hasProcess(state)) : [];
    if (left.length > 0) {
      throw new Error(`May still be running: ${left.map(({ name }) => name).join(', ')}`);
    }
  }

  /** A limit of a stop; in a quit no more than what that leaves. */
  #bounded(ms: number, most: number): number {
    return this.#quit ? Math.min(ms, most, this.#quit.before(KILL_MS).leftMs) : ms;
  }

  #runner(profileId: string): ServerRunner {
    const existing = this.#runners.get(profileId);
    if (existing) return existing;
    const runner = new ServerRunner(profileId, this.#context);
    this.#runners.set(profileId, runner);
    return runner;
  }

  #profile(profileId: string): ServerProfile {
    const profile = this.#options.profile(profileId);
    if (!profile)
      throw new DomainError('not_found', `There is no profile with the id ${profileId}.`);
    return profile;
  }

  #describe(profile: ServerProfile): Server {
    const server = this.#runner(profile.id).describe(profile);
    const needsBytes = this.#options.needsOf(profile.id);
    const refusal = isActive(server.state) ? undefined : this.#guard.refusalOf(profile);
    const sample = server.pid === undefined ? undefined : this.#options.sampleOf(profile.id);
    return {
      ...server,
      ...(needsBytes === undefined ? {} : { needsBytes }),
      ...(refusal === undefined ? {} : { refusal }),
      ...(sample?.memoryBytes === undefined ? {} : { memoryBytes: sample.memoryBytes }),
      ...(sample?.cpuPercent === undefined ? {} : { cpuPercent: sample.cpuPercent }),
    };
  }

  #publish(profileId: string): void {
    const profile = this.#options.profile(profileId);
    if (profile) this.#options.publish(this.#describe(profile));
  }
}
