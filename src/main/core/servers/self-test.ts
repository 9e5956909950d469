import { messageOf } from '@shared/errors';
import type { EngineOption, Installation, SelfTestResult } from '@shared/domain/engine';
import { randomUUID } from 'node:crypto';
import net from 'node:net';
import type { EngineAdapter } from '../engines/adapters/adapter';
import { chatProof } from '../engines/adapters/chat-proof';
import type { Clock } from '../ports';
import type { Processes } from '../ports/processes';
import type { ProcessLauncher, ServerProcess } from './launch/server-process';
import { probe } from './health/http-probe';
import { buildLaunch } from './launch/launch';
import { NONCE_VARIABLE } from './launch/ownership';
import { proveReady } from './health/readiness';
import type { RunLogHandle } from './supervision/server-run';

export interface SelfTestInput {
  readonly adapter: EngineAdapter;
  readonly installation: Installation;
  readonly bin: string;
  readonly known: readonly EngineOption[];
  readonly modelPath: string;
  readonly openLog: () => Promise<RunLogHandle>;
  readonly baseEnv: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  readonly clock: Clock;
  readonly processes: Processes;
  readonly launcher: ProcessLauncher;
  readonly signal: AbortSignal;
  /** Puts its server on record before it is started, so that the next manager ends it if this one dies. */
  readonly own: (mark: { name: string; value: string }) => Promise<OwnedProcess>;
  /** What is being done, line by line. */
  readonly onLine: (text: string) => void;
}

/** A process on record, until it is proven gone. */
interface OwnedProcess {
  began(process: { pid: number; pgid: number; startTime: string }): Promise<void>;
  ended(): Promise<void>;
  left(reason: string): void;
}

/** A server that is told to end after its test was cancelled has nothing to save, ms. */
const CANCELLED_GRACE_MS = 1000;
const SELF_TEST_LIMIT_MS = 180_000;
const SELF_TEST_TOKENS = 8;

/** Serves the built-in model on a free port and asks for tokens. Leaves nothing running. */
export async function runSelfTest(input: SelfTestInput): Promise<SelfTestResult> {
  const { clock, onLine } = input;
  const began = clock.monotonic();
  const seconds = (): number => (clock.monotonic() - began) / 1000;
  const port = await freePort();
  const log = await input.openLog();
  const nonce = randomUUID();
  const launch = buildLaunch({
    ...input,
    baseEnv: { ...input.baseEnv, [NONCE_VARIABLE]: nonce },
    profile: { host: '127.0.0.1', port, options: {}, env: {}, extraArgs: [] },
  });
  onLine(`Serving the built-in test model on port ${port}`);
  let owned: OwnedProcess | undefined;
  let process_: ServerProcess;
  try {
    owned = await input.own({ name: NONCE_VARIABLE, value: nonce });
    process_ = await input.launcher.spawn(launch, { logPath: log.path, nonce });
  } catch (error) {
    await owned?.ended();
    const problem = messageOf(error);
    await log.end(problem, 'failed');
    return { passed: false, seconds: seconds(), problem };
  }
  const unsubscribe = log.onLines((lines) => {
    for (const line of lines) if (line.source === 'engine' && !line.open) onLine(line.text);
  });
  let result: SelfTestResult;
  try {
    await owned.began(process_.identity);
    const target = { host: '127.0.0.1', port, modelPath: input.modelPath };
    const ready = await proveReady({
      ...target,
      adapter: input.adapter,
      process: process_,
      processes: input.processes,
      log,
      deadlineMs: SELF_TEST_LIMIT_MS,
      clock,
      signal: input.signal,
      onPhase: (phase) => onLine(phase),
    });
    if (ready.kind === 'aborted')
      result = { passed: false, seconds: seconds(), problem: 'cancelled' };
    else if (ready.kind === 'failed') {
      const evidence = ready.failure.evidence
        .map((item) => `${item.label}: ${item.text}`)
        .join('; ');
      const problem = `${ready.failure.message}${evidence === '' ? '' : ` (${evidence})`}`;
      result = { passed: false, seconds: seconds(), problem };
    } else result = await askTokens(input, port, seconds);
  } finally {
    unsubscribe();
    const graceMs = input.signal.aborted ? CANCELLED_GRACE_MS : input.adapter.shutdownMs + 5000;
    const outcome = await process_.stop(graceMs);
    const isGone = outcome.kind === 'gone';
    if (isGone) await owned.ended();
    else owned.left(outcome.kind === 'unknown' ? outcome.reason : "the system can't end it");
    await log.end(isGone ? 'stopped' : 'still alive', isGone ? 'stopped' : 'failed');
  }
  return result;
}

async function askTokens(
  input: SelfTestInput,
  port: number,
  seconds: () => number,
): Promise<SelfTestResult> {
  const { path, body } = chatProof(input.adapter.requestModel(input.modelPath));
  const request = { ...body, max_tokens: SELF_TEST_TOKENS };
  input.onLine(`POST ${path}, max_tokens ${SELF_TEST_TOKENS}`);
  const answer = await probe({
    host: '127.0.0.1',
    port,
    path,
    body: request,
    timeoutMs: 60_000,
    signal: input.signal,
  });
  const output = contentOf(answer.body);
  input.onLine(`Answered ${answer.status}: ${output}`);
  if (answer.status !== 200 || output === '') {
    return {
      passed: false,
      seconds: seconds(),
      problem: `It returned ${answer.status} without text.`,
    };
  }
  return { passed: true, seconds: seconds(), output };
}

function contentOf(body: string): string {
  try {
    const parsed: { choices?: { message?: { content?: unknown } }[] } = JSON.parse(body);
    const content = parsed.choices?.[0]?.message?.content;
    return typeof content === 'string' ? content : '';
  } catch {
    return ''; // not JSON: reported by the caller as an answer without text
  }
}

/** A port that the system says is free. */
function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = net.createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address ? address.port : 0));
    });
  });
}
