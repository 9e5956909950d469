// Long, since it is one run from its spawn to the proof of its end, and each step reads what the one before left.
import type { PostMortem } from '@shared/domain/post-mortem';
import type { ServerProfile } from '@shared/domain/profile';
import type { ServerFailure } from '@shared/domain/server';
import { formatMilliseconds } from '@shared/format/durations';
import type { EngineAdapter } from '../../engines/adapters/adapter';
import type { Clock, Logger } from '../../ports';
import { sleep } from '../../ports/clock';
import type { Processes, Seen } from '../../ports/processes';
import { type ClusterRuns, leftOnMachines } from '../cluster/cluster-runs';
import { classifyExit } from '../health/classify-exit';
import type { watchForHang } from '../health/hang-monitor';
import type { EngineLog, proveReady, ReadyOutcome } from '../health/readiness';
import { movedToBackground } from '../../failures/run-failures';
import { endText, hungEnd, type RunEnd, stuckFailure } from '../health/run-end';
import { describeExit } from '../launch/exit';
import type { OwnershipRecord, OwnershipRecords } from '../launch/ownership';
import type { PlanSources } from '../launch/plan';
import type { ServerProcess, TreeEnd } from '../launch/server-process';
import type { EndCause } from './messages';
import { orBrokenEngine } from './broken-engine';
import { isMissing } from './is-missing';

/** One run's log with its number and its end. */
export interface RunLogHandle extends EngineLog {
  readonly run: number;
  end(ended: string, outcome: 'stopped' | 'failed'): Promise<void>;
  keepFailure(report: PostMortem): Promise<void>;
}

/** What every run needs. */
export interface RunContext {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly processes: Processes;
  readonly sources: Pick<PlanSources, 'installation' | 'lookAtInstallation'>;
  readonly records: Pick<OwnershipRecords, 'write' | 'remove'>;
  readonly clusters: ClusterRuns;
  /** Calls back when the machine has woken up; returns what ends it. */
  readonly onWake: (listener: () => void) => () => void;
  /** How long open streams get to end before SIGTERM, ms. */
  readonly drainMs: () => number;
  readonly health: {
    readonly proveReady: typeof proveReady;
    readonly watchForHang: typeof watchForHang;
  };
}

/** What of a profile a run needs, as it was when the run began. */
export type RunProfile = Pick<
  ServerProfile,
  'id' | 'engine' | 'loadDeadlineSeconds' | 'hangLimitSeconds'
>;

export interface RunParts {
  readonly process: ServerProcess;
  readonly log: RunLogHandle;
  readonly record: OwnershipRecord;
  readonly adapter: EngineAdapter;
  readonly profile: RunProfile;
  /** Taken over from an earlier manager. */
  readonly adopted: boolean;
  /**
   * Asks again for the process of an earlier manager, about which nothing could be told; absent where it
   * is known.
   */
  readonly findProcess?: (() => Promise<Seen<ServerProcess | undefined>>) | undefined;
}

/** How ending a run went. */
export type RunOutcome =
  | { readonly gone: true; readonly end: RunEnd | undefined }
  | { readonly gone: false; readonly failure: ServerFailure };

export interface RunSigns {
  readonly onSuspect: (why: string) => void;
  readonly onRecover: () => void;
  /** Something that views show has changed. */
  readonly onChange: () => void;
}

const DRAIN_POLL_MS = 50;
/** How long an engine takes to print the rest of what went wrong. */
const SETTLE_MS = 60;
/** Of the log, what is searched for the cause of an end. */
const TAIL_LINES = 400;

/** One process under watch, with its log, its record and what was decided for it. It decides nothing itself. */
export class ServerRun {
  readonly process: ServerProcess;
  readonly log: RunLogHandle;
  readonly adapter: EngineAdapter;
  readonly profile: RunProfile;
  readonly adopted: boolean;
  readonly #findProcess: RunParts['findProcess'];
  readonly #context: RunContext;
  /** How long the process had run when this object was made, ms. */
  readonly #ageAtBegin: number;
  #record: OwnershipRecord;
  #modelMissing = false;
  /** The grace of an end of which nothing could be told; undefined where the last one was seen to its end, ms. */
  #unseenGraceMs: number | undefined;
  /** A record that is still being written must not come back after it was removed. */
  #recording: Promise<void> = Promise.resolve();

  constructor(parts: RunParts, context: RunContext) {
    this.process = parts.process;
    this.log = parts.log;
    this.adapter = parts.adapter;
    this.profile = parts.profile;
    this.adopted = parts.adopted;
    this.#record = parts.record;
    this.#findProcess = parts.findProcess;
    this.#context = context;
    const age = context.clock.now() - Date.parse(parts.record.startedAt);
    this.#ageAtBegin = parts.adopted ? Math.max(0, age) : 0;
  }

  get record(): OwnershipRecord {
    return this.#record;
  }

  get modelMissing(): boolean {
    return this.#modelMissing;
  }

