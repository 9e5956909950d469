// Runs in the thread that counts: no path aliases, since Node itself strips the types of the sources of a thread.

/** Pairs of tokens by which mlx-lm knows a model that thinks (`_infer_thinking` of 0.32.2). */
const THINKING_TOKENS = [
  ['<think>', '</think>'],
  ['<longcat_think>', '</longcat_think>'],
  ['<|think:start|>', '<|think:end|>'],
  ['<|channel>', '<channel|>'],
] as const;

/**
 * What an engine gives every chat template by itself, beside what its options and a request say. Some templates do
 * another thing where nothing is given (Gemma 4's), so the same must be counted.
 * @param hasToken whether the model's vocabulary has a token.
 */
export function engineTemplateArgs(
  engine: string,
  folder: string,
  hasToken: (token: string) => boolean,
): Readonly<Record<string, unknown>> {
  switch (engine) {
    // The second asks the first's tokenizer (`app/handler/mlx_lm.py` of 1.8.1).
    case 'mlx-lm':
    case 'mlx-openai-server':
      return { enable_thinking: THINKING_TOKENS.some((pair) => pair.every(hasToken)) };
    // `--enable-thinking` is off (`server/generation.py` of 0.7.10).
    case 'mlx-vlm':
      return { enable_thinking: false };
    // `engine/simple.py` and `engine/batched.py` of 0.6.0; it knows the model by its folder.
    case 'vllm-mlx':
      return { enable_thinking: !folder.toLowerCase().includes('coder') };
    default:
      return {};
  }
}
