import type { OutputFormat, Sampling, Thinking } from '../../conversation/conversation';
import { badField } from '../../conversation/refusal';
import {
  asFields,
  type Fields,
  neededString,
  optionalArray,
  optionalBoolean,
  optionalFields,
  optionalNumber,
  optionalString,
  shown,
} from './fields';

/** How much a model is to think, by OpenAI's words for it. */
const EFFORTS: Readonly<Record<string, Thinking>> = {
  none: 'off',
  minimal: 'minimal',
  low: 'low',
  medium: 'medium',
  high: 'high',
  xhigh: 'high',
  max: 'high',
};

export interface ReadThinking {
  readonly thinking?: Thinking | undefined;
  readonly changes: readonly string[];
}

/** Reads `reasoning.effort`; there is nothing above high for a model here. */
export function readThinking(body: Fields): ReadThinking {
  const reasoning = optionalFields(body, 'reasoning');
  const effort = reasoning && optionalString(reasoning, 'effort', 'reasoning');
  if (effort === undefined) return { changes: [] };
  const thinking = Object.hasOwn(EFFORTS, effort) ? EFFORTS[effort] : undefined;
  if (thinking === undefined) {
    throw badField(
      'reasoning.effort',
      `reasoning.effort must be one of ${Object.keys(EFFORTS).join(', ')}; got ${shown(effort)}.`,
    );
  }
  const isLess = effort === 'xhigh' || effort === 'max';
  return { thinking, changes: isLess ? [`reasoning.effort ${effort} became high`] : [] };
}

/** Reads `text.format`: free text is undefined. */
export function readFormat(body: Fields): OutputFormat | undefined {
  const text = optionalFields(body, 'text');
  const format = text && optionalFields(text, 'format', 'text');
  if (format === undefined) return undefined;
  const at = 'text.format';
  const type = neededString(format, 'type', at);
  if (type === 'text') return undefined;
  if (type === 'json_object') return { kind: 'json' };
  if (type === 'json_schema') {
    return {
      kind: 'schema',
      name: neededString(format, 'name', at),
      schema: asFields(format.schema, `${at}.schema`),
      strict: optionalBoolean(format, 'strict', at),
    };
  }
  throw badField(
    `${at}.type`,
    `${at}.type must be text, json_object or json_schema; got ${shown(type)}.`,
  );
}

/** Fields that engines know beside OpenAI's two, by the names that they have in a chat. */
export const ENGINE_SAMPLING = [
  'top_k',
  'min_p',
  'seed',
  'presence_penalty',
  'frequency_penalty',
  'stop',
] as const;

export function readSampling(body: Fields): Sampling {
  return {
    temperature: optionalNumber(body, 'temperature', { min: 0, max: 2 }),
    topP: optionalNumber(body, 'top_p', { min: 0, max: 1 }),
    topK: optionalNumber(body, 'top_k', { isWhole: true }),
    minP: optionalNumber(body, 'min_p', { min: 0, max: 1 }),
    seed: optionalNumber(body, 'seed', { isWhole: true }),
    presencePenalty: optionalNumber(body, 'presence_penalty', { min: -2, max: 2 }),
    frequencyPenalty: optionalNumber(body, 'frequency_penalty', { min: -2, max: 2 }),
    stop: readStop(body),
  };
}

function readStop(body: Fields): readonly string[] | undefined {
  if (typeof body.stop === 'string') return [body.stop];
  return optionalArray(body, 'stop')?.map((value, index) => {
    if (typeof value === 'string') return value;
    throw badField('stop', `stop[${index}] must be a string; got ${shown(value)}.`);
  });
}
