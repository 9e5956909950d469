/**
 * A chat by curl, for a POSIX shell. A model's name may hold anything that a folder's may, so it is quoted.
 * @param address with `/v1` at its end.
 */
export function chatCommand(address: string, model: string): string {
  const body = { model, messages: [{ role: 'user', content: 'Hello!' }] };
  return [
    `curl ${quoted(`${address}/chat/completions`)}`,
    `-H 'Content-Type: application/json'`,
    `-d ${quoted(JSON.stringify(body))}`,
  ].join(' \\\n  ');
}

/** A text as one word of a POSIX shell. */
export function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
