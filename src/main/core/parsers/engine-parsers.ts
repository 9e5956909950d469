import type { ParserFamily } from './detect-parsers';

type Names = Readonly<Partial<Record<ParserFamily, string>>>;

/** What an engine with parsers to choose calls them, by family. */
interface EngineParsers {
  readonly toolCalls: Names;
  readonly reasoning: Names;
}

/**
 * Names of vllm-mlx 0.6.0 (`vllm-mlx serve --help`) and mlx-openai-server 1.8.1 (`launch --help`). mlx-lm
 * and mlx-vlm choose by themselves from the chat template and have no such option.
 */
const ENGINES: Readonly<Record<string, EngineParsers>> = {
  'vllm-mlx': {
    toolCalls: {
      deepseek: 'deepseek_v3',
      gemma4: 'gemma4',
      glm4: 'glm47',
      harmony: 'harmony',
      hermes: 'hermes',
      'kimi-k2': 'kimi_k2',
      llama3: 'llama3',
      'minimax-m2': 'minimax_m2',
      mistral: 'mistral',
      'qwen3-coder': 'qwen3_coder',
      step3: 'step3p5',
    },
    reasoning: {
      deepseek: 'deepseek_r1',
      gemma4: 'gemma4',
      glm4: 'glm4',
      harmony: 'harmony',
      mistral: 'mistral',
      qwen3: 'qwen3',
      step3: 'step3p5',
    },
  },
  'mlx-openai-server': {
    toolCalls: {
      'function-gemma': 'functiongemma',
      gemma4: 'gemma4',
      glm4: 'glm4_moe',
      harmony: 'harmony',
      hermes: 'hermes',
      'kimi-k2': 'kimi_k2',
      longcat: 'longcat_flash_lite',
      'minimax-m2': 'minimax_m2',
      'qwen3-coder': 'qwen3_coder',
      step3: 'step_35',
    },
    reasoning: {
      gemma4: 'gemma4',
      glm4: 'glm4_moe',
      harmony: 'harmony',
      'kimi-k2': 'kimi_k2',
      'minimax-m2': 'minimax_m2',
      qwen3: 'qwen3',
      step3: 'step_35',
    },
  },
};

/** The engine's own name of a family's parser; undefined where it has none to choose. */
export function engineParser(
  engine: string,
  what: 'toolCalls' | 'reasoning',
  family: ParserFamily,
): string | undefined {
  return ENGINES[engine]?.[what][family];
}

/** Whether the engine chooses by itself, so that nothing need be set. */
export function choosesByItself(engine: string): boolean {
  return engine === 'mlx-lm' || engine === 'mlx-vlm';
}
