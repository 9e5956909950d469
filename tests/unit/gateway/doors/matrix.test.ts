import { admit } from '@gateway/doors/head';
import { type RouteName, ROUTES } from '@gateway/doors/routes';
import { describe, expect, it } from 'vitest';
import { doors, HERE, NOON } from './a-head';

interface Sample {
  readonly url: string;
  readonly methods: readonly string[];
  readonly takesBody?: true;
}

/** One address of each route with what it takes, written down again: a new route does not compile without a line. */
const SAMPLES: Readonly<Record<RouteName, Sample>> = {
  root: { url: '/', methods: ['GET', 'HEAD'] },
  health: { url: '/health', methods: ['GET', 'HEAD'] },
  hello: { url: '/api/hello', methods: ['GET', 'HEAD'] },
  metrics: { url: '/metrics', methods: ['GET', 'HEAD'] },
  models: { url: '/v1/models?limit=1000', methods: ['GET', 'HEAD'] },
  model: { url: '/v1/models/org/name', methods: ['GET', 'HEAD'] },
  chat: { url: '/v1/chat/completions', methods: ['POST'], takesBody: true },
  completions: { url: '/v1/completions', methods: ['POST'], takesBody: true },
  embeddings: { url: '/v1/embeddings', methods: ['POST'], takesBody: true },
  responses: { url: '/v1/responses', methods: ['POST'], takesBody: true },
  response: { url: '/v1/responses/resp_1', methods: ['GET', 'HEAD', 'DELETE'] },
  responseItems: { url: '/v1/responses/resp_1/input_items', methods: ['GET', 'HEAD'] },
  messages: { url: '/v1/messages?beta=true', methods: ['POST'], takesBody: true },
  countTokens: { url: '/v1/messages/count_tokens', methods: ['POST'], takesBody: true },
};

const HOSTS = {
  '127.0.0.1:6590': true,
  'localhost:6590': true,
  'LocalHost:6590': true,
  '[::1]:6590': true,
  'mac.local': true,
  'mac.local:6590': true,
  'evil.example': false,
  'evil.example:6590': false,
  localhost: false,
  'localhost:6591': false,
  'localhost.:6590': false,
  'localhost.evil.example:6590': false,
  '127.0.0.1.evil.example:6590': false,
  '127.0.0.1:6590@evil.example': false,
  '0.0.0.0:6590': false,
  '2130706433:6590': false,
  '[::ffff:127.0.0.1]:6590': false,
  'other.local:6590': false,
  'x.mac.local:6590': false,
  ' 127.0.0.1:6590': false,
  '': false,
  none: false,
  two: false,
} as const;

const ORIGINS = {
  none: true,
  'https://chat.example.com': true,
  'vscode-file://vscode-app': true,
  'https://evil.example': false,
  'http://chat.example.com': false,
  'https://chat.example.com:8443': false,
  'https://chat.example.com.evil.example': false,
  'https://chat.example.com/': false,
  'https://CHAT.example.com': false,
  'http://127.0.0.1:6590': false,
  'http://localhost:3000': false,
  null: false,
  'file://': false,
  '*': false,
  '': false,
} as const;

const SITES = {
  absent: true,
  none: true,
  'same-origin': true,
  'same-site': false,
  'cross-site': false,
  'Cross-Site': false,
  other: false,
  '': false,
} as const;

const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'TRACE', 'get'];

const TYPES = {
  'application/json': true,
  'application/json; charset=utf-8': true,
  'Application/JSON;charset="UTF-8"': true,
  absent: false,
  'text/plain': false,
  'text/plain; x=application/json': false,
  'application/json-seq': false,
  'application/json, text/plain': false,
  'application/x-www-form-urlencoded': false,
  'multipart/form-data; boundary=x': false,
  'application/json; charset=utf-16': false,
  '': false,
} as const;

const DOORS = doors({
  hosts: ['mac.local', 'mac.local:6590'],
  origins: ['https://chat.example.com', 'vscode-file://vscode-app'],
});

