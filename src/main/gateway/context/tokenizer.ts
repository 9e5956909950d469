// Runs in the thread that counts: no path aliases, since Node itself strips the types of the sources of a thread.
import { hash } from 'node:crypto';

import { Tokenizer } from '@huggingface/tokenizers';

import { isRecord } from './template.ts';

/** An added token as `tokenizer.json` has it; it splits the text before anything else looks at it. */
interface AddedToken {
  readonly content: string;
  readonly special?: boolean;
  readonly normalized?: boolean;
  readonly lstrip?: boolean;
  readonly single_word?: boolean;
}

/** Parts of prompts whose number of tokens is remembered; each takes about 150 bytes. */
const REMEMBERED = 50_000;

/**
 * Counts tokens with a model's own tokenizer. A text is cut in front of special tokens, on whose two sides tokens are
 * made independently of each other, and the number of each part is remembered by its hash. So of a conversation that
 * grew by a turn that turn alone is tokenized, whichever session it belongs to, also where something in its middle
 * changed; and no text is kept for it.
 */
export class PromptTokenizer {
  readonly #tokenizer: Tokenizer;
  readonly #boundary: RegExp | undefined;
  readonly #known = new Map<string, number>();

  /**
   * @param json of `tokenizer.json`, parsed.
   * @param config of `tokenizer_config.json`, parsed.
   * @param templateText in which the special tokens are looked for that mark a prompt's parts.
   * @throws Error where the tokenizer is of a kind that cannot be built.
   */
  constructor(json: unknown, config: Readonly<Record<string, unknown>>, templateText: string) {
    if (!isRecord(json)) throw new Error("tokenizer.json isn't an object");
    // A prompt that a template made gets no tokens around it, and nothing is ever decoded: both are left out, and with
    // them kinds of either that the library may not know.
    const forCounts = { normalizer: null, pre_tokenizer: null, added_tokens: [], ...json };
    this.#tokenizer = new Tokenizer({ ...forCounts, decoder: null, post_processor: null }, config);
    this.#boundary = boundaryOf(addedTokens(json), templateText);
  }

  /** Tokens of a prompt as a template made it. */
  count(text: string): number {
    let sum = 0;
    for (const part of this.#parts(text)) sum += this.#countPart(part);
    return sum;
  }

  /** Whether the vocabulary has a token. */
  has(token: string): boolean {
    return this.#tokenizer.token_to_id(token) !== undefined;
  }

  #parts(text: string): readonly string[] {
    if (this.#boundary === undefined) return [text];
    return text.split(this.#boundary);
  }

  #countPart(part: string): number {
    if (part === '') return 0;
    const key = hash('sha256', part, 'base64');
    const known = this.#known.get(key);
    const tokens = known ?? this.#tokenizer.tokenize(part).length;
    // The one used last goes last.
    this.#known.delete(key);
    this.#known.set(key, tokens);
    if (this.#known.size > REMEMBERED) {
      for (const oldest of this.#known.keys()) {
        this.#known.delete(oldest);
        break;
      }
    }
    return tokens;
  }
}

function addedTokens(json: Readonly<Record<string, unknown>>): readonly AddedToken[] {
  const list = Array.isArray(json.added_tokens) ? json.added_tokens : [];
  return list.filter(
    (token: unknown): token is AddedToken =>
      isRecord(token) && typeof token.content === 'string' && token.content !== '',
  );
}

/**
 * Matches the places in front of the special tokens that a template writes; undefined where none is safe. Not safe is
 * one that takes white space in front of it away, that is looked for after the text was changed, or that could overlap
 * with another added token: where that one begins earlier, the tokenizer finds it instead.
 */
export function boundaryOf(added: readonly AddedToken[], templateText: string): RegExp | undefined {
  const safe = added.filter(
    (token) =>
      token.special === true &&
      token.normalized !== true &&
      token.lstrip !== true &&
      token.single_word !== true &&
      templateText.includes(token.content) &&
      !added.some(({ content }) => reachesInto(content, token.content)),
  );
  if (safe.length === 0) return undefined;
  const escaped = safe.map(({ content }) => content.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&'));
  return new RegExp(`(?=${escaped.join('|')})`, 'g');
}

/** Whether a text could hold `other` such that it begins before a `token` and reaches into it, or holds it whole. */
function reachesInto(other: string, token: string): boolean {
  if (other !== token && other.includes(token)) return true;
  for (let length = 1; length < Math.min(other.length, token.length); length++) {
    if (token.startsWith(other.slice(-length))) return true;
  }
  return false;
}
