import type { ModelKind } from '@shared/domain/hub';
import { sleep } from '../../ports/clock';
import type { EngineAdapter } from '../../engines/adapters/adapter';
import type { Clock } from '../../ports';
import type { Processes } from '../../ports/processes';
import type { ServerProcess } from '../launch/server-process';
import { tellsOfEnd } from './classify-exit';
import { hangInterval, isProbeDue, isWork, judgeHang, type Work } from './hang-policy';
import { type EngineLog, generatesToken } from './readiness';
import { watchWorkers } from './worker-watch';

export interface HangMonitorInput {
  readonly adapter: EngineAdapter;
  readonly process: ServerProcess;
  readonly processes: Processes;
  readonly log: EngineLog;
  readonly host: string;
  readonly port: number;
  readonly modelPath: string;
  readonly modelKind?: ModelKind | undefined;
  readonly limitMs: number;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly onSuspect: (silentMs: number) => void;
  /** The child that held the model is gone. */
  readonly onWorkerLost: (pid?: number) => void;
  readonly onRecover: () => void;
  /** Calls back when the machine has woken up; returns what ends it. */
  readonly onWake: (listener: () => void) => () => void;
  /** Called on every look, for what is checked beside (a deleted model folder). */
  readonly onLook: () => Promise<void>;
}

export type WatchOutcome = 'hung' | 'broken' | 'ended';

/** Before the first question for a token that is owed; each further one waits twice as long. */
const PROOF_PAUSE_MS = 500;

/**
 * Watches a ready server: resolves `hung` when it was seen to make no progress for the limit, `broken` when its log
 * tells that it will not answer again, `ended` on abort. Rejects with a defect of what it began.
 */
export async function watchForHang(input: HangMonitorInput): Promise<WatchOutcome> {
  const over = new AbortController();
  const signal = AbortSignal.any([input.signal, over.signal]);
  const watch = new HangWatch({ ...input, signal });
  try {
    return await watch.run();
  } finally {
    over.abort();
    await watch.ended();
  }
}

/** What was seen of one server, and the questions that are under way. */
class HangWatch {
  readonly #input: HangMonitorInput;
  readonly #tasks = new Set<Promise<void>>();
  readonly #failed = Promise.withResolvers<never>();
  readonly #broken = Promise.withResolvers<'broken'>();
  #lastProgress: number;
  #isSuspected = false;
  #isAsking = false;
  /** After a worker was lost only a token shows that there is another one. */
  #isUnproven = false;

  constructor(input: HangMonitorInput) {
    this.#input = input;
    this.#lastProgress = input.clock.monotonic();
    // Without a defect nobody waits for it.
    this.#failed.promise.catch(() => undefined);
  }

