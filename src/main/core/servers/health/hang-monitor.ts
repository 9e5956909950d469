import { sleep } from '../../ports/clock';
import type { EngineAdapter } from '../../engines/adapters/adapter';
import type { Clock } from '../../ports';
import type { Processes } from '../../ports/processes';
import type { EngineProcess } from '../launch/engine-process';
import { hangInterval, isCpuProgress, isProbeDue, judgeHang } from './hang-policy';
import { type EngineLog, generatesToken } from './readiness';
import { watchWorkers } from './worker-watch';

export interface HangMonitorInput {
  readonly adapter: EngineAdapter;
  readonly process: EngineProcess;
  readonly log: EngineLog;
  readonly host: string;
  readonly port: number;
  readonly modelPath: string;
  readonly limitMs: number;
  readonly clock: Clock;
  readonly processes: Processes;
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

/** Before the first question for a token that is owed; each further one waits twice as long. */
const PROOF_PAUSE_MS = 500;

/** Watches a ready server: resolves `hung` when it made no progress for the limit, `ended` on abort. */
export async function watchForHang(input: HangMonitorInput): Promise<'hung' | 'ended'> {
  const { clock, signal, limitMs } = input;
  const interval = hangInterval(limitMs);
  let lastProgress = clock.monotonic();
  let suspected = false;
  let probing = false;
  // After a worker was lost only a token shows that there is another one.
  let unproven = false;
  let cpu = await cpuMilliseconds(input);
  let cpuAt = clock.monotonic();
  const progress = (isProof = false): void => {
    lastProgress = clock.monotonic();
    if (unproven && !isProof) return;
    unproven = false;
    if (suspected) input.onRecover();
    suspected = false;
  };
  const ask = (): void => {
    if (probing) return;
    probing = true;
    void askOneToken(input).then((answer) => {
      probing = false;
      if (signal.aborted) return;
      // An answer of any content is progress of the server; only silence is a hang.
      if (answer !== 'none') progress(answer === 'token');
    });
  };
  // Does not wait for an answer before it asks again: mlx-openai-server 1.8.1 takes a request for a worker
  // that the kernel is still taking down, and never answers that one (seen, each time).
  const prove = async (): Promise<void> => {
    for (let pause = PROOF_PAUSE_MS; unproven && !signal.aborted; pause *= 2) {
      await sleep(clock, pause, signal);
      if (!unproven || signal.aborted) return;
      void askOneToken(input).then((answer) => {
        if (!signal.aborted && answer !== 'none') progress(answer === 'token');
      });
    }
  };
  if (input.adapter.worker) {
    void watchWorkers({
      ...{ process: input.process, pattern: input.adapter.worker, clock, signal },
      ...{ processes: input.processes },
      onLost: (pid) => {
        input.onWorkerLost(pid);
        suspected = true;
        if (unproven) return;
        unproven = true;
        void prove();
      },
    });
  }
  const unsubscribe = input.log.onLines((lines) => {
    if (lines.some((line) => line.source === 'engine')) progress();
  });
  // A sleep is no silence of the server; whether it still answers is asked at once.
  const stopWaking = input.onWake(() => {
    lastProgress = clock.monotonic();
    ask();
  });
  try {
    while (!signal.aborted) {
      const due = clock.monotonic() + interval;
      await sleep(clock, interval, signal);
      if (signal.aborted) break;
      const used = await cpuMilliseconds(input);
      const now = clock.monotonic();
      if (used !== undefined && cpu !== undefined && isCpuProgress(used - cpu, now - cpuAt)) {
        progress();
      }
      if (used !== undefined) [cpu, cpuAt] = [used, now];
      const verdict = judgeHang({ now, lastProgress, due, limitMs });
      // Without its CPU time nobody can say that a server does nothing.
      if (verdict === 'hung' && used !== undefined) return 'hung';
      if (verdict === 'slept') lastProgress = now;
      if (verdict === 'suspect' && !suspected) {
        suspected = true;
        input.onSuspect(now - lastProgress);
      }
      if (isProbeDue({ now, lastProgress, limitMs })) ask();
      await input.onLook();
    }
    return 'ended';
  } finally {
    unsubscribe();
    stopWaking();
  }
}

async function askOneToken(input: HangMonitorInput): Promise<'token' | 'answer' | 'none'> {
  try {
    return (await generatesToken(input, input.limitMs, input.signal)) ? 'token' : 'answer';
  } catch {
    return 'none';
  }
}

/** CPU time of the tree so far, ms; undefined where it could not be told. */
async function cpuMilliseconds({
  process: engine,
  processes,
}: HangMonitorInput): Promise<number | undefined> {
  const tree = await engine.tree();
  if (!tree.known) return undefined;
  const usage = await processes.usage(tree.value.map(({ pid }) => pid));
  return usage.known
    ? [...usage.value.values()].reduce((sum, { cpuMs }) => sum + cpuMs, 0)
    : undefined;
}