  /** How long its process has run, ms. It is counted by the monotonic clock: the other may be set at any time. */
  get ageMs(): number {
    return this.#ageAtBegin + this.#context.clock.monotonic() - this.process.beganAt;
  }

  prove(
    signal: AbortSignal,
    onPhase: (phase: string, loading: boolean) => void,
  ): Promise<ReadyOutcome> {
    return this.#context.health.proveReady({
      ...this.#target(),
      deadlineMs: this.profile.loadDeadlineSeconds * 1000,
      signal,
      onPhase,
    });
  }

  /** Notes that it is ready (since Unix ms), for whoever looks and for the next manager. */
  async noteReady(afterMs: number, sinceMs: number): Promise<void> {
    const { port } = this.#record;
    const { pid } = this.process.identity;
    this.log.note(
      `Ready after ${formatMilliseconds(afterMs)}: process ${pid} listens on port ${port} and returned a token.`,
    );
    if (this.#record.ready) return;
    const since = new Date(sinceMs).toISOString();
    this.#record = { ...this.#record, ready: { since, afterMs } };
    this.#recording = this.#context.records.write(this.#record).catch((error: unknown) => {
      // No reason to end a server that works: the record of its process stands, and a next manager proves it anew.
      this.#context.logger.warn('That a server is ready could not be written down', {
        profileId: this.profile.id,
        error: String(error),
      });
    });
    await this.#recording;
  }

  /** Watches a ready server; gives the end of one that hung or broke, undefined when the signal ended it. */
  async watch(signal: AbortSignal, signs: RunSigns): Promise<RunEnd | undefined> {
    const limitMs = this.profile.hangLimitSeconds * 1000;
    // Whoever leaves the tree later is known from now on.
    await this.process.tree();
    const outcome = await this.#context.health.watchForHang({
      ...this.#target(),
      limitMs,
      signal,
      onSuspect: (silentMs) => {
        const why = `No progress for ${Math.round(silentMs / 1000)} s: no token, no CPU time, no log.`;
        this.log.note(why);
        signs.onSuspect(why);
      },
      onWorkerLost: (pid) => {
        const which = pid === undefined ? '' : ` ${pid}`;
        const why = `The engine’s model process${which} ended. Checking whether it still answers.`;
        this.log.note(why);
        signs.onSuspect(why);
      },
      onRecover: signs.onRecover,
      onWake: this.#context.onWake,
      onLook: () => this.#checkModel(signs.onChange),
    });
    if (outcome === 'broken') return this.#brokenEnd(signal);
    return outcome === 'hung' ? hungEnd(limitMs) : undefined;
  }

  /** Its log says that it will not answer again, though the process is alive. */
  async #brokenEnd(signal: AbortSignal): Promise<RunEnd> {
    // The rest of a traceback.
    await sleep(this.#context.clock, SETTLE_MS, signal);
    await this.log.flush();
    const { adapter, process } = this;
    const failure = classifyExit({
      ...{ adapter, exit: process.exit, lines: this.log.tail(TAIL_LINES) },
      wasReady: true,
      seconds: this.ageMs / 1000,
    });
    return { failure, wasReady: true, cleanExit: false };
  }

  /** Where an open connection is an open request (HTTP/1.0), those get a moment to end. */
  async drain(signal: AbortSignal, onOpen: () => void): Promise<void> {
    if (this.adapter.http !== '1.0') return;
    const { clock, processes } = this.#context;
    const { pid } = this.process.identity;
    const deadline = clock.monotonic() + this.#context.drainMs();
    while (clock.monotonic() < deadline && !this.process.exit && !signal.aborted) {
      const open = await processes.connections(this.#record.port, pid);
      if (open.known && open.value === 0) return;
      onOpen();
      await sleep(clock, DRAIN_POLL_MS, signal);
    }
  }

  /** Ends what is left of the tree, on every machine that it was on, and says why it ended. */
  async end(cause: EndCause, graceMs: number): Promise<RunOutcome> {
    // A launcher that left with 0 is explained by what goes on without it, which the proof would end.
    const explaining = this.#explainWhole(cause);
    if (this.process.exit?.code === 0) await explaining;
    // Of one that exited by itself all is known before the proof, and a new try waits for neither.
    const keeping = explaining.then((end) => (this.process.exit ? this.#keepEvidence(end) : false));
    const [end, outcome, isKept] = await Promise.all([explaining, this.#endTree(graceMs), keeping]);
    const said = end ? end.failure.message : 'Stopped.';
    if (!outcome.gone) {
      this.log.note(`${said} ${outcome.failure.message}`);
      return outcome;
    }
    this.log.note(`${said} All of its processes have exited.`);
    await Promise.all([
      this.#forget(),
      isKept || this.#keepEvidence(end),
      this.log.end(endText(this.process, end), end ? 'failed' : 'stopped'),
    ]);
    return { gone: true, end };
  }

  async #explainWhole(cause: EndCause): Promise<(RunEnd & { logRun: number }) | undefined> {
    const found = await this.#explain(cause);
    const why = found && (await orBrokenEngine(found, this.#record, this.#context.sources));
    return why && { ...why, logRun: this.log.run };
  }

  /** Looks once whether what survived has gone after all, or whether a process that was not clear runs. */
  async lookAgain(): Promise<RunOutcome | { readonly found: ServerProcess }> {
    if (this.#findProcess) {
      const found = await this.#findProcess();
      if (!found.known) return { gone: false, failure: stuckFailure(this.process, found) };
      if (found.value) return { found: found.value };
    }
    const tree = await this.process.tree();
    if (!tree.known) return { gone: false, failure: stuckFailure(this.process, tree) };
    // While nothing could be told no signal was sent: what is seen now gets the end that it was to have.
    if (tree.value.length > 0 && this.#unseenGraceMs === undefined)
      return { gone: false, failure: stuckFailure(this.process, undefined, tree.value) };
    // The rest of a tree whose root was gone before, and machines that could not be reached, are asked once more.
    const outcome = await this.#endTree(this.#unseenGraceMs ?? 0);
    if (!outcome.gone) return outcome;
    await this.#forget();
    await this.log.end('stopped', 'stopped');
    return outcome;
  }

  /** Leaves the process to the next manager. */
  async leave(): Promise<void> {
    await this.#recording.catch(() => undefined); // whoever began it hears of it
    await this.#context.records.write({ ...this.#record, released: true });
    this.process.release();
  }

  #target() {
    const { process, log, adapter, profile } = this;
    const { host, modelPath, port } = this.#record;
    const { clock, processes } = this.#context;
    return { process, log, adapter, host, port, modelPath, clock, processes, id: profile.id };
  }

  async #checkModel(onChange: () => void): Promise<void> {
    const { modelPath } = this.#record;
    if (modelPath === '') return;
    const missing = await isMissing(modelPath);
    if (missing === undefined || missing === this.#modelMissing) return;
    this.#modelMissing = missing;
    this.log.note(
      missing ? `The model folder was deleted: ${modelPath}` : 'The model folder is back.',
    );
    onChange();
  }

  async #explain(cause: EndCause): Promise<RunEnd | undefined> {
    if (cause.kind === 'asked') return undefined;
    if (cause.kind === 'failed') return cause.end;
    const exit = await this.process.exited;
    await this.log.flush();
    const lines = this.log.tail(TAIL_LINES);
    const { adapter } = this;
    const reason = classifyExit({
      ...{ adapter, lines, exit },
      wasReady: cause.wasReady,
      seconds: this.ageMs / 1000,
    });
    // A launcher ends with 0 when one of its ranks has died: its log tells.
    const isBrokenUp = adapter.findFailure?.(lines) !== undefined;
    if (exit.code === 0 && !cause.wasReady && (await this.#isInBackground()))
      return {
        failure: movedToBackground(this.process.identity.command),
        wasReady: false,
        cleanExit: false,
      };
    const wasAsked = exit.code === 0 || exit.signal === 'SIGTERM' || exit.signal === 'SIGINT';
    return { failure: reason, wasReady: cause.wasReady, cleanExit: wasAsked && !isBrokenUp };
  }

  /** Its root has ended while something that it started goes on, as a program does that makes itself a daemon. */
  async #isInBackground(): Promise<boolean> {
    const tree = await this.process.tree();
    return tree.known && tree.value.length > 0;
  }

  /** The launcher of a cluster leaves its ranks running, so each machine is asked for itself. */
  async #endTree(graceMs: number): Promise<RunOutcome> {
    const { cluster, nonce } = this.#record;
    const [tree, ends] = await Promise.all([
      this.process.stop(graceMs),
      cluster ? this.#context.clusters.end(cluster, nonce, graceMs) : [],
    ]);
    const left = leftOnMachines(ends);
    this.#unseenGraceMs = tree.kind === 'unknown' ? graceMs : undefined;
    if (tree.kind === 'gone' && left === undefined) return { gone: true, end: undefined };
    return { gone: false, failure: this.#stuck(tree, left) };
  }

  #stuck(tree: TreeEnd, left: string | undefined): ServerFailure {
    if (tree.kind === 'unknown') return stuckFailure(this.process, tree);
    return stuckFailure(this.process, left, tree.kind === 'survivors' ? tree.survivors : []);
  }

  async #forget(): Promise<void> {
    await this.#recording.catch(() => undefined); // whoever began it hears of it
    await this.#context.records.remove(this.#record.profileId);
  }

  /** For whoever looks later: what it was, and why it ended by itself. */
  async #keepEvidence(end: RunEnd | undefined): Promise<boolean> {
    if (!end) return true;
    const { log, process, profile } = this;
    const { installation, argv } = this.#record;
    const version =
      installation === null ? undefined : this.#context.sources.installation(installation);
    await log.keepFailure({
      run: log.run,
      time: new Date(this.#context.clock.now()).toISOString(),
      failure: end.failure,
      engine: profile.engine,
      ...(version ? { version: version.version } : {}),
      wasReady: end.wasReady,
      exit: process.exit ? describeExit(process.exit) : 'still running, so it was ended',
      argv: argv ?? [],
    });
    return true;
  }
}
