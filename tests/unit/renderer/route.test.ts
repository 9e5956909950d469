import { parseRoute, routeHref } from '@renderer/routing/route';
import { describe, expect, it } from 'vitest';

describe('addresses of the screens', () => {
  it('reads back what it writes', () => {
    const href = routeHref('servers', ['abc12345', 'settings'], { field: 'options.max-tokens' });
    expect(parseRoute(href)).toEqual({
      screen: 'servers',
      path: ['abc12345', 'settings'],
      query: { field: 'options.max-tokens' },
    });
  });

  it('keeps a model reference with a slash in one part', () => {
    const href = routeHref('servers', ['new'], { model: 'org/name' });
    expect(parseRoute(href).query.model).toBe('org/name');
  });

  it.each(['', '#', '#/', '#/nothing/here', '#nonsense'])('%s is the servers', (hash) => {
    expect(parseRoute(hash)).toEqual({ screen: 'servers', path: [], query: {} });
  });

  it('does not fail on an address that cannot be decoded', () => {
    expect(parseRoute('#/models/%E0%A4%A')).toMatchObject({ screen: 'models', path: ['%E0%A4%A'] });
  });
});
