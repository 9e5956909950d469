import { kindText } from './model-text';
import type { Fact } from '@renderer/components/Facts';
import type { HubModel, HubModelPage } from '@shared/domain/hub';
import { formatLargeCount, formatNumber } from '@shared/format/counts';

/** The second line of a row: who made it, under which licence, and what is special about it. */
export function modelLine(model: HubModel): string {
  const { author, licence, gated, kind } = model;
  return [author, licence, gated ? 'Gated' : undefined, kind === 'other' ? 'Other' : kindText(kind)]
    .filter(Boolean)
    .join(' · ');
}

/** What the files of a model say, line by line; what is not known has no line. */
export function pageFacts({ model, facts, template, engines }: HubModelPage): Fact[] {
  const { parameters, activeParameters, groupSize, contextLength, architecture } = facts;
  const bits = facts.bits ?? model.bits;
  const active =
    activeParameters === undefined ? '' : `, ${formatLargeCount(activeParameters)} active`;
  const group = groupSize === undefined ? '' : `, group size ${groupSize}`;
  const lines: [string, string | undefined][] = [
    ['Parameters', parameters && `${formatLargeCount(parameters)}${active}`],
    ['Architecture', architecture],
    ['Quantization', bits === undefined ? undefined : `${bits}-bit${group}`],
    ['Context', contextLength && `${formatNumber(contextLength)} tokens`],
    ['Chat template', template && templateSummary(template)],
    ['Engines', engines && (engines.join(', ') || 'No installed engine supports it')],
  ].map(([label, value]) => [String(label), value === undefined ? value : String(value)]);
  return lines.flatMap(([label, value]) => (value ? [{ label, value }] : []));
}

const REASONING = {
  none: 'no reasoning',
  always: 'reasoning',
  switchable: 'optional reasoning',
} as const;

/** `Tool calls, no reasoning`. */
function templateSummary({ toolCalls, reasoning }: NonNullable<HubModelPage['template']>): string {
  return `${toolCalls ? 'Tool calls' : 'No tool calls'}, ${REASONING[reasoning]}`;
}

/** A repository that lacks something itself: a download of it would bring nothing that can be served. */
export function notWhole(missing: readonly string[]): string {
  const more = missing.length > 1 ? ` and ${missing.length - 1} more` : '';
  return `The repository is incomplete: ${missing[0] ?? 'files are missing'}${more}.`;
}
