import { EVERY_ACTION } from '@fixtures/every-action';
import { effectOf } from '@renderer/domain/actions/action-effect';
import { parseRoute } from '@renderer/routing/route';
import { makeAction } from '@shared/errors/action';
import { describe, expect, it } from 'vitest';

describe('what an action does on the screens', () => {
  it.each(Object.values(EVERY_ACTION))('$id has one effect', (action) => {
    const effect = effectOf(action, 'p1');
    expect(effect.kind).toBeTruthy();
    // An unknown address leads to the servers.
    if (effect.kind === 'go' && parseRoute(effect.href).screen === 'servers') {
      expect(effect.href).toMatch(/^#\/servers\/p1/);
    }
  });

  it.each([
    [makeAction('open_engines', { engine: 'mlx-lm', purpose: 'newer' }), '#/engines/mlx-lm'],
    [makeAction('open_engines', { purpose: 'install' }), '#/engines'],
    [makeAction('open_models', { ref: 'org/model' }), '#/models/org%2Fmodel'],
    [makeAction('raise_deadline'), '#/servers/p1/settings?field=loadDeadlineSeconds'],
    [makeAction('edit_options', {}), '#/servers/p1/settings'],
    [makeAction('edit_options', { purpose: 'machines' }), '#/servers/p1/settings?field=cluster'],
    [
      makeAction('edit_options', { field: 'options.max-tokens' }),
      '#/servers/p1/settings?field=options.max-tokens',
    ],
    [makeAction('make_room', { profileId: 'p2' }), '#/servers/p2'],
    [makeAction('mount_folder', { path: '/x' }), '#/settings?field=modelFolders'],
  ])('%j leads to %s', (action, href) => {
    expect(effectOf(action, 'p1')).toEqual({ kind: 'go', href });
  });

  it('takes what it needs from the params, not from the label', () => {
    expect(effectOf(makeAction('next_port', { port: 10241 }))).toEqual({
      kind: 'start-on-port',
      port: 10241,
    });
    const engine = { engine: 'mlx-lm', installationId: 'i1' };
    expect(effectOf(makeAction('reinstall_engine', engine))).toEqual({
      kind: 'reinstall-engine',
      ...engine,
    });
    expect(effectOf(makeAction('reinstall_engine', { engine: 'mlx-lm' }))).toEqual({
      kind: 'go',
      href: '#/engines/mlx-lm',
    });
  });
});
