/** How a family of models writes its tool calls and its reasoning. */
export const PARSER_FAMILIES = [
  'deepseek',
  'function-gemma',
  'gemma4',
  'glm4',
  'harmony',
  'hermes',
  'kimi-k2',
  'llama3',
  'longcat',
  'minimax-m2',
  'mistral',
  'qwen3',
  'qwen3-coder',
  'step3',
] as const;
export type ParserFamily = (typeof PARSER_FAMILIES)[number];

/** What is known of a model; anything in it may be hostile. */
export interface ParserFacts {
  readonly chatTemplate: string | undefined;
  /** `model_type` of config.json. */
  readonly modelType: string | undefined;
  /** `org/name`, or the folder's name. */
  readonly name: string;
}

export interface DetectedParser {
  readonly family: ParserFamily;
  /** Which fact it was, in words for a person. */
  readonly evidence: string;
}

export interface DetectedParsers {
  readonly toolCalls: DetectedParser | undefined;
  readonly reasoning: DetectedParser | undefined;
}

interface Rule {
  readonly family: ParserFamily;
  /** All of these stand in the chat template. */
  readonly marks?: readonly string[];
  readonly modelTypes?: RegExp;
  readonly names?: RegExp;
}

/**
 * Marks of chat templates, the first that fits: as mlx-lm 0.32.2 tells them apart (mlx_lm/tokenizer_utils.py,
 * _infer_tool_parser; mlx_lm/tool_parsers), with those of Harmony, DeepSeek and Llama from the models' own
 * templates. Then the model type, then the name.
 */
const TOOL_CALLS: readonly Rule[] = [
  {
    family: 'minimax-m2',
    marks: ['<minimax:tool_call>'],
    modelTypes: /^minimax/,
    names: /minimax/,
  },
  {
    family: 'gemma4',
    marks: ['<|tool_call>', '<tool_call|>'],
    modelTypes: /^gemma4/,
    names: /gemma-?4/,
  },
  { family: 'function-gemma', marks: ['<start_function_call>'], names: /functiongemma/ },
  { family: 'longcat', marks: ['<longcat_tool_call>'], modelTypes: /^longcat/, names: /longcat/ },
  { family: 'glm4', marks: ['<arg_key>'], modelTypes: /^glm4/, names: /\bglm-?4/ },
  { family: 'qwen3-coder', marks: ['<tool_call>', '<function='], names: /qwen3-?coder/ },
  {
    family: 'kimi-k2',
    marks: ['<|tool_calls_section_begin|>'],
    modelTypes: /^kimi/,
    names: /kimi-?k2/,
  },
  {
    family: 'harmony',
    marks: ['<|channel|>', '<|message|>'],
    modelTypes: /^gpt_oss/,
    names: /gpt-?oss/,
  },
  {
    family: 'deepseek',
    marks: ['<｜tool▁calls▁begin｜>'],
    modelTypes: /^deepseek_v3/,
    names: /deepseek-?(?:v3|r1)/,
  },
  {
    family: 'mistral',
    marks: ['[TOOL_CALLS]'],
    modelTypes: /^(?:mistral|ministral)/,
    names: /mistral|devstral/,
  },
  { family: 'step3', names: /step-?3/ },
  { family: 'hermes', marks: ['<tool_call>'], modelTypes: /^qwen[23]/, names: /hermes|qwen-?[23]/ },
  { family: 'llama3', marks: ['<|python_tag|>'], names: /llama-?3/ },
];

/** The same for reasoning. Many families write `<think>`, so those with a parser of their own come first. */
const REASONING: readonly Rule[] = [
  {
    family: 'harmony',
    marks: ['<|channel|>', '<|message|>'],
    modelTypes: /^gpt_oss/,
    names: /gpt-?oss/,
  },
  { family: 'gemma4', marks: ['<|channel>thought'], modelTypes: /^gemma4/ },
  { family: 'mistral', marks: ['[THINK]'], names: /magistral/ },
  { family: 'minimax-m2', marks: ['<minimax:tool_call>', '<think>'], modelTypes: /^minimax/ },
  { family: 'glm4', marks: ['<arg_key>', '<think>'], modelTypes: /^glm4/ },
  { family: 'kimi-k2', marks: ['<|tool_calls_section_begin|>', '<think>'] },
  { family: 'deepseek', marks: ['<｜Assistant｜>', '<think>'], names: /deepseek-?r1/ },
  { family: 'step3', names: /step-?3/ },
  { family: 'qwen3', marks: ['<think>'], modelTypes: /^qwen3/, names: /qwen3(?!.*instruct)|qwq/ },
];

/** A longer template is no template; only its beginning is looked at. */
const MAX_TEMPLATE_CHARS = 200_000;
const MAX_NAME_CHARS = 300;

/** Which parsers a model needs: its chat template tells best, then its type, then its name. */
export function detectParsers(facts: ParserFacts): DetectedParsers {
  const template = facts.chatTemplate?.slice(0, MAX_TEMPLATE_CHARS) ?? '';
  const type = facts.modelType?.slice(0, MAX_NAME_CHARS).toLowerCase() ?? '';
  const name = facts.name.slice(0, MAX_NAME_CHARS).toLowerCase();
  const detect = (rules: readonly Rule[], isSpoken: boolean): DetectedParser | undefined => {
    const byMarks = rules.find(({ marks }) => marks?.every((mark) => template.includes(mark)));
    if (byMarks) {
      const shown = byMarks.marks?.join(' and ');
      return { family: byMarks.family, evidence: `The chat template writes ${shown}` };
    }
    // A template that is there and knows no tools says more than a name does.
    if (template !== '' && !isSpoken) return undefined;
    const byType = rules.find(({ modelTypes }) => type !== '' && modelTypes?.test(type));
    if (byType) return { family: byType.family, evidence: `The model's type is ${type}` };
    const byName = rules.find(({ names }) => names?.test(name));
    return (
      byName && {
        family: byName.family,
        evidence: `The model's name is ${facts.name.slice(0, MAX_NAME_CHARS)}`,
      }
    );
  };
  return {
    toolCalls: detect(TOOL_CALLS, /\btools?\b/.test(template)),
    reasoning: detect(REASONING, /think|reason/i.test(template)),
  };
}
