/**
 * The free text for a custom tool, from the arguments that a model wrote for the function in its place. Models do not
 * always keep to `{"input": "..."}`: the only text of an object counts too, and what is no JSON is the text itself.
 */
export function customInput(text: string): string {
  const value = parsed(text);
  if (typeof value === 'string') return value;
  if (typeof value !== 'object' || value === null) return text;
  const input = 'input' in value ? value.input : undefined;
  if (typeof input === 'string') return input;
  const values: readonly unknown[] = Object.values(value);
  const only = values.length === 1 ? values[0] : undefined;
  return typeof only === 'string' ? only : text;
}

/** Undefined where it is no JSON, which is a text like any other here. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
