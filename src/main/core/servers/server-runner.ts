import type { ModelKind } from '@shared/domain/hub';
import type { Cluster } from '@shared/domain/cluster';
import type { ServerProfile } from '@shared/domain/profile';
import type { Server, ServerFailure } from '@shared/domain/server';
import { isActive, type ServerState } from '@shared/domain/server-state';
import { describeServer } from './describe-server';
import type { Outcome } from './launch/outcome-records';
import type { PlanSources } from './launch/plan';
import type { ServerProcess } from './launch/server-process';
import { type LoopContext, ServerLoop } from './supervision/server-loop';
import type { ServerRun } from './supervision/server-run';
import { isAtRest } from './supervision/step';

/** What every runner shares. */
export interface RunnerContext extends LoopContext {
  readonly sources: PlanSources;
  readonly onChange: (runner: ServerRunner) => void;
}

/** One profile's server as the rest of the program sees it: what can be asked of it, and what it is. */
export class ServerRunner {
  readonly profileId: string;
  readonly #context: RunnerContext;
  readonly #loop: ServerLoop;

  constructor(profileId: string, context: RunnerContext) {
    this.profileId = profileId;
    this.#context = context;
    this.#loop = new ServerLoop(profileId, context, () => context.onChange(this));
  }

  get state(): ServerState {
    return this.#loop.server.state;
  }

  /** Unix ms at which it entered its state. */
  get since(): number {
    return this.#loop.server.since;
  }

  get active(): boolean {
    return isActive(this.state);
  }

  /** A stop was asked for and is not over: a start must wait for its end. */
  get isEnding(): boolean {
    return this.#loop.server.isStopping && !isAtRest(this.#loop.server);
  }

  /** The process under watch, for metrics. */
  get process(): ServerProcess | undefined {
    return this.#loop.run?.process;
  }

  /** The port that the process under watch was started with. */
  get port(): number | undefined {
    return this.#loop.run?.record.port;
  }

  /** Number of the run under way, or of the last one. */
  get runNumber(): number {
    return this.#loop.server.run;
  }

  /** Id of the installation that the running process uses. */
  get installation(): string | undefined {
    return this.#loop.run?.record.installation ?? undefined;
  }

  /** The ranks of the run under watch; undefined where it is one process, or none. */
  get ranks(): { readonly cluster: Cluster; readonly nonce: string } | undefined {
    const { cluster, nonce } = this.#loop.run?.record ?? {};
    return cluster && nonce !== undefined ? { cluster, nonce } : undefined;
  }

  /** What the model of the run under watch is for, where that is known. */
  get modelKind(): ModelKind | undefined {
    return this.#loop.run?.record.modelKind;
  }

  /**
   * Begins a start; a running or starting one is left as it is. In backoff the wait is cut short.
   * `safeMode`: until the next start it runs with what takes the least memory.
   */
  start({ safeMode }: { readonly safeMode: boolean } = { safeMode: false }): void {
    this.#loop.send({ type: 'start', safeMode });
  }

  /** Resolves when nothing of it is left; `stuck` when something survived, or when nothing could be told. */
  async stop(): Promise<void> {
    await this.#end({ type: 'stop' });
  }

  /** Ends watching without touching the process: the next manager adopts it. */
  async release(): Promise<void> {
    await this.#end({ type: 'leave' });
  }

  /** Takes over the process of an earlier manager. */
  adopt(run: ServerRun, outcome: Outcome | undefined): void {
    const { restarts, safeMode = false } = run.record;
    const incident = outcome?.incident;
    this.#loop.takeOver(run, { type: 'adopt', restarts, safeMode, incident });
  }

  /** Ends what an earlier manager left of a server whose process is gone. Resolves as {@link stop}. */
  async clear(run: ServerRun): Promise<void> {
    this.#loop.takeOver(run, { type: 'clear' });
    await this.#loop.until(isAtRest);
  }

  /** Nothing could be told about the process of an earlier manager: that is asked again, and nothing started meanwhile. */
  holdBack(run: ServerRun, failure: ServerFailure): void {
    this.#loop.takeOver(run, { type: 'unclear', failure });
  }

  /** It had failed, or had crashed and nobody had read of it, when an earlier manager ended. */
  restore({ failure, since, restarts, incident }: Outcome): void {
    this.#loop.send({ type: 'restore', failure, since, restarts, safeMode: false, incident });
  }

  /** A person has read what happened to it. */
  acknowledge(): void {
    this.#loop.send({ type: 'acknowledge' });
  }

  /** Resolves when what the next manager must know of it is on the disk. */
  remembered(): Promise<void> {
    return this.#loop.idle(this.#loop.server.run);
  }

  /** Resolves when no stop is under way. */
  settled(): Promise<void> {
    return this.#loop.until((server) => !server.isStopping || isAtRest(server));
  }

  /** Resolves at the next spawn, or when the start has failed or was stopped. */
  spawned(): Promise<void> {
    return this.#loop.until(({ state }) => state !== 'queued' && state !== 'backoff');
  }

  /** Another start may come as soon as this one is over: only the runs until now are waited for. */
  async #end(command: { readonly type: 'stop' | 'leave' }): Promise<void> {
    this.#loop.send(command);
    const { run } = this.#loop.server;
    await this.#loop.until((server) => server.run > run || isAtRest(server));
    await this.#loop.idle(run);
  }

  /** The server as views see it; metrics are added by the service. */
  describe(profile: ServerProfile): Server {
    const { server, run } = this.#loop;
    return describeServer(profile, this.#context.sources, server, run);
  }
}
