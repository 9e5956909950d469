/** The input of a tool's call, which the dialect knows as an object only. */
import { type Fields, isObject } from './fields';

/**
 * What a model wrote that is no object, as Anthropic's documentation of fine-grained tool streaming names it: the
 * client's own check of the input then says to the model what is wrong with it.
 */
const INVALID = 'INVALID_JSON';

/** The arguments that a model wrote; none at all are those of a tool without parameters. */
export function parseToolInput(text: string): Fields {
  if (text.trim() === '') return {};
  try {
    const input: unknown = JSON.parse(text);
    return isObject(input) ? input : { [INVALID]: text };
  } catch {
    return { [INVALID]: text };
  }
}

/** The input of a call that a client sends back, which may be one that no object could be made of. */
export function asToolInput(input: unknown): Fields {
  if (isObject(input)) return input;
  if (input === undefined || input === null) return {};
  return { [INVALID]: typeof input === 'string' ? input : JSON.stringify(input) };
}
