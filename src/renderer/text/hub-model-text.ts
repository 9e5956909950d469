import type { Fact } from '@renderer/components/Facts';
import { formatNumber } from '@renderer/components/format';
import type { HubModel, HubModelPage } from '@shared/domain/hub';

const KINDS: Readonly<Record<HubModel['kind'], string | undefined>> = {
  text: undefined,
  vision: 'Vision',
  embedding: 'Embedding',
  audio: 'Audio',
  other: 'Other',
};

/** The second line of a row: who made it, under which licence, and what is special about it. */
export function modelLine(model: HubModel): string {
  const { author, licence, gated, kind } = model;
  return [author, licence, gated ? 'Gated' : undefined, KINDS[kind]].filter(Boolean).join(' · ');
}

/** `684 K`, `1.2 M`: how often it was downloaded. */
export function formatTimes(times: number): string {
  if (times >= 1e6) return `${(times / 1e6).toFixed(1)} M`;
  return times >= 1000 ? `${Math.round(times / 1000)} K` : String(times);
}

/** `30.5 B`, `596 M`: parameters. */
export function formatParameters(count: number): string {
  if (count >= 1e9) return `${(count / 1e9).toFixed(1)} B`;
  return count >= 1e6 ? `${Math.round(count / 1e6)} M` : formatNumber(count);
}

/** What the files of a model say, line by line; what is not known has no line. */
export function pageFacts({ model, facts, template, engines }: HubModelPage): Fact[] {
  const { parameters, activeParameters, groupSize, contextLength, architecture } = facts;
  const bits = facts.bits ?? model.bits;
  const active =
    activeParameters === undefined ? '' : `, ${formatParameters(activeParameters)} active`;
  const group = groupSize === undefined ? '' : `, group size ${groupSize}`;
  const lines: [string, string | undefined][] = [
    ['Parameters', parameters && `${formatParameters(parameters)}${active}`],
    ['Architecture', architecture],
    ['Quantisation', bits === undefined ? undefined : `${bits}-bit${group}`],
    ['Context', contextLength && `${formatNumber(contextLength)} tokens`],
    ['Chat template', template && templateWords(template)],
    ['Engines', engines && (engines.join(', ') || 'None of those installed knows it')],
  ].map(([label, value]) => [String(label), value === undefined ? value : String(value)]);
  return lines.flatMap(([label, value]) => (value ? [{ label, value }] : []));
}

const REASONING = {
  none: 'no reasoning',
  always: 'reasoning',
  switchable: 'reasoning that can be switched off',
} as const;

/** `Tool calls, no reasoning`. */
function templateWords({ toolCalls, reasoning }: NonNullable<HubModelPage['template']>): string {
  return `${toolCalls ? 'Tool calls' : 'No tool calls'}, ${REASONING[reasoning]}`;
}
