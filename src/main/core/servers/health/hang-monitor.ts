import { readFile } from 'node:fs/promises';
import { sleep } from '../../ports/clock';
import type { EngineAdapter } from '../../engines/adapters/adapter';
import type { Clock } from '../../ports';
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
  let cpu = await cpuMilliseconds(input.process);
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
      const used = await cpuMilliseconds(input.process);
      const now = clock.monotonic();
      if (isCpuProgress(used - cpu, now - cpuAt)) progress();
      [cpu, cpuAt] = [used, now];
      const verdict = judgeHang({ now, lastProgress, due, limitMs });
      if (verdict === 'hung') return 'hung';
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

/** Clock ticks per second of /proc/PID/stat: sysconf(_SC_CLK_TCK) is 100 on Linux. */
const TICK_MS = 10;

/** CPU time of the tree so far, ms; 0 where it cannot be read, which then counts as no progress. */
async function cpuMilliseconds(process_: EngineProcess): Promise<number> {
  const tree = await process_.tree();
  if (process.platform !== 'linux') return psCpuMilliseconds(tree.map((info) => info.pid));
  const times = await Promise.all(
    tree.map(async ({ pid }) => {
      const stat = await readFile(`/proc/${pid}/stat`, 'latin1').catch(() => '');
      const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      return (Number(fields[11] ?? 0) + Number(fields[12] ?? 0)) * TICK_MS;
    }),
  );
  return times.reduce((sum, time) => sum + (Number.isFinite(time) ? time : 0), 0);
}

async function psCpuMilliseconds(pids: readonly number[]): Promise<number> {
  if (pids.length === 0) return 0;
  const { execa } = await import('execa');
  const result = await execa('ps', ['-o', 'time=', '-p', pids.join(',')], {
    reject: false,
    timeout: 5000,
  });
  return (result.stdout ?? '')
    .split('\n')
    .reduce((sum, text) => sum + parseCpuTime(text.trim()), 0);
}

/** `1-02:03:04`, `2:03:04`, `3:04.56` as ps prints CPU time, in ms. */
export function parseCpuTime(text: string): number {
  const match = /^(?:(\d+)-)?(?:(\d+):)?(\d+):(\d+(?:\.\d+)?)$/.exec(text);
  if (!match) return 0;
  const [, days = '0', hours = '0', minutes = '0', seconds = '0'] = match;
  return (
    ((Number(days) * 24 + Number(hours)) * 60 + Number(minutes)) * 60_000 + Number(seconds) * 1000
  );
}
