import { readHeaders } from '@gateway/doors/headers';
import { dialectOf, type Found, refusalOf, routeOf, ROUTES } from '@gateway/doors/routes';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

const nameOf = (found: Found): string => (found.kind === 'route' ? found.route.name : found.kind);
const lead = (method: string, target: string): string => nameOf(routeOf(method, target));

describe('the way to a route', () => {
  it.each(ROUTES)('leads to $name by each of its forms', ({ name, path, methods }) => {
    const plain = path.replace('{id...}', 'a-model').replace('{id}', 'resp_1');
    const method = methods[0] ?? '';
    for (const prefix of ['', '/v1', '/v1/v1', '//v1', '/v1//']) {
      for (const ending of ['', '/', '//', '?', '?a=b/c&d=..', '/?client_version=1', '#x']) {
        expect(lead(method, `${prefix}${plain}${ending}`), prefix + ending).toBe(name);
      }
    }
    expect(lead(method, plain.replaceAll('/', '//'))).toBe(name);
  });

  it('answers HEAD wherever it answers GET, and nowhere else', () => {
    for (const { path, methods, name } of ROUTES) {
      const takesGet = methods.includes('GET');
      expect(lead('HEAD', path), path).toBe(takesGet ? name : 'wrongMethod');
    }
  });

  it.each([
    ['/v1/models/org/name', 'org/name'],
    ['/v1/models/org%2Fname', 'org/name'],
    ['/v1/models/My%20Qwen%203/', 'My Qwen 3'],
    ['/models/v1', 'v1'],
    ['/v1/models/%E6%A8%A1', '模'],
    ['/v1/models/100%', '100%'],
    ['/v1/models/%ff', '%ff'],
    ['/v1/models/..%2f..%2fetc', '../../etc'],
    ['/v1/models/a+b?limit=1', 'a+b'],
    ['/v1/models/__proto__', '__proto__'],
  ])('%s asks for the model %s', (target, id) => {
    expect(routeOf('GET', target)).toMatchObject({ kind: 'route', route: { name: 'model' }, id });
  });

  it('keeps a response and its items apart', () => {
    expect(routeOf('GET', '/v1/responses/resp_1/input_items?limit=2')).toMatchObject({
      route: { name: 'responseItems' },
      id: 'resp_1',
    });
    expect(routeOf('DELETE', '/v1/responses/resp_1')).toMatchObject({
      route: { name: 'response' },
      id: 'resp_1',
    });
    expect(lead('GET', '/v1/responses/resp_1/other')).toBe('unknown');
    expect(lead('GET', '/v1/responses')).toBe('wrongMethod');
  });

  it.each([
    '/v1/model',
    '/v2/models',
    '/V1/models',
    '/v1/Models',
    '/v1/%6dodels',
    '/v1%2fmodels',
    '/v1/./models',
    '/v1/x/../models',
    '/v1/models/../chat/completions',
    '/v1/models/%2e%2e/chat/completions',
    '/v1/models/.',
    '/v1/chat',
    '/v1/chat/completions/more',
    '/v1/constructor',
    '/v1/__proto__',
    '\\v1\\models',
    'http://127.0.0.1:6590/v1/models',
    '*',
    '',
  ])('%j leads nowhere', (target) => {
    for (const method of ['GET', 'POST']) expect(lead(method, target)).toBe('unknown');
  });

  it('never throws, and finds only what the table has', () => {
    const part = fc.oneof(
      fc.constantFrom('v1', 'models', 'responses', 'chat', 'completions', '..', '%2e', '', '%'),
      fc.string(),
    );
    fc.assert(
      fc.property(fc.array(part), fc.constantFrom('GET', 'POST', 'PUT'), (parts, method) => {
        const target = `/${parts.join('/')}`;
        const found = routeOf(method, target);
        if (found.kind === 'route') expect(ROUTES).toContain(found.route);
        else expect(refusalOf(found, method, target).status).toBeGreaterThan(403);
      }),
    );
  });
});

describe('the refusal of a path', () => {
  const refuse = (method: string, target: string) => {
    const found = routeOf(method, target);
    if (found.kind === 'route') throw new Error('It is a route.');
    return refusalOf(found, method, target);
  };

  it('says what exists', () => {
    const { status, message } = refuse('GET', '/v1/nothing?key=secret');
    expect(status).toBe(404);
    expect(message).toContain('There is no path "/v1/nothing" here.');
    expect(message).toContain('POST /v1/chat/completions');
    expect(message).toContain('GET /health');
    expect(message).not.toContain('secret');
  });

  it('says which methods a path takes', () => {
    expect(refuse('GET', '/chat/completions')).toMatchObject({
      status: 405,
      message: '/v1/chat/completions doesn\'t take "GET". Allowed: POST.',
      headers: { allow: 'POST' },
    });
    expect(refuse('PUT', '/v1/responses/x').headers).toEqual({ allow: 'GET, HEAD, DELETE' });
  });

  it('is short, whatever was asked for', () => {
    expect(refuse('GET', `/${'x'.repeat(8000)}`).message.length).toBeLessThan(1000);
    expect(refuse('GET', '/\u001b[2J').message).not.toContain('\u001b');
  });
});

describe('the dialect of an answer', () => {
  const dialect = (target: string, ...raw: string[]): string =>
    dialectOf(routeOf('GET', target), readHeaders(raw));

  it('is that of the path, or of the client where both shapes ask', () => {
    expect(dialect('/v1/messages', 'Authorization', 'Bearer x')).toBe('anthropic');
    expect(dialect('/v1/responses')).toBe('responses');
    expect(dialect('/v1/models')).toBe('openai');
    expect(dialect('/v1/models', 'Anthropic-Version', '2023-06-01')).toBe('anthropic');
    expect(dialect('/v1/models/a', 'X-Api-Key', 'x')).toBe('anthropic');
    expect(dialect('/v1/nothing', 'x-api-key', 'x')).toBe('anthropic');
    expect(dialect('/v1/nothing')).toBe('openai');
    expect(dialect('/v1/embeddings', 'x-api-key', 'x')).toBe('openai');
  });
});
