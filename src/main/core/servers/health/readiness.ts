import type { ModelKind } from '@shared/domain/hub';
import type { LogLine } from '@shared/domain/log';
import type { ServerFailure } from '@shared/domain/server';
import { sleep, sleepAwake } from '../../ports/clock';
import type { EngineAdapter, ProofRequest } from '../../engines/adapters/adapter';
import type { Clock } from '../../ports';
import type { PortHolder } from '../../ports/processes';
import { isPortOpen } from '../../processes/port-holder';
import { answersOn } from '../../processes/answers-on';
import { portTaken } from '../../failures/port-taken';
import type { Processes } from '../../ports/processes';
import type { ServerProcess } from '../launch/server-process';
import { classifyExit, findInLog } from './classify-exit';
import { beginsTraceback, findUncaught } from './traceback';
import { dialHost, type PathMark, probe } from './http-probe';
import { notReadyInTime } from '../../failures/run-failures';

/** What readiness and classification need of a run's log. */
export interface EngineLog {
  readonly path: string;
  note(text: string): void;
  onLines(listener: (lines: LogLine[]) => void): () => void;
  tail(count: number): LogLine[];
  lastLine(): string | undefined;
  flush(): Promise<void>;
}

export interface ReadinessInput {
  readonly adapter: EngineAdapter;
  readonly process: ServerProcess;
  readonly processes: Processes;
  readonly log: EngineLog;
  readonly host: string;
  readonly port: number;
  readonly modelPath: string;
  readonly modelKind?: ModelKind | undefined;
  /** How long it may take without a sign of progress in its log. */
  readonly deadlineMs: number;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** First sign of life (`loading`), then what it is doing. */
  readonly onPhase: (phase: string, loading: boolean) => void;
}

export type ReadyOutcome =
  | { readonly kind: 'ready' }
  | { readonly kind: 'failed'; readonly failure: ServerFailure }
  | { readonly kind: 'aborted' };

/**
 * Probes are this far apart at first, growing to the second, later to the third (ms). While nothing accepts a
 * connection a probe is one refused connect, which costs some 60 microseconds.
 */
const PAUSE = { first: 2, usual: 10, late: 50, lateAfter: 60_000 } as const;
/** After a fatal line, how long the rest of its traceback may take, and of any line at the end. */
const TRACEBACK_SETTLE_MS = 60;
/** A live engine whose health answers an error this long, without a cause in its log, is broken. */
const UNHEALTHY_LIMIT_MS = 5000;
const TAIL_LINES = 400;
/** A bar in any engine's log: `Loading weights:  45%|####`. */
const BAR = /\b\d{1,3}(?:\.\d+)?%/;

/**
 * Ready means proven: the listener belongs to our tree, health answers, and one token was generated.
 * Ends as soon as the log, the exit or the port shows that it cannot become ready.
 */
export async function proveReady(input: ReadinessInput): Promise<ReadyOutcome> {
  const done = new AbortController();
  const signal = AbortSignal.any([done.signal, input.signal]);
  const progress = new LoadProgress(input);
  const watch = watchLog(input, progress, signal);
  try {
    return await Promise.race([
      probeUntilReady(input, signal),
      watch.failed,
      failOnExit(input, signal),
      failOnDeadline(input, progress, signal),
      aborted(input.signal),
    ]);
  } finally {
    watch.stop();
    done.abort();
  }
}

function aborted(signal: AbortSignal): Promise<ReadyOutcome> {
  if (signal.aborted) return Promise.resolve({ kind: 'aborted' });
  return new Promise((resolve) => {
    signal.addEventListener('abort', () => resolve({ kind: 'aborted' }), { once: true });
  });
}

const never = (): Promise<never> => new Promise(() => undefined);

async function failOnExit(input: ReadinessInput, signal: AbortSignal): Promise<ReadyOutcome> {
  const exit = await input.process.exited;
  if (signal.aborted) return never();
  await input.log.flush();
  const seconds = (input.clock.monotonic() - input.process.beganAt) / 1000;
  return {
    kind: 'failed',
    failure: classifyExit({
      adapter: input.adapter,
      exit,
      lines: input.log.tail(TAIL_LINES),
      wasReady: false,
      seconds,
    }),
  };
}

