/** What a chat template shows about a model. */
export interface TemplateFacts {
  readonly toolCalls: boolean;
  readonly reasoning: 'none' | 'always' | 'switchable';
}

/** Names by which templates let a caller switch reasoning off (Qwen3, GLM, DeepSeek V3.1, Granite, SmolLM3). */
const SWITCHES =
  /\b(?:enable_thinking|thinking|reasoning_effort|enable_reasoning)\b\s*(?:is|==|\)|%|and|or|not)/;
const REASONS = /<think>|<\|channel\|>|<seed:think>|\[THINK\]|<reasoning>/;

/** Reads a template as text; it is never run. */
export function templateFacts(template: string): TemplateFacts {
  const reasons = REASONS.test(template);
  return {
    toolCalls: /\btools\b/.test(template),
    reasoning: SWITCHES.test(template) ? 'switchable' : reasons ? 'always' : 'none',
  };
}
