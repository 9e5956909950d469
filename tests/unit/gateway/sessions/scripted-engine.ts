import type { Conversation } from '@gateway/conversation/conversation';
import { promptParts } from '@gateway/sessions/prompt-parts';

/** Tokens that it reads per second. */
export const READING_SPEED = 500;

/** Characters of a token, as in English prose and code. */
const CHARACTERS = 4;

/**
 * An engine with a prompt cache of so many prompts, the least recently used going first, as mlx-lm's server has one: it
 * computes what follows the longest beginning that a prompt in the cache has, a block at a time.
 */
export class ScriptedEngine {
  readonly #slots: number;
  readonly #block: number;
  #cache: string[] = [];

  constructor({ slots = 10, block = 1 }: { slots?: number; block?: number } = {}) {
    this.#slots = slots;
    this.#block = block;
  }

  restart(): void {
    this.#cache = [];
  }

  /** What it reports of an answer. */
  ask(conversation: Conversation): {
    readonly promptTokens: number;
    readonly cachedTokens: number;
    readonly firstTokenMs: number;
  } {
    // Every template writes something around a message.
    const prompt = `${promptParts(conversation)
      .map(({ role, text }) => `<|im_start|>${role}\n${text}<|im_end|>\n`)
      .join('')}<|im_start|>assistant\n`;
    const promptTokens = Math.ceil(prompt.length / CHARACTERS);
    const common = Math.max(0, ...this.#cache.map((kept) => commonCharacters(kept, prompt)));
    const tokens = Math.min(promptTokens - 1, Math.floor(common / CHARACTERS));
    const cachedTokens = Math.floor(tokens / this.#block) * this.#block;
    this.#cache = [prompt, ...this.#cache.filter((kept) => !prompt.startsWith(kept))];
    this.#cache.length = Math.min(this.#cache.length, this.#slots);
    const firstTokenMs = ((promptTokens - cachedTokens) * 1000) / READING_SPEED;
    return { promptTokens, cachedTokens, firstTokenMs };
  }
}

function commonCharacters(one: string, other: string): number {
  let length = 0;
  while (length < Math.min(one.length, other.length) && one[length] === other[length]) length++;
  return length;
}