/** A model of hundreds of gigabytes on a slow disk takes as long as it takes: what goes on loading is not given up. */
async function failOnDeadline(
  input: ReadinessInput,
  progress: LoadProgress,
  signal: AbortSignal,
): Promise<ReadyOutcome> {
  let seen: string | undefined;
  do {
    seen = progress.newest;
    await sleepAwake(input.clock, input.deadlineMs, signal);
    if (signal.aborted) return never();
  } while (progress.newest !== seen);
  // A line of which half has been read is no evidence: it may turn out to be about our own request.
  await sleep(input.clock, TRACEBACK_SETTLE_MS, signal);
  if (signal.aborted) return never();
  await input.log.flush();
  return { kind: 'failed', failure: notReadyInTime(input.deadlineMs, input.log.lastLine()) };
}

function watchLog(
  input: ReadinessInput,
  progress: LoadProgress,
  signal: AbortSignal,
): { failed: Promise<ReadyOutcome>; stop: () => void } {
  let stop = (): void => undefined;
  const failed = new Promise<ReadyOutcome>((resolve, reject) => {
    let settling = false;
    let raised = false;
    // Such an engine opens its port only when it has loaded: until then its words are the only sign of life.
    let isSilent = input.adapter.health.answers === 'after-load';
    const look = (lines: readonly LogLine[]): void => {
      if (isSilent && lines.some(({ source }) => source === 'engine')) {
        isSilent = false;
        input.onPhase('Loading model', true);
      }
      progress.read(lines);
      raised ||= beginsTraceback(lines);
      const isOver =
        findInLog(input.adapter, lines)?.fatal === true ||
        (raised && findUncaught(input.log.tail(TAIL_LINES)) !== undefined);
      if (settling || !isOver) return;
      settling = true;
      settle(input, signal).then(resolve, reject);
    };
    stop = input.log.onLines(look);
    look(input.log.tail(TAIL_LINES));
  });
  return { failed, stop: () => stop() };
}

async function settle(input: ReadinessInput, signal: AbortSignal): Promise<ReadyOutcome> {
  await Promise.race([input.process.exited, sleep(input.clock, TRACEBACK_SETTLE_MS, signal)]);
  await input.log.flush();
  const seconds = (input.clock.monotonic() - input.process.beganAt) / 1000;
  return {
    kind: 'failed',
    failure: classifyExit({
      adapter: input.adapter,
      exit: input.process.exit,
      lines: input.log.tail(TAIL_LINES),
      wasReady: false,
      seconds,
    }),
  };
}

/** How far a load is, by what the engine says. */
class LoadProgress {
  readonly #input: ReadinessInput;
  /** The last sign of it. */
  newest: string | undefined;

  constructor(input: ReadinessInput) {
    this.#input = input;
  }

  read(lines: readonly LogLine[]): void {
    const { adapter, onPhase } = this.#input;
    for (const { source, text } of lines) {
      if (source !== 'engine') continue;
      const match = adapter.progress.find(({ pattern }) => pattern.test(text));
      if (match) onPhase(match.phase, true);
      if (match || BAR.test(text)) this.newest = text;
    }
  }
}

async function probeUntilReady(input: ReadinessInput, signal: AbortSignal): Promise<ReadyOutcome> {
  const began = input.clock.monotonic();
  let pause: number = PAUSE.first;
  let unhealthySince: number | undefined;
  while (!signal.aborted) {
    const owner = (await accepts(input)) ? await portState(input) : CLOSED;
    if (owner.kind === 'stranger')
      return { kind: 'failed', failure: portTaken(input.port, owner.by) };
    if (owner.kind === 'ours') {
      input.onPhase('Loading model', true);
      const health = await askHealth(input, signal);
      if (health === 'ok' && (await askToken(input, signal))) return { kind: 'ready' };
      if (health === 'ok') unhealthySince = undefined;
      else unhealthySince ??= input.clock.monotonic();
      const unhealthyFor = input.clock.monotonic() - (unhealthySince ?? input.clock.monotonic());
      if (health === 'error' && unhealthyFor > UNHEALTHY_LIMIT_MS) return settle(input, signal);
    }
    await sleep(input.clock, pause, signal);
    const late = input.clock.monotonic() - began > PAUSE.lateAfter;
    pause = late ? PAUSE.late : Math.min(pause * 2, PAUSE.usual);
  }
  return never();
}

