import type { HostCheck, Rank } from '@shared/domain/cluster';
import type { ServerProfile } from '@shared/domain/profile';
import type { Server } from '@shared/domain/server';
import { hasProcess, isActive } from '@shared/domain/server-state';
import { DomainError } from '@shared/errors';
import { sleep } from '../ports/clock';
import { leftOnMachines } from './cluster/cluster-runs';
import type { RunningServer } from '../memory/admission';
import type { ServerSample } from '@shared/domain/metrics';
import type { ProcessInfo, Seen } from '../ports/processes';
import { EngineProcess, NOBODY } from './launch/engine-process';
import { type CompleteRecord, findRun } from './launch/find-run';
import type { OwnershipRecord } from './launch/ownership';
import { checkProfileHosts } from './launch/run-plan';
import { type RunnerContext, ServerRunner } from './server-runner';
import type { StartGate } from './start-gate';
import { StartGuard } from './start-guard';
import { sendTestRequest } from './health/test-request';

export interface ServerServiceOptions
  extends Omit<RunnerContext, 'onChange' | 'onWake' | 'readmit'> {
  readonly profiles: () => readonly ServerProfile[];
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
  /** Ids of the profiles whose servers are stopped first. */
  readonly stopFirst?: readonly string[];
}

/** What a server gets on quit, so that the whole quit stays within its budget. */
const QUIT_GRACE_MS = 8000;

/** How long it is asked whether a server of an earlier manager still runs, before its place is held. */
const ADOPT_PATIENCE_MS = 5000;

/** All servers: one runner per profile, made when it is first needed. */
export class ServerService {
  readonly #options: ServerServiceOptions;
  readonly #context: RunnerContext;
  readonly #runners = new Map<string, ServerRunner>();
  readonly #wakers = new Set<() => void>();
  readonly #guard: StartGuard;
  #quitting = false;

  constructor(options: ServerServiceOptions) {
    this.#options = options;
    this.#guard = new StartGuard({
      ...options,
      stop: (profileId) => this.stop(profileId),
      refused: (profileId) => this.#publish(profileId),
    });
    this.#context = {
      ...options,
      stopGraceMs: () =>
        this.#quitting ? Math.min(QUIT_GRACE_MS, options.stopGraceMs()) : options.stopGraceMs(),
      readmit: (profile, how) => this.#guard.readmit(profile, how),
      onChange: (runner) => this.#onChange(runner),
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
  targets(): { profileId: string; treeOf: (table: readonly ProcessInfo[]) => ProcessInfo[] }[] {
    return [...this.#runners.values()].flatMap(({ profileId, process }) =>
      process ? [{ profileId, treeOf: (table) => process.rememberTree(table) }] : [],
    );
  }

  /**
   * Returns when the start is under way; two starts of a profile are one.
   * @throws DomainError does_not_fit: nothing was started and nothing was stopped.
   */
  async start(profileId: string, how: StartOptions = {}): Promise<Server> {
    const { safeMode = false, force = false, stopFirst = [] } = how;
    const profile = this.#profile(profileId);
    if (this.#quitting) throw new DomainError('quitting', 'The manager is quitting.');
    const runner = this.#runner(profile.id);
    if (runner.isEnding) await runner.settled();
    if (runner.state === 'stuck') {
      throw new DomainError(
        'in_use',
        `${profile.name} cannot be started: its last process is stuck.`,
      );
    }
    if (runner.active && runner.state !== 'backoff') return this.get(profileId);
    const others = [...new Set(stopFirst)].filter((id) => id !== profileId);
    const named = others.map((id) => this.#profile(id));
    await this.#guard.admit(profile, { safeMode, force, stopFirst: named });
    if (this.#quitting) {
      this.#options.gate.release(profileId);
      throw new DomainError('quitting', 'The manager is quitting.');
    }
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
    await this.start(profileId, { force });
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

  async test(profileId: string): ReturnType<typeof sendTestRequest> {
    const profile = this.#profile(profileId);
    return sendTestRequest(this.get(profileId), profile.host, this.#options.clock);
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
   */
  async adoptAll(): Promise<string[]> {
    const records = await this.#options.records.readAll();
    const crashed = await this.#options.records.ofCrashedMachine(records);
    await Promise.all(records.map((record) => this.#adopt(record)));
    return crashed.map((record) => record.profileId);
  }

  /** The manager is quitting: stops every server, or leaves them to the next manager. */
  async quit(servers: 'stop' | 'leave-running'): Promise<void> {
    this.#quitting = true;
    const runners = [...this.#runners.values()];
    await Promise.all(
      runners.map((runner) => (servers === 'stop' ? runner.stop() : runner.release())),
    );
  }

  #onChange(runner: ServerRunner): void {
    const { state, profileId } = runner;
    if (!hasProcess(state) && state !== 'queued') this.#options.gate.release(profileId);
    this.#publish(profileId);
  }

  async #adopt(record: OwnershipRecord): Promise<void> {
    const { records, logger } = this.#options;
    const { profileId } = record;
    const found = await this.#findRun(record);
    const runner = this.#options.profile(profileId) && this.#runner(profileId);
    if (!found.known) {
      logger.error(`Whether the server of profile ${profileId} still runs cannot be told`, {
        reason: found.reason,
      });
      // The record stays, for whoever can tell.
      await runner?.hold(record, found.reason);
      return;
    }
    if (runner && found.value) {
      const { released, ...kept } = found.value;
      if (found.value !== record || released) await records.write(kept);
      const adopted = await runner.adopt(kept);
      if (!adopted.known) return runner.hold(kept, adopted.reason);
      if (adopted.value) return;
    }
    if (!(await this.#endLeftovers(record, found.value))) {
      await runner?.hold(record, 'what an earlier run left could not be ended');
      return;
    }
    await records.remove(profileId);
    logger.info(`The server of profile ${profileId} had ended while no manager was running`);
  }

  /** Asks again for some seconds while it cannot be told. */
  async #findRun(record: OwnershipRecord): Promise<Seen<CompleteRecord | undefined>> {
    const { clock, processes } = this.#options;
    const deadline = clock.monotonic() + ADOPT_PATIENCE_MS;
    for (let pause = 25; ; pause *= 2) {
      const found = await findRun(record, processes);
      if (found.known || clock.monotonic() + pause > deadline) return found;
      await sleep(clock, pause);
    }
  }

  /** Ends what is left of a tree whose root is gone or whose profile was deleted; true when nothing is left. */
  async #endLeftovers(record: OwnershipRecord, found?: CompleteRecord): Promise<boolean> {
    const { logger } = this.#options;
    const identity = found?.process ?? record.process ?? NOBODY;
    const process_ = EngineProcess.ended(identity, record.nonce, this.#options);
    const outcome = await process_.stop(this.#options.stopGraceMs(), record.port);
    const ends = record.cluster
      ? await this.#options.clusters.end(record.cluster, record.nonce, this.#options.stopGraceMs())
      : [];
    const left = leftOnMachines(ends);
    if (left !== undefined) logger.error(left, { profileId: record.profileId });
    if (outcome.kind === 'survivors') {
      logger.error(`Processes of an earlier run are still alive`, {
        pids: outcome.survivors.map((info) => info.pid),
      });
    }
    if (outcome.kind === 'unknown') {
      logger.error(`Whether processes of an earlier run are gone cannot be told`, {
        reason: outcome.reason,
      });
    }
    return outcome.kind === 'gone';
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