  async run(): Promise<WatchOutcome> {
    const { log, onWake, clock, adapter, signal } = this.#input;
    if (adapter.worker) this.#watchWorkers(adapter.worker);
    const unsubscribe = log.onLines((lines) => {
      if (lines.some((line) => line.source === 'engine')) this.#progress();
      if (tellsOfEnd(adapter, lines)) this.#broken.resolve('broken');
    });
    // A sleep is no silence of the server; whether it still answers is asked at once.
    const stopWaking = onWake(() => {
      this.#lastProgress = clock.monotonic();
      this.#ask();
    });
    try {
      return await Promise.race([
        ...[this.#look(), this.#failed.promise, this.#broken.promise],
        untilAborted(signal),
      ]);
    } finally {
      unsubscribe();
      stopWaking();
    }
  }

  /** Resolves when everything that was begun has ended. */
  async ended(): Promise<void> {
    await Promise.all(this.#tasks);
  }

  async #look(): Promise<'hung' | 'ended'> {
    const { clock, signal, limitMs, onSuspect, onLook } = this.#input;
    const interval = hangInterval(limitMs);
    let before = await workOf(this.#input);
    let beforeAt = clock.monotonic();
    while (!signal.aborted) {
      const due = clock.monotonic() + interval;
      await sleep(clock, interval, signal);
      if (signal.aborted) break;
      const after = await workOf(this.#input);
      const now = clock.monotonic();
      // A hang must be seen: where its work cannot be told, it may be working.
      if (!after || !before || isWork(before, after, now - beforeAt)) this.#progress();
      [before, beforeAt] = [after, now];
      const verdict = judgeHang({ now, lastProgress: this.#lastProgress, due, limitMs });
      if (verdict === 'hung') return 'hung';
      if (verdict === 'slept') this.#lastProgress = now;
      if (verdict === 'suspect' && !this.#isSuspected) {
        this.#isSuspected = true;
        onSuspect(now - this.#lastProgress);
      }
      if (isProbeDue({ now, lastProgress: this.#lastProgress, limitMs })) this.#ask();
      await onLook();
    }
    return 'ended';
  }

  #progress(isProof = false): void {
    this.#lastProgress = this.#input.clock.monotonic();
    if (this.#isUnproven && !isProof) return;
    this.#isUnproven = false;
    if (this.#isSuspected) this.#input.onRecover();
    this.#isSuspected = false;
  }

  #ask(): void {
    if (this.#isAsking) return;
    this.#isAsking = true;
    this.#task(async () => {
      await this.#askOnce();
      this.#isAsking = false;
    });
  }

  async #askOnce(): Promise<void> {
    const answer = await askOneToken(this.#input);
    // An answer of any content is progress of the server; only silence is a hang.
    if (!this.#input.signal.aborted && answer !== 'none') this.#progress(answer === 'token');
  }

  /**
   * Does not wait for an answer before it asks again: mlx-openai-server 1.8.1 takes a request for a worker that
   * the kernel is still taking down, and never answers that one (seen, each time).
   */
  async #prove(): Promise<void> {
    const { clock, signal } = this.#input;
    for (let pause = PROOF_PAUSE_MS; this.#isUnproven && !signal.aborted; pause *= 2) {
      await sleep(clock, pause, signal);
      if (!this.#isUnproven || signal.aborted) return;
      this.#task(() => this.#askOnce());
    }
  }

  #watchWorkers(pattern: RegExp): void {
    const { process, processes, clock, signal, onWorkerLost } = this.#input;
    const onLost = (pid?: number): void => {
      onWorkerLost(pid);
      this.#isSuspected = true;
      if (this.#isUnproven) return;
      this.#isUnproven = true;
      this.#task(() => this.#prove());
    };
    this.#task(() => watchWorkers({ process, processes, pattern, clock, signal, onLost }));
  }

  #task(work: () => Promise<void>): void {
    const task = work()
      .catch((error: unknown) => this.#failed.reject(error))
      .finally(() => this.#tasks.delete(task));
    this.#tasks.add(task);
  }
}

function untilAborted(signal: AbortSignal): Promise<'ended'> {
  if (signal.aborted) return Promise.resolve('ended');
  return new Promise((resolve) => {
    signal.addEventListener('abort', () => resolve('ended'), { once: true });
  });
}

async function askOneToken(input: HangMonitorInput): Promise<'token' | 'answer' | 'none'> {
  try {
    return (await generatesToken(input, input.limitMs, input.signal)) ? 'token' : 'answer';
  } catch {
    return 'none';
  }
}

/** What the tree has done so far; undefined where it cannot be told. */
async function workOf(input: HangMonitorInput): Promise<Work | undefined> {
  const tree = await input.process.tree();
  if (!tree.known) return undefined;
  const usage = await input.processes.usage(tree.value.map(({ pid }) => pid));
  if (!usage.known) return undefined;
  const all = [...usage.value.values()];
  return {
    cpuMs: all.reduce((sum, { cpuMs }) => sum + cpuMs, 0),
    memoryBytes: all.reduce((sum, { memoryBytes }) => sum + (memoryBytes ?? 0), 0),
  };
}