interface Case {
  readonly host: keyof typeof HOSTS;
  readonly origin: keyof typeof ORIGINS;
  readonly site: keyof typeof SITES;
  readonly method: string;
  readonly type: keyof typeof TYPES;
}

function keys<T extends object>(table: T): (keyof T)[] {
  return Object.keys(table) as (keyof T)[];
}

/** What must become of a request, told from the tables alone. */
function expected(sample: Sample, one: Case): string {
  if (!HOSTS[one.host]) return '421';
  const isFromPage = one.origin !== 'none';
  if (!ORIGINS[one.origin]) return '403';
  if (!isFromPage && !SITES[one.site]) return '403';
  if (one.method === 'OPTIONS' && isFromPage) return 'preflight';
  if (!sample.methods.includes(one.method)) return '405';
  if (sample.takesBody && !TYPES[one.type]) return '415';
  // A name that is not loopback's is somebody else's machine: no key, no entry, but for what needs none.
  const isOpen = ['/', '/health', '/api/hello'].includes(sample.url);
  return one.host.startsWith('mac.local') && !isOpen ? '401' : 'admitted';
}

function rawHeaders(one: Case): string[] {
  const hosts = { none: [], two: ['127.0.0.1:6590', '127.0.0.1:6590'] } as const;
  const host = one.host === 'none' || one.host === 'two' ? hosts[one.host] : [one.host];
  const hasBody = ['POST', 'PUT', 'PATCH'].includes(one.method);
  return [
    ...host.flatMap((value) => ['Host', value]),
    ...(one.origin === 'none' ? [] : ['Origin', one.origin]),
    ...(one.site === 'absent' ? [] : ['Sec-Fetch-Site', one.site]),
    ...(one.type === 'absent' ? [] : ['Content-Type', one.type]),
    ...(hasBody ? ['Content-Length', '2'] : []),
    ...(one.method === 'OPTIONS' ? ['Access-Control-Request-Method', 'POST'] : []),
  ];
}

it('the matrix has every route of the table, and no other', () => {
  expect(ROUTES.map(({ name }) => name).toSorted()).toEqual(Object.keys(SAMPLES).toSorted());
});

describe.each(ROUTES)('$name', ({ name }) => {
  const sample = SAMPLES[name];

  it('lets in what it must and nothing else, for each Host, Origin, site, method and type', () => {
    const wrong: string[] = [];
    let count = 0;
    for (const host of keys(HOSTS))
      for (const origin of keys(ORIGINS))
        for (const site of keys(SITES))
          for (const method of METHODS)
            for (const type of keys(TYPES)) {
              // The type matters to what is in the house already: not each with each of the others.
              const isAtDoor = HOSTS[host] && ORIGINS[origin];
              if (!isAtDoor && type !== 'application/json') continue;
              count++;
              const one: Case = { host, origin, site, method, type };
              const head = { method, url: sample.url, rawHeaders: rawHeaders(one) };
              const admission = admit(head, HERE, DOORS, NOON);
              const what =
                admission.kind === 'refused' ? `${admission.refusal.status}` : admission.kind;
              const wanted = expected(sample, one);
              if (what !== wanted) wrong.push(`${JSON.stringify(one)}: ${what}, not ${wanted}`);
              wrong.push(...leaks(one, admission.answerHeaders));
            }
    expect(wrong.slice(0, 20)).toEqual([]);
    expect(count).toBeGreaterThan(10_000);
  });
});

/** Headers of CORS that an answer must not have. */
function leaks(one: Case, headers: Readonly<Record<string, string>>): string[] {
  const told = headers['access-control-allow-origin'];
  const may = HOSTS[one.host] && ORIGINS[one.origin] && one.origin !== 'none';
  const isRight = may ? told === one.origin : Object.keys(headers).length === 0;
  const isVaried = told === undefined || headers.vary?.includes('Origin') === true;
  const isOpen = headers['access-control-allow-credentials'] !== undefined || told === '*';
  return isRight && isVaried && !isOpen
    ? []
    : [`${JSON.stringify(one)}: ${JSON.stringify(headers)}`];
}
