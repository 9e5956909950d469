/** Headers as Node's parser gives them: names in small letters. */
export type RequestHeaders = Readonly<Record<string, string | readonly string[] | undefined>>;

/** Characters of a name, and of a whole client. */
const MAX_NAME = 32;
/** More of a header is not looked at. */
const MAX_HEADER = 512;

/** What programs call themselves, and what people call them. */
const KNOWN: Readonly<Record<string, string>> = {
  'claude-cli': 'claude-code',
  qwencode: 'qwen-code',
  mozilla: 'browser',
};

/**
 * A short name of the program that asks, with its version's first two numbers: `codex 0.171`, `claude-code 2.1`,
 * `openai-python 3.57`; `unknown` where it says nothing. At most 44 characters, each a small letter, a digit or one
 * of `._- `.
 */
export function clientOf(headers: RequestHeaders): string {
  const agent = header(headers, 'user-agent') ?? '';
  const { name, version } = productOf(agent);
  // Codex names its way of running there, and itself in the agent: `codex_exec/0.171.0 (...)`.
  const originator = nameOf(header(headers, 'originator') ?? '');
  if (originator !== '') return joined(originator, originator === name ? version : '');
  // Libraries name themselves in the agent; the program that uses one may name itself in its title.
  const title = nameOf(header(headers, 'x-title') ?? '');
  if (title !== '') return title;
  if (name === 'browser' || name === '') return name === '' ? 'unknown' : name;
  return joined(name, version);
}

/** The header's first value, of bounded length; undefined where it is missing or empty. */
export function header(headers: RequestHeaders, name: string): string | undefined {
  const value = Object.hasOwn(headers, name) ? headers[name] : undefined;
  const first = typeof value === 'string' ? value : value?.[0];
  const text = first?.slice(0, MAX_HEADER).trim();
  return text === undefined || text === '' ? undefined : text;
}

/** `name/1.2.3` as most programs write it, or `OpenAI/Python 1.2.3` as the SDKs of OpenAI and Anthropic do. */
function productOf(agent: string): { readonly name: string; readonly version: string } {
  const sdk = /^(?:Async)?(\w+)\/(Python|JS|Go|Java|Ruby) (\d+\.\d+)/.exec(agent);
  if (sdk) return { name: nameOf(`${sdk[1]}-${sdk[2]}`), version: sdk[3] ?? '' };
  const [, name = '', version = ''] = /^([^/\s]+)(?:\/v?(\d+\.\d+))?/.exec(agent) ?? [];
  return { name: nameOf(name), version };
}

function nameOf(text: string): string {
  const plain = text
    .toLowerCase()
    .replaceAll(/[^a-z0-9._-]+/g, '-')
    .slice(0, MAX_NAME)
    .replaceAll(/^[._-]+|[._-]+$/g, '');
  // codex_exec, codex_cli_rs, codex_vscode.
  if (/^codex[_-]/.test(plain)) return 'codex';
  return Object.hasOwn(KNOWN, plain) ? (KNOWN[plain] ?? plain) : plain;
}

function joined(name: string, version: string): string {
  return version === '' ? name : `${name} ${version.slice(0, 11)}`;
}
