import type { HubModel } from '@shared/domain/hub';

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
