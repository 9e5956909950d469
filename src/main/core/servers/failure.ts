import type { LogLine } from '@shared/domain/log';
import type { Evidence, ServerFailure } from '@shared/domain/server';
import type { Action, FailureCode } from '@shared/errors';
import type { EngineAdapter, FailurePattern, LogFinding } from '../engines/adapter';
import { hasSafeMode } from './safe-mode';

/** How a process ended. */
export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

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
  for (const { code, pattern, fatal, message } of patterns) {
    const match = pattern.exec(line.text);
    if (match) return { code, fatal, line, message: fillIn(message, match) };
  }
  return undefined;
}

function fillIn(message: string, match: RegExpExecArray): string {
  return message.replace(/\$(\d)/g, (_, group: string) => match[Number(group)] ?? '');
}

export interface ExitContext {
  readonly adapter: EngineAdapter;
  readonly exit: Exit | undefined;
  readonly lines: readonly LogLine[];
  readonly wasReady: boolean;
  readonly seconds: number;
}

/** Where the engine has options that take less. */
const LESS_MEMORY: Action = { id: 'safe_mode', label: 'Start with less memory' };

/** Names an ended or failed process's cause: the log first, then signal and code. */
export function classifyExit(context: ExitContext): ServerFailure {
  const finding = findInLog(context.adapter, context.lines);
  const evidence = exitEvidence(context, finding);
  if (finding) {
    const { code, message } = finding;
    const less = code === 'out_of_memory' && hasSafeMode(context.adapter);
    return withAction({ code, message, evidence, ...(less ? { action: { ...LESS_MEMORY } } : {}) });
  }
  const { exit, wasReady } = context;
  if (!exit) {
    return failure(
      'not_answering',
      'The engine is alive, but its health check answers an error and its log names no cause.',
      evidence,
    );
  }
  const when = wasReady ? 'after it was ready' : 'while it was loading';
  const how = describeExit(exit);
  const message =
    exit.signal === 'SIGKILL'
      ? `The engine was ended by SIGKILL ${when}: by the system for lack of memory, or by another program.`
      : `The engine ended ${when} (${how}) without naming a cause in its log.`;
  return withAction({ code: 'exited', message, evidence });
}

/** `exit code 3`, `signal SIGKILL`. */
export function describeExit(exit: Exit): string {
  if (exit.signal) return `signal ${exit.signal}`;
  return exit.code === null ? 'ended, code not known' : `exit code ${exit.code}`;
}

function exitEvidence(context: ExitContext, finding: LogFinding | undefined): Evidence[] {
  const evidence: Evidence[] = [];
  if (finding) {
    evidence.push({
      label: 'Cause',
      text: `${finding.code}, matched in the log, line ${finding.line.n + 1}`,
    });
    evidence.push({ label: 'Log', text: finding.line.text });
  }
  if (context.exit) {
    const after = `${context.seconds.toFixed(1)} s after its start`;
    evidence.push({ label: 'Exit', text: `${describeExit(context.exit)}, ${after}` });
  } else {
    evidence.push({
      label: 'Process',
      text: 'still alive when the failure was found; it was ended',
    });
  }
  if (!finding) {
    const last = context.lines.filter((line) => line.source === 'engine').at(-1);
    if (last) evidence.push({ label: 'Last line', text: last.text });
  }
  return evidence;
}

/** Adds the action that fixes a failure of this code, where one is known. */
export function withAction(failure: ServerFailure): ServerFailure {
  if (failure.action) return failure;
  const action = defaultAction(failure.code);
  return action ? { ...failure, action } : failure;
}

function defaultAction(code: FailureCode): { id: string; label: string } | undefined {
  switch (code) {
    case 'port_in_use':
    case 'not_answering':
    case 'exited':
      return { id: 'retry', label: 'Try again' };
    case 'model_missing':
    case 'model_incomplete':
      return { id: 'open_models', label: 'Show models' };
    case 'unsupported_architecture':
      return { id: 'open_engines', label: 'Look for a newer engine' };
    case 'engine_missing':
      return { id: 'open_engines', label: 'Install the engine' };
    case 'engine_broken':
      return { id: 'reinstall_engine', label: 'Install the engine again' };
    case 'bad_option':
      return { id: 'edit_options', label: 'Edit the options' };
    case 'out_of_memory':
      return { id: 'edit_options', label: 'Lower the memory it needs' };
    case 'load_timeout':
      return { id: 'raise_deadline', label: 'Allow more time to load' };
    case 'custom_code':
      return { id: 'edit_options', label: 'Decide about custom code' };
    case 'permission':
      return { id: 'retry', label: 'Try again' };
  }
}

/** A failure found before or instead of a run. */
export function failure(
  code: FailureCode,
  message: string,
  evidence: readonly Evidence[] = [],
  action?: Action,
): ServerFailure {
  return withAction({
    code,
    message,
    evidence: [...evidence],
    ...(action === undefined ? {} : { action: { ...action } }),
  });
}

/** What makes two failures the same one: code and cause without numbers that differ by chance. */
export function failureSignature(failure: ServerFailure): string {
  const line = failure.evidence.find((item) => item.label === 'Log' || item.label === 'Last line');
  return `${failure.code}: ${(line?.text ?? failure.message).replace(/\d+/g, '#')}`;
}
