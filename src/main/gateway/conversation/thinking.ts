/**
 * The one table of the fields by which clients say how much a model is to think. Each client has its own; all of them
 * are understood in every dialect.
 */
import type { Thinking } from './conversation';
import { badField } from './refusal';

/** Top-level fields of a body that `readThinking` understands, so that a reader keeps them out of what it passes on. */
export const THINKING_FIELDS: ReadonlySet<string> = new Set([
  'reasoning_effort',
  'reasoning',
  'think',
  'thinking',
  'enable_thinking',
  'output_config',
]);

/** Keys of `chat_template_kwargs` that `readThinking` understands. */
export const THINKING_ARGUMENTS: ReadonlySet<string> = new Set([
  'enable_thinking',
  'thinking',
  'reasoning_effort',
]);

const EFFORTS: Readonly<Record<string, Thinking | undefined>> = {
  none: 'off',
  off: 'off',
  disabled: 'off',
  minimal: 'minimal',
  low: 'low',
  medium: 'medium',
  high: 'high',
  xhigh: 'high',
  max: 'high',
  // Left to the model.
  auto: undefined,
  default: undefined,
};

/** What one field says: an effort, or only that thinking is on or off. */
type Said = Thinking | 'on' | undefined;

/**
 * How much the model is to think, from whichever field says so; undefined leaves it to the model. One that says "off"
 * counts before one that names an effort, an effort before one that only says "on" (which is `medium`).
 *
 * @throws RequestRefused for a value that none of these fields has.
 */
export function readThinking(body: unknown): Thinking | undefined {
  const fields = objectOf(body);
  if (fields === undefined) return undefined;
  const kwargs = objectOf(fields.chat_template_kwargs);
  const config = objectOf(fields.output_config);
  const said: readonly Said[] = [
    effort(fields.reasoning_effort, 'reasoning_effort'),
    reasoning(fields.reasoning),
    effort(kwargs?.reasoning_effort, 'chat_template_kwargs.reasoning_effort'),
    toggle(fields.think, 'think'),
    effort(config?.effort, 'output_config.effort'),
    thinking(fields.thinking),
    toggle(fields.enable_thinking, 'enable_thinking'),
    toggle(kwargs?.enable_thinking, 'chat_template_kwargs.enable_thinking'),
    toggle(kwargs?.thinking, 'chat_template_kwargs.thinking'),
  ];
  if (said.includes('off')) return 'off';
  const named = said.find((value) => value !== undefined && value !== 'on');
  if (named !== undefined) return named;
  return said.includes('on') ? 'medium' : undefined;
}

function effort(value: unknown, param: string): Said {
  if (value === undefined || value === null) return undefined;
  if (typeof value === 'string' && Object.hasOwn(EFFORTS, value)) return EFFORTS[value];
  throw badField(
    param,
    `${param} is ${shown(value)}, but must be one of ${Object.keys(EFFORTS).join(', ')}.`,
  );
}

/** A switch that some clients also give an effort. */
function toggle(value: unknown, param: string): Said {
  if (typeof value === 'boolean') return value ? 'on' : 'off';
  return effort(value, param);
}

/** `{effort}` of OpenAI, `{enabled, max_tokens}` of routers, or one of them alone. */
function reasoning(value: unknown): Said {
  const fields = objectOf(value);
  if (fields === undefined) return toggle(value, 'reasoning');
  const named = effort(fields.effort, 'reasoning.effort');
  if (named !== undefined) return named;
  if (typeof fields.enabled === 'boolean') return fields.enabled ? 'on' : 'off';
  return typeof fields.max_tokens === 'number' ? ofBudget(fields.max_tokens) : undefined;
}

/** `{type: enabled | disabled | adaptive, budget_tokens}` of Anthropic. */
function thinking(value: unknown): Said {
  const fields = objectOf(value);
  if (fields === undefined) return toggle(value, 'thinking');
  if (fields.type === 'disabled') return 'off';
  if (fields.type === 'adaptive' || fields.type === undefined) return undefined;
  if (fields.type !== 'enabled')
    throw badField(
      'thinking.type',
      `thinking.type is ${shown(fields.type)}, but must be enabled, disabled or adaptive.`,
    );
  return typeof fields.budget_tokens === 'number' ? ofBudget(fields.budget_tokens) : 'on';
}

/** No model here counts a budget, so that it becomes the effort that it stands for. */
function ofBudget(tokens: number): Thinking {
  if (tokens <= 0) return 'off';
  if (tokens < 1024) return 'minimal';
  if (tokens <= 4096) return 'low';
  return tokens <= 16_384 ? 'medium' : 'high';
}

function objectOf(value: unknown): Readonly<Record<string, unknown>> | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Readonly<Record<string, unknown>>)
    : undefined;
}

const shown = (value: unknown): string => JSON.stringify(value)?.slice(0, 80) ?? typeof value;
