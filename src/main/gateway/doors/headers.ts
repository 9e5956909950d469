/** A request's headers by name in small letters, each with its values in the order in which they came. */
export type Headers = ReadonlyMap<string, readonly string[]>;

/**
 * Node's flat list of names and values, doubled ones included: what Node itself joins or drops (`req.headers`) could
 * hide a second Host or a second length.
 */
export function readHeaders(raw: readonly string[]): Headers {
  const headers = new Map<string, string[]>();
  for (let at = 0; at + 1 < raw.length; at += 2) {
    const name = (raw[at] ?? '').toLowerCase();
    const value = raw[at + 1] ?? '';
    const known = headers.get(name);
    if (known === undefined) headers.set(name, [value]);
    else known.push(value);
  }
  return headers;
}

/** The value of a header that stands there once; undefined where it is missing or doubled. */
export function onlyValue(headers: Headers, name: string): string | undefined {
  const values = headers.get(name);
  return values?.length === 1 ? values[0] : undefined;
}

/** Whether the client is one of Anthropic's shape: its SDKs send both with every request. */
export function isAnthropicClient(headers: Headers): boolean {
  return headers.has('anthropic-version') || headers.has('x-api-key');
}
