import { FitReport } from '@shared/domain/memory';
import { shortText } from '@shared/domain/memory-labels';
import type { ErrorBody } from '@shared/errors';
import { formatMemory } from '@shared/format/bytes';
import { formatWholeMinutes } from '@shared/format/durations';
import { shellQuote } from '@shared/shell-quote';

/** The sum of a start that was refused, and every way to make it fit; none of another error. */
export function refusalLines({ code, data }: ErrorBody, now: number): string[] {
  if (code !== 'does_not_fit') return [];
  const report = FitReport.safeParse(data).data;
  return report ? [...sumLines(report), 'What helps:', ...choices(report, now)] : [];
}

function sumLines({ fit, shortBytes }: FitReport): string[] {
  const { parts, learnedPeak, context, concurrency, unknown } = fit;
  const cache = `KV cache for ${context} tokens, ${concurrency} at once`;
  const sum = [
    `${formatMemory(parts.weights)} weights`,
    `${formatMemory(parts.kvCache)} ${cache}`,
    `${formatMemory(parts.promptCache)} prompt cache`,
    `${formatMemory(parts.overhead)} runtime and prompt`,
  ];
  return [
    learnedPeak === undefined
      ? `  Estimated: ${sum.join(', ')}.`
      : `  Measured on earlier runs: ${formatMemory(learnedPeak)}.`,
    ...unknown.map((sentence) => `  ${sentence}`),
    `  ${shortText(shortBytes)}.`,
  ];
}

function choices(report: FitReport, now: number): string[] {
  const { stoppable, toStop, longestContext, safeMode } = report;
  const names = stoppable
    .filter(({ profileId }) => toStop.includes(profileId))
    .map(({ name }) => shellQuote(name));
  return [
    ...(names.length > 0 ? [`  mlx-manager stop ${names.join(' ')}, then start again`] : []),
    ...stoppable.map((server) => `    ${stoppableText(server, now)}`),
    ...(longestContext === undefined
      ? []
      : [
          `  a context of at most ${longestContext} tokens: --set context-length=${longestContext}`,
        ]),
    ...(safeMode && safeMode.verdict !== 'no'
      ? [`  --safe-mode, which needs ${formatMemory(safeMode.total)}`]
      : []),
    '  --force, to start it anyway',
  ];
}

function stoppableText(server: FitReport['stoppable'][number], now: number): string {
  const { name, state, idleSince, busy, freesBytes, suffices } = server;
  const idle =
    idleSince === undefined
      ? ''
      : `, idle ${formatWholeMinutes((now - Date.parse(idleSince)) / 1000)}`;
  const works = busy && state === 'ready' ? ', working' : '';
  const enough = suffices ? '' : ', not enough on its own';
  return `${name}: ${state}${works}${idle}, frees ${formatMemory(freesBytes)}${enough}`;
}
