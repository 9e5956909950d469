import type { LogLine } from '@shared/domain/log';
import type { Evidence } from '@shared/domain/failure';
import type { ServerFailure } from '@shared/domain/server';
import { makeAction } from '@shared/errors/action';
import type { EngineAdapter, FailurePattern, LogFinding } from '../../engines/adapters/adapter';
import { hasSafeMode } from '../../engines/options/safe-mode';
import { failure, usualAction } from '../../failures/failure';
import { engineEnded, healthCheckFails } from '../../failures/run-failures';
import { describeExit, type Exit } from '../launch/exit';

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

/** Names an ended or failed process's cause: the log first, then signal and code. */
export function classifyExit(context: ExitContext): ServerFailure {
  const finding = findInLog(context.adapter, context.lines);
  const evidence = exitEvidence(context, finding);
  if (finding) {
    const { code, message } = finding;
    const less = code === 'out_of_memory' && hasSafeMode(context.adapter);
    const action = less ? makeAction('safe_mode') : usualAction(code, context.adapter.id);
    return failure(code, message, evidence, action);
  }
  const { exit, wasReady } = context;
  if (!exit) return healthCheckFails(evidence);
  const killed = exit.signal === 'SIGKILL';
  return engineEnded({ how: describeExit(exit), killed, wasReady }, evidence);
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

/** What makes two failures the same one: code and cause without numbers that differ by chance. */
export function failureSignature(failure: ServerFailure): string {
  const line = failure.evidence.find((item) => item.label === 'Log' || item.label === 'Last line');
  return `${failure.code}: ${(line?.text ?? failure.message).replace(/\d+/g, '#')}`;
}
