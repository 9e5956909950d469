import { describeValue } from '@shared/describe-value';
import type { Dialect, Operation } from '@shared/gateway/record';
import type { Refusal } from '../conversation/refusal';
import { type Headers, isAnthropicClient } from './headers';

export type RouteName =
  | 'root'
  | 'health'
  | 'hello'
  | 'metrics'
  | 'models'
  | 'model'
  | 'chat'
  | 'completions'
  | 'embeddings'
  | 'responses'
  | 'response'
  | 'responseItems'
  | 'messages'
  | 'countTokens';

export type RouteMethod = 'GET' | 'POST' | 'DELETE';

export interface Route {
  readonly name: RouteName;
  /** Without `/v1`; `{id}` is one segment, `{id...}` the rest of the path: names of models have slashes. */
  readonly path: string;
  /** HEAD is answered wherever GET is. */
  readonly methods: readonly RouteMethod[];
  /** `any`: clients of both shapes ask there, and their headers tell which one it is. */
  readonly dialect: Dialect | 'any';
  readonly operation: Operation;
  readonly needsKey: boolean;
  readonly takesBody: boolean;
}

/** What looks at the gateway: no body, and nothing changes. */
const LOOK = { methods: ['GET'], operation: 'other', takesBody: false } as const;
/** What asks a model something. */
const ASK = { methods: ['POST'], needsKey: true, takesBody: true } as const;

/**
 * Everything that the gateway answers. What is not in this table is refused, so that no path can be forgotten when
 * a check is added: checks go through the table, never through lists of paths of their own.
 */
export const ROUTES: readonly Route[] = [
  // Ollama's clients and people look at the root, Claude Code at /api/hello, before anything else.
  { ...LOOK, name: 'root', path: '/', dialect: 'any', needsKey: false },
  { ...LOOK, name: 'health', path: '/health', dialect: 'any', needsKey: false },
  { ...LOOK, name: 'hello', path: '/api/hello', dialect: 'anthropic', needsKey: false },
  { ...LOOK, name: 'metrics', path: '/metrics', dialect: 'openai', needsKey: true },
  {
    ...LOOK,
    ...{ name: 'models', path: '/models', dialect: 'any', operation: 'models', needsKey: true },
  },
  {
    ...LOOK,
    ...{ name: 'model', path: '/models/{id...}', dialect: 'any', operation: 'models' },
    needsKey: true,
  },
  { ...ASK, name: 'chat', path: '/chat/completions', dialect: 'openai', operation: 'chat' },
  {
    ...ASK,
    ...{ name: 'completions', path: '/completions', dialect: 'openai', operation: 'completions' },
  },
  {
    ...ASK,
    ...{ name: 'embeddings', path: '/embeddings', dialect: 'openai', operation: 'embeddings' },
  },
  {
    ...ASK,
    ...{ name: 'responses', path: '/responses', dialect: 'responses', operation: 'responses' },
  },
  {
    ...{ name: 'response', path: '/responses/{id}', methods: ['GET', 'DELETE'] },
    ...{ dialect: 'responses', operation: 'responses', needsKey: true, takesBody: false },
  },
  {
    ...{ name: 'responseItems', path: '/responses/{id}/input_items', methods: ['GET'] },
    ...{ dialect: 'responses', operation: 'responses', needsKey: true, takesBody: false },
  },
  { ...ASK, name: 'messages', path: '/messages', dialect: 'anthropic', operation: 'messages' },
  {
    ...ASK,
    ...{ name: 'countTokens', path: '/messages/count_tokens', dialect: 'anthropic' },
    operation: 'count_tokens',
  },
];

/** Where a request leads. */
export type Found =
  | {
      readonly kind: 'route';
      readonly route: Route;
      /** What stands for `{id}`, decoded. It is a name to look up, never a path. */
      readonly id?: string | undefined;
    }
  | { readonly kind: 'wrongMethod'; readonly route: Route }
  | { readonly kind: 'unknown' };

const PATTERNS = ROUTES.map((route) => ({ route, parts: partsOf(route.path) }));

/**
 * The route of a request line's method and target. The query does not count; `/v1`, no prefix and `/v1/v1` are the
 * same, as are doubled slashes and one at the end. Nothing is resolved: a path with `..`, or one whose words are
 * percent-encoded, is one that is not in the table.
 */
export function routeOf(method: string, target: string): Found {
  const [path = ''] = target.split(/[?#]/, 1);
  const parts = partsOf(path);
  const first = parts.findIndex((part) => part !== 'v1');
  const rest = first === -1 ? [] : parts.slice(first);
  if (!path.startsWith('/') || rest.some(isDots)) return { kind: 'unknown' };
  for (const { route, parts: pattern } of PATTERNS) {
    const match = matched(pattern, rest);
    if (match === undefined) continue;
    if (!takes(route, method)) return { kind: 'wrongMethod', route };
    return { kind: 'route', route, ...match };
  }
  return { kind: 'unknown' };
}

/** In which shape the client is answered, refusals included. */
export function dialectOf(found: Found, headers: Headers): Dialect {
  const dialect = found.kind === 'unknown' ? 'any' : found.route.dialect;
  if (dialect !== 'any') return dialect;
  return isAnthropicClient(headers) ? 'anthropic' : 'openai';
}

/** What the client hears where there is no such route. */
export function refusalOf(
  found: Exclude<Found, { kind: 'route' }>,
  method: string,
  target: string,
): Refusal {
  if (found.kind === 'wrongMethod') {
    const allow = allowedMethods(found.route).join(', ');
    return {
      status: 405,
      code: 'method_not_allowed',
      message: `${shownPath(found.route)} doesn't take ${describeValue(method)}. Allowed: ${allow}.`,
      headers: { allow },
    };
  }
  const known = ROUTES.map((route) => `${route.methods.join(' or ')} ${shownPath(route)}`);
  const [path = ''] = target.split(/[?#]/, 1);
  return {
    status: 404,
    code: 'unknown_url',
    message: `There is no path ${describeValue(path)} here. Paths: ${known.join(', ')}.`,
  };
}

/** The methods of a route as an `Allow` header has them. */
export function allowedMethods({ methods }: Route): readonly string[] {
  return methods.flatMap((method) => (method === 'GET' ? ['GET', 'HEAD'] : [method]));
}

function takes({ methods }: Route, method: string): boolean {
  const wanted = method === 'HEAD' ? 'GET' : method;
  return methods.some((one) => one === wanted);
}

/** As documentation has it: what speaks a dialect below `/v1`, the rest at the root. */
function shownPath({ path, operation }: Route): string {
  return operation === 'other' ? path : `/v1${path}`;
}

function partsOf(path: string): string[] {
  return path.split('/').filter((part) => part !== '');
}

function isDots(part: string): boolean {
  return /^(?:\.|%2e){1,2}$/i.test(part);
}

function matched(
  pattern: readonly string[],
  parts: readonly string[],
): { readonly id?: string } | undefined {
  let id: string | undefined;
  for (const [index, word] of pattern.entries()) {
    const part = parts[index];
    if (part === undefined) return undefined;
    if (word === '{id...}') return { id: parts.slice(index).map(decoded).join('/') };
    if (word === '{id}') id = decoded(part);
    else if (word !== part) return undefined;
  }
  if (parts.length !== pattern.length) return undefined;
  return id === undefined ? {} : { id };
}

/** What cannot be decoded is looked up as it stands, and is not found. */
function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
