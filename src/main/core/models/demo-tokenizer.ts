/**
 * The vocabulary of the built-in model: the 256 symbols of byte-level BPE (so that any prompt can be
 * read), three special tokens, and one token for each word of its sentence.
 */
const SPECIALS = ['<|endoftext|>', '<|im_start|>', '<|im_end|>'] as const;

/** What the built-in model says, over and over. */
export const DEMO_SENTENCE =
  'I am the built-in test model of MLX Manager; my words mean nothing, but this server is real.';

/** The tokens of the sentence in order; the first is a byte symbol, the others are words of their own. */
const FIRST_WORD = 'I';
const WORDS: readonly string[] = [
  ` ${FIRST_WORD}`,
  ...DEMO_SENTENCE.split(' ')
    .slice(1)
    .map((word) => ` ${word}`),
];

const BYTE_SYMBOLS = byteSymbols();
const FIRST_SPECIAL = BYTE_SYMBOLS.length;
const FIRST_ADDED_WORD = FIRST_SPECIAL + SPECIALS.length;

export const VOCABULARY_SIZE = FIRST_ADDED_WORD + WORDS.length;
export const END_OF_TEXT_ID = FIRST_SPECIAL;
export const END_OF_TURN_ID = FIRST_SPECIAL + 2;

/** The token that follows each token: the words form a ring, everything else leads to the first word. */
export function nextToken(token: number): number {
  const first = BYTE_SYMBOLS.indexOf(FIRST_WORD);
  if (token === first) return FIRST_ADDED_WORD + 1;
  if (token < FIRST_ADDED_WORD) return first;
  return token + 1 < VOCABULARY_SIZE ? token + 1 : FIRST_ADDED_WORD;
}

/** Content of `tokenizer.json` (format of the `tokenizers` library, version 1.0). */
export function demoTokenizer(): unknown {
  const byteLevel = { type: 'ByteLevel', add_prefix_space: false, trim_offsets: true };
  return {
    version: '1.0',
    truncation: null,
    padding: null,
    added_tokens: [
      ...SPECIALS.map((content, index) => addedToken(FIRST_SPECIAL + index, content, true)),
      ...WORDS.map((content, index) => addedToken(FIRST_ADDED_WORD + index, content, false)),
    ],
    normalizer: null,
    pre_tokenizer: { ...byteLevel, use_regex: true },
    post_processor: null,
    decoder: { ...byteLevel, use_regex: true },
    model: {
      type: 'BPE',
      dropout: null,
      unk_token: null,
      continuing_subword_prefix: null,
      end_of_word_suffix: null,
      fuse_unk: false,
      byte_fallback: false,
      ignore_merges: false,
      vocab: Object.fromEntries(BYTE_SYMBOLS.map((symbol, id) => [symbol, id])),
      merges: [],
    },
  };
}

/** Content of `tokenizer_config.json`, with a chat template in ChatML. */
export function demoTokenizerConfig(maxLength: number): unknown {
  return {
    tokenizer_class: 'PreTrainedTokenizerFast',
    bos_token: null,
    eos_token: SPECIALS[2],
    pad_token: SPECIALS[0],
    unk_token: null,
    model_max_length: maxLength,
    clean_up_tokenization_spaces: false,
    chat_template:
      "{% for m in messages %}<|im_start|>{{ m['role'] }}\n{{ m['content'] }}<|im_end|>\n{% endfor %}" +
      '{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}',
  };
}

function addedToken(id: number, content: string, special: boolean): unknown {
  return {
    id,
    content,
    single_word: false,
    lstrip: false,
    rstrip: false,
    normalized: false,
    special,
  };
}

/** GPT-2's byte symbols: printable bytes stand for themselves, the others for code points from 256 up. */
function byteSymbols(): readonly string[] {
  const isPrintable = (byte: number): boolean =>
    (byte >= 33 && byte <= 126) || (byte >= 161 && byte <= 172) || byte >= 174;
  const bytes = Array.from({ length: 256 }, (_, byte) => byte);
  const hidden = bytes.filter((byte) => !isPrintable(byte));
  const points = [...bytes.filter(isPrintable), ...hidden.map((_, index) => 256 + index)];
  return points.sort((a, b) => a - b).map((point) => String.fromCodePoint(point));
}
