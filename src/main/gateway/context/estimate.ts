import type { Conversation, Message } from '../conversation/conversation';

/** What can be said of a prompt's tokens without its tokenizer. */
export interface PromptBounds {
  /** No tokenizer makes more of it; undefined where it holds what is not text, of which only the model can tell. */
  readonly most: number | undefined;
  /** What it probably is, for where it cannot be counted. */
  readonly likely: number;
}

/** What of a conversation becomes the prompt. */
export type PromptSource = Pick<Conversation, 'messages' | 'tools'>;

/**
 * Tokens that a template writes by itself. The longest that are known put 500 tokens of instructions before a
 * conversation (Mistral Small 3.2, Command R7B) and 1,300 where there are tools (Command R7B).
 */
const MOST_OF_TEMPLATE = 2048;
const LIKELY_OF_TEMPLATE = 32;
/** The markers around a message, a call or a tool, with the names of their fields. */
const MOST_AROUND = 64;
const LIKELY_AROUND = 8;
/** English prose has 4 to 4.5 bytes in a token of today's vocabularies, code 3 to 3.5, JSON and numbers fewer. */
const ASCII_PER_TOKEN = 3;
/** Other scripts have 2 to 4 bytes of UTF-8 in a token. */
const OTHER_PER_TOKEN = 2.5;
/** An image is cut into 64 to 16,384 pieces, by its size and the model. */
const LIKELY_OF_IMAGE = 1024;
/** Whisper's encoder has 50 frames a second, and what is sent is mostly some seconds long. */
const LIKELY_OF_AUDIO = 500;

/**
 * How many tokens a conversation is at most, and how many probably. Every token of byte-level BPE, and of SentencePiece
 * with byte fallback, stands for at least one byte of the text, so bytes that are under a limit are tokens that are.
 * Takes time in proportion to the text, about a millisecond for ten megabytes.
 */
export function promptBounds({ messages, tools }: PromptSource): PromptBounds {
  const sum = new Sum();
  for (const message of messages) addMessage(sum, message);
  for (const { name, description, parameters } of tools) {
    sum.addPiece();
    sum.addText(name);
    sum.addText(description ?? '');
    // Templates write schemas as JSON, some of them (Llama 3.1's) indented by four.
    sum.addText(JSON.stringify(parameters, null, 4) ?? '');
  }
  return sum.bounds();
}

function addMessage(sum: Sum, message: Message): void {
  sum.addPiece();
  for (const part of message.parts) {
    if (part.kind === 'text') sum.addText(part.text);
    else sum.addOther(part.kind === 'image' ? LIKELY_OF_IMAGE : LIKELY_OF_AUDIO);
  }
  if (message.role !== 'assistant') return;
  sum.addText(message.reasoning ?? '');
  for (const call of message.calls) {
    sum.addPiece();
    sum.addText(call.name);
    // Written anew by the template, with a space behind each comma and colon: never more than twice as long.
    sum.addText(call.arguments);
    sum.addText(call.arguments);
  }
}

class Sum {
  #bytes = 0;
  /** Bytes of letters beyond ASCII. */
  #other = 0;
  #pieces = 0;
  #likelyMore = 0;
  #isText = true;

  addText(text: string): void {
    const bytes = Buffer.byteLength(text);
    this.#bytes += bytes;
    // A letter has one unit and two or three bytes, or two units and four bytes: so its bytes are at most twice what
    // they are more than its units.
    this.#other += Math.min(bytes, 2 * (bytes - text.length));
  }

  addPiece(): void {
    this.#pieces++;
  }

  addOther(likely: number): void {
    this.#isText = false;
    this.#likelyMore += likely;
  }

  bounds(): PromptBounds {
    const ascii = this.#bytes - this.#other;
    const likely =
      ascii / ASCII_PER_TOKEN +
      this.#other / OTHER_PER_TOKEN +
      this.#pieces * LIKELY_AROUND +
      LIKELY_OF_TEMPLATE +
      this.#likelyMore;
    // Some tokenizers compose letters first (NFC), which makes at most three bytes of one; ASCII stays as it is
    // (https://unicode.org/faq/normalization.html#12).
    const most = ascii + 3 * this.#other + this.#pieces * MOST_AROUND + MOST_OF_TEMPLATE;
    return { most: this.#isText ? most : undefined, likely: Math.ceil(likely) };
  }
}
