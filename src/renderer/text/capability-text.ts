import type { AvailableEngine, Capability } from '@shared/domain/engine';

/** What people ask an engine for; its endpoints and its metrics are not shown. */
const LABELS: Partial<Record<Capability, string>> = {
  text: 'chat',
  vision: 'pictures',
  audio: 'sound',
  embeddings: 'embeddings',
  tools: 'tool calls',
  reasoning: 'reasoning',
};

/** `chat, pictures, tool calls and reasoning`: with a model that can. */
export function capabilityText({ capabilities }: Pick<AvailableEngine, 'capabilities'>): string {
  const labels = capabilities.flatMap((one) => LABELS[one] ?? []);
  const last = labels.pop() ?? '';
  return labels.length === 0 ? last : `${labels.join(', ')} and ${last}`;
}
