import { useClient } from '../../api/api-context';
import { navigate, routeHref, SCREENS } from '../frame/route';
import { useServerActions } from '../servers/server-actions';

/** Does what an action's id says; rejects with what was refused. */
export function useRun(): (id: string) => Promise<unknown> {
  const client = useClient();
  const servers = useServerActions();
  return async (id) => {
    const [verb = '', target = ''] = id.split(':');
    const screen = SCREENS.find((name) => name === target);
    switch (verb) {
      case 'go':
        return screen && navigate(routeHref(screen));
      case 'setting':
        return navigate(routeHref('settings', [], { field: target }));
      case 'new':
        return navigate(routeHref('servers', ['new']));
      case 'start':
        return void servers.start(target);
      case 'stop':
        return void servers.stop(target);
      case 'restart':
        return void servers.restart(target);
      case 'show':
        return navigate(routeHref('servers', [target]));
      case 'logs':
        return navigate(routeHref('servers', [target, 'logs']));
      case 'edit':
        return navigate(routeHref('servers', [target, 'settings']));
      case 'stop-all':
        return client.call('servers.stopAll');
      case 'models':
        return client.call('models.rescan');
      case 'theme':
        return client.call('settings.set', { key: 'appearance', value: target });
      case 'engine':
        navigate(routeHref('engines', ['mlx-lm']));
        return client.call(target === 'update' ? 'engines.update' : 'engines.install', {
          engine: 'mlx-lm',
        });
    }
  };
}