/** Whether anything takes connections: the cheapest question, asked before whose it is. */
function accepts({ host, port }: ReadinessInput): Promise<boolean> {
  return isPortOpen(port, dialHost(host));
}

type PortState =
  | { readonly kind: 'closed' }
  | { readonly kind: 'ours' }
  | { readonly kind: 'stranger'; readonly by: PortHolder | undefined }
  | { readonly kind: 'unknown'; readonly reason: string };

/** Unknown counts as closed: ready needs something seen, and so does a stranger. It is asked again at once. */
const CLOSED: PortState = { kind: 'closed' };

async function portState({ host, port, process, processes }: ReadinessInput): Promise<PortState> {
  const { pid } = process.identity;
  const own = await processes.listeners(port, [pid]);
  if (own.known && own.value.some((socket) => answersOn(socket, host))) return { kind: 'ours' };
  const all = await processes.listeners(port);
  if (!all.known) return { kind: 'unknown', reason: all.reason };
  const listeners = all.value.filter((socket) => answersOn(socket, host));
  if (listeners.length === 0) return { kind: 'closed' };
  const tree = await process.tree();
  if (!tree.known) return { kind: 'unknown', reason: tree.reason };
  const ours = new Set(tree.value.map((info) => info.pid));
  if (listeners.some((socket) => socket.pid !== undefined && ours.has(socket.pid)))
    return { kind: 'ours' };
  const [first] = listeners;
  if (first?.pid === undefined) return { kind: 'stranger', by: undefined };
  const info = await processes.read(first.pid);
  if (!info.known) return { kind: 'unknown', reason: info.reason };
  // A listener that has just ended, or one of ours that was forked since the table was read.
  if (!info.value || ours.has(info.value.ppid)) return { kind: 'closed' };
  return { kind: 'stranger', by: { pid: first.pid, command: info.value.command } };
}

async function askHealth(
  input: ReadinessInput,
  signal: AbortSignal,
): Promise<'ok' | 'error' | 'none'> {
  try {
    const answer = await probe({
      host: input.host,
      port: input.port,
      path: input.adapter.health.path,
      mark: markOf(input.adapter),
      timeoutMs: 5000,
      signal,
    });
    return answer.status === 200 ? 'ok' : 'error';
  } catch {
    return 'none'; // not listening yet, or busy: the next round asks again until the deadline
  }
}

function markOf({ probeMark, health }: EngineAdapter): PathMark | undefined {
  return probeMark && { by: probeMark, known: health.path };
}

/** One generated token. Waits as long as the engine loads; the caller's signal ends it. */
async function askToken(input: ReadinessInput, signal: AbortSignal): Promise<boolean> {
  if (input.adapter.proof) input.onPhase('Loading model', true);
  try {
    return await generatesToken(input, 0, signal);
  } catch {
    return false; // closed without an answer: the exit or the log will tell why, or the next round asks again
  }
}

/** Asks for one token, or for health where the engine generates none; false when the answer is not one. Rejects when there is no answer in time. */
export async function generatesToken(
  target: Pick<ReadinessInput, 'adapter' | 'host' | 'port' | 'modelPath' | 'modelKind'>,
  timeoutMs: number,
  signal?: AbortSignal,
): Promise<boolean> {
  const { adapter, host, port } = target;
  const proof = adapter.proof?.(adapter.requestModel(target.modelPath), target.modelKind);
  const { path, body } = proof ?? { path: adapter.health.path, body: undefined };
  const mark = markOf(adapter);
  const answer = await probe({ host, port, path, body, mark, timeoutMs, signal });
  return answer.status === 200 && (proof === undefined || isFilled(answer.body, proof.answersWith));
}

function isFilled(body: string, list: ProofRequest['answersWith']): boolean {
  try {
    const parsed: { readonly [name in typeof list]?: unknown } | null = JSON.parse(body);
    const found = parsed?.[list];
    return Array.isArray(found) && found.length > 0;
  } catch {
    return false;
  }
}
