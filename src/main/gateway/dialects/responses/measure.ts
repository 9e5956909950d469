/** How deep a parsed JSON value nests and about how much memory it takes. */
export interface Measure {
  readonly depth: number;
  /** Bytes, rounded up: two for each character, and what V8 needs besides for a value. */
  readonly bytes: number;
}

const BYTES_PER_VALUE = 24;

/**
 * Walks a parsed JSON value without recursion, since the depth of a hostile body would overflow the stack. The cost is
 * one step for each value, however long its texts are.
 */
export function measure(value: unknown): Measure {
  let bytes = 0;
  let depth = 0;
  const waiting: { readonly value: unknown; readonly level: number }[] = [{ value, level: 1 }];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const { level } = next;
    depth = Math.max(depth, level);
    bytes += BYTES_PER_VALUE;
    if (typeof next.value === 'string') bytes += 2 * next.value.length;
    if (typeof next.value !== 'object' || next.value === null) continue;
    const isArray = Array.isArray(next.value);
    for (const [key, inner] of Object.entries(next.value)) {
      if (!isArray) bytes += 2 * key.length;
      waiting.push({ value: inner, level: level + 1 });
    }
  }
  return { depth, bytes };
}
