import type { AvailableEngine, Capability } from '@shared/domain/engine';

/** What people ask an engine for; its endpoints and its metrics are not shown. */
const WORDS: Partial<Record<Capability, string>> = {
  text: 'chat',
  vision: 'pictures',
  audio: 'sound',
  embeddings: 'embeddings',
  tools: 'tool calls',
  reasoning: 'reasoning',
};

/** `chat, pictures, tool calls and reasoning`: with a model that can. */
export function capabilityText({ capabilities }: Pick<AvailableEngine, 'capabilities'>): string {
  const words = capabilities.flatMap((one) => WORDS[one] ?? []);
  const last = words.pop() ?? '';
  return words.length === 0 ? last : `${words.join(', ')} and ${last}`;
}
