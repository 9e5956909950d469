import type { LogLine } from '@shared/domain/log';
import type { Evidence } from '@shared/domain/failure';
import type { ServerFailure } from '@shared/domain/server';
import { makeAction } from '@shared/errors/action';
import { formatShortDuration } from '@shared/format/durations';
import type { EngineAdapter, FailurePattern, LogFinding } from '../../engines/adapters/adapter';
import { hasSafeMode } from '../../engines/options/safe-mode';
import { failure, usualAction } from '../../failures/failure';
import { engineEnded, healthCheckFails, threadEnded } from '../../failures/run-failures';
import { describeExit, type Exit } from '../launch/exit';
import { findTracebacks, type Traceback } from './traceback';

/** The newest line that a pattern of the adapter knows, or the cause where the adapter tells it itself. */
export function findInLog(
  adapter: EngineAdapter,
  lines: readonly LogLine[],
): LogFinding | undefined {
  if (adapter.findFailure) return adapter.findFailure(lines);
  for (let index = lines.length - 1; index >= 0; index--) {
    const line = lines[index];
    if (line === undefined || line.source !== 'engine') continue;
    const finding = matchLine(adapter.failures, line);
    if (finding) return finding;
  }
  return undefined;
}

function matchLine(patterns: readonly FailurePattern[], line: LogLine): LogFinding | undefined {
  for (const { code, pattern, fatal, always, message, messageWithCause } of patterns) {
    const match = pattern.exec(line.text);
    if (!match) continue;
    const found = { code, fatal, line, message: fillIn(message, match), messageWithCause };
    return { ...found, ...(always && { always }) };
  }
  return undefined;
}

function fillIn(message: string, match: RegExpExecArray): string {
  return message.replace(/\$(\d)/g, (_, group: string) => match[Number(group)] ?? '');
}

/** Whether lines of the log mean the end of a server that answers requests, though its process is alive. */
export function tellsOfEnd(adapter: EngineAdapter, lines: readonly LogLine[]): boolean {
  const deadly = adapter.failures.filter(({ always }) => always === true);
  return lines.some((line) => line.source === 'engine' && matchLine(deadly, line) !== undefined);
}

export interface ExitContext {
  readonly adapter: EngineAdapter;
  readonly exit: Exit | undefined;
  readonly lines: readonly LogLine[];
  readonly wasReady: boolean;
  readonly seconds: number;
}

/** Names an ended or failed process's cause: the log first, then signal and code. */
export function classifyExit(context: ExitContext): ServerFailure {
  const finding = findInLog(context.adapter, context.lines);
  const traceback = causeOf(context, finding);
  const evidence = exitEvidence(context, traceback?.line ?? finding?.line, finding?.code);
  const exception = traceback && textOf(traceback);
  if (finding) {
    const { code, messageWithCause } = finding;
    const caused = exception && messageWithCause?.replace('$cause', () => exception);
    const message = caused ?? finding.message;
    // Where the engine has options that take less.
    const less = code === 'out_of_memory' && hasSafeMode(context.adapter);
    const action = less ? makeAction('safe_mode') : usualAction(code, context.adapter.id);
    return failure(code, message, evidence, action);
  }
  const { exit, wasReady } = context;
  if (exit) {
    const killed = exit.signal === 'SIGKILL';
    return engineEnded({ how: describeExit(exit), killed, wasReady, exception }, evidence);
  }
  // A process that lives on while the engine in it does not.
  const isEnd = traceback?.where === 'main' || traceback?.where === 'thread';
  return isEnd && exception
    ? threadEnded(traceback.thread ?? 'main', exception, evidence)
    : healthCheckFails(exception, evidence);
}

/** The exception in the engine's words, without a full stop of its own. */
function textOf({ line }: Traceback): string {
  return line.text.trimEnd().replace(/\.$/, '');
}

/**
 * The newest exception that may be the cause, where no text names it. After ready only one that nobody
 * caught: what an engine writes down and goes on from is then a request that failed.
 */
function causeOf(
  { lines, wasReady, exit }: ExitContext,
  finding: LogFinding | undefined,
): Traceback | undefined {
  const tracebacks = findTracebacks(lines).filter(({ where }) => where !== 'request');
  if (finding) return finding.always && tracebacks.find(({ line }) => line.n > finding.line.n);
  return tracebacks.findLast(({ where }) => !wasReady || !exit || where !== 'logged');
}

function exitEvidence(
  context: ExitContext,
  cause: LogLine | undefined,
  code: string | undefined,
): Evidence[] {
  const evidence: Evidence[] = [];
  if (cause) {
    const where = `in the log, line ${cause.n + 1}`;
    evidence.push({
      label: 'Cause',
      text: code === undefined ? `an exception ${where}` : `${code}, matched ${where}`,
    });
    evidence.push({ label: 'Log', text: cause.text });
  }
  if (context.exit) {
    const after = `${formatShortDuration(context.seconds)} after its start`;
    evidence.push({ label: 'Exit', text: `${describeExit(context.exit)}, ${after}` });
  } else {
    evidence.push({
      label: 'Process',
      text: 'still running when the failure was found, so it was ended',
    });
  }
  if (!cause) {
    const last = context.lines.findLast(
      ({ source, text }) => source === 'engine' && text.trim() !== '',
    );
    if (last) evidence.push({ label: 'Last line', text: last.text });
  }
  return evidence;
}

/** What makes two failures the same one: code and cause without numbers that differ by chance. */
export function failureSignature(failure: ServerFailure): string {
  const line = failure.evidence.find((item) => item.label === 'Log' || item.label === 'Last line');
  return `${failure.code}: ${(line?.text ?? failure.message).replace(/\d+/g, '#')}`;
}
