import { useClient } from '@renderer/api/api-context';
import { copyText } from '@renderer/components/CopyButton';
import { focusViewSearch } from '@renderer/components/SearchField';
import { bulkActions, failedText, withEach } from '@renderer/domain/models/bulk';
import { useDeleteModel, useDeleteModels } from '@renderer/domain/models/DeletionHost';
import { beginFor } from '@renderer/domain/models/use-bulk';
import { useSelectedModels } from '@renderer/domain/models/use-selected';
import { useServerActions } from '@renderer/domain/servers/server-actions';
import { useLiveStore } from '@renderer/live/use-live';
import { navigate, routeHref, SCREENS } from '@renderer/routing/route';
import type { Download } from '@shared/domain/download';
import { isUnderWay } from '@shared/domain/download-state';
import { endpointOf } from '@shared/domain/endpoint';
import { INSTALLABLE_IDS } from '@shared/domain/engine-ids';
import type { Client } from '@shared/rpc/client';

/** Does what an action's id says; rejects with what was refused. */
export function useRun(): (id: string) => Promise<unknown> {
  const client = useClient();
  const servers = useServerActions();
  const live = useLiveStore();
  const deleteModel = useDeleteModel();
  const deleteModels = useDeleteModels();
  const selected = useSelectedModels();
  /** Tells what of it was refused, where it was asked for. */
  const runForSelected = async (wanted: string): Promise<void> => {
    const action = bulkActions(selected).find(({ verb }) => verb === wanted);
    if (!action) return;
    const { verb, models, leftOut } = action;
    if (verb === 'delete') return deleteModels(models, leftOut);
    const { failed } = await withEach(models, (model) => beginFor(client, verb, model));
    if (failed.length > 0) throw new Error(failedText(failed, models.length, verb));
  };
  return async (id) => {
    // The names of models may have colons too.
    const at = id.indexOf(':');
    const [verb, target] = at < 0 ? [id, ''] : [id.slice(0, at), id.slice(at + 1)];
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
      case 'make-room':
        return navigate(routeHref('servers', [target]));
      case 'logs':
        return navigate(routeHref('servers', [target, 'logs']));
      case 'edit':
        return navigate(routeHref('servers', [target, 'settings']));
      case 'stop-all':
        return client.call('servers.stopAll');
      case 'new-of':
        return navigate(routeHref('servers', ['new'], { model: target }));
      case 'verify':
        return client.call('models.verify', { ref: target });
      case 'repair':
        return client.call('models.repair', { ref: target });
      case 'reveal':
        return client.call('models.reveal', { ref: target });
      case 'selected':
        return runForSelected(target);
      case 'delete-model':
        return deleteModel(await client.call('models.show', { ref: target }));
      case 'models':
        return client.call('models.rescan');
      case 'search':
        navigate(routeHref('discover'));
        // Once the palette has given the focus back and the screen is there.
        return void setTimeout(focusViewSearch);
      case 'downloads':
        return changeAll(client, live.getState().data?.downloads ?? [], target);
      case 'pause-download':
        return client.call('downloads.pause', { downloadId: target });
      case 'resume-download':
        return client.call('downloads.resume', { downloadId: target });
      case 'hub':
        return navigate(routeHref('settings', [], { field: 'hubToken' }));
      case 'theme':
        return client.call('settings.set', { key: 'appearance', value: target });
      case 'engine-install':
      case 'engine-update':
      case 'engine-rollback':
        navigate(routeHref('engines', [target]));
        return changeEngine(client, verb, target);
      case 'test':
        return navigate(routeHref('servers', [target], { run: 'test' }));
      case 'copy-address': {
        const { data } = live.getState();
        const server = data?.servers[target];
        return data && server && copyText(endpointOf(server, data.gateway).address);
      }
      case 'gateway': {
        if (target !== 'copy') return navigate(routeHref('gateway', [target]));
        const url = live.getState().data?.gateway.url;
        return url ? copyText(`${url}/v1`) : undefined;
      }
      case 'gateway-key':
        return navigate(routeHref('gateway', ['keys'], { run: 'add' }));
      case 'gateway-retry':
        navigate(routeHref('gateway'));
        return client.call('gateway.retry');
      case 'duplicate':
        return void servers.duplicate(target);
      case 'delete-profile':
        return navigate(routeHref('servers', [target], { run: 'delete' }));
      case 'add-folder':
        return navigate(routeHref('models', [], { run: 'add-folder' }));
    }
  };
}

function changeEngine(client: Client, verb: string, target: string): Promise<unknown> {
  const engine = INSTALLABLE_IDS.find((id) => id === target);
  if (engine === undefined) throw new Error(`No engine is called ${target}.`);
  if (verb === 'engine-rollback') return client.call('engines.rollback', { engine });
  return client.call(verb === 'engine-update' ? 'engines.update' : 'engines.install', { engine });
}

/** Pauses what is under way, or goes on with what is paused. */
async function changeAll(
  client: Client,
  downloads: readonly Download[],
  verb: string,
): Promise<void> {
  const method = verb === 'pause' ? 'downloads.pause' : 'downloads.resume';
  const concerned = downloads.filter(({ state }) =>
    verb === 'pause' ? isUnderWay(state) : state === 'paused',
  );
  await Promise.all(concerned.map(({ id }) => client.call(method, { downloadId: id })));
}
