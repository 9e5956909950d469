/** Long, since it has an entry for each request of the contract; what decides something is in the services. */
import type { ManagerInfo } from '@shared/contract';
import type { ServerProfile } from '@shared/domain/profile';
import { DomainError } from '@shared/errors';
import type { AdviceBook } from '../advice/advice-book';
import type { ClusterRuns } from '../servers/cluster/cluster-runs';
import type { DownloadService } from '../downloads/download-service';
import { dataUsage, removeData } from '../data/data';
import { runDoctor } from '../doctor/doctor';
import type { EngineService } from '../engines/engine-service';
import type { KeyStore } from '../gateway/key-store';
import { GATEWAY_REQUESTS_KEY } from '../gateway/records/compose';
import type { GatewayRecords } from '../gateway/records/gateway-records';
import type { HubService } from '../hub/hub-service';
import { suggestModels } from '../hub/suggested-models';
import type { LogService } from '../logs';
import type { Admission } from '../memory/admission';
import type { FitService } from '../memory/fit-service';
import type { MetricsSampler } from '../metrics';
import { hubCacheFolder } from '../models/hub-cache';
import type { ModelLibrary } from '../models/model-library';
import type { Desktop, Ports } from '../ports';
import { readParserFacts } from '../parsers/read-parser-facts';
import { suggestParsers } from '../parsers/suggest-parsers';
import type { ProfileService } from '../profiles/profile-service';
import { publicProfile } from '../profiles/public-profile';
import type { OwnershipRecords } from '../servers/launch/ownership';
import { describeCommand } from '../servers/command-preview';
import type { ServerService } from '../servers/server-service';
import type { Startup } from '../servers/startup';
import type { NoticeBoard } from '../notices/notice-board';
import type { GatewayService } from '../gateway/gateway-service';
import type { SetupService } from '../setup/setup-service';
import type { SettingsService } from '../settings/settings-service';
import { reachableModel } from './reachable-model';
import type { Handlers } from './router';
import type { Session } from './session';

/** Everything that a handler may call. */
export interface HandlerContext {
  readonly ports: Ports;
  readonly settings: SettingsService;
  readonly profiles: ProfileService;
  readonly engines: EngineService;
  readonly models: ModelLibrary;
  readonly fits: FitService;
  readonly admission: Admission;
  readonly hub: HubService;
  readonly downloads: DownloadService;
  readonly gatewayKeys: KeyStore;
  readonly logs: LogService;
  readonly gatewayRecords: GatewayRecords;
  readonly sampler: MetricsSampler;
  readonly servers: ServerService;
  readonly notices: NoticeBoard;
  readonly records: OwnershipRecords;
  readonly clusters: ClusterRuns;
  readonly advice: AdviceBook;
  readonly startup: Startup;
  readonly setup: SetupService;
  readonly gateway: GatewayService;
  readonly info: () => ManagerInfo;
  readonly requestQuit: (servers: 'stop' | 'leave-running' | undefined) => void;
}

/** What answers under way get before a restart that a person asked for, ms. */
const RESTART_WAITS_MS = 60_000;

/** One line per method: what decides something is in the services. */
export function createHandlers(c: HandlerContext): Handlers {
  const { downloads, engines, hub, logs, models, notices, profiles, sampler, servers, settings } =
    c;
  const saved = ({ profile, warnings }: { profile: ServerProfile; warnings: string[] }) => ({
    profile: publicProfile(profile),
    warnings,
  });
  const reachable = (ref: string, session: Session): Promise<string> =>
    reachableModel(ref, session, {
      isListed: (one) => models.isListed(one),
      profiles: () => profiles.list(),
    });
  return {
    'app.snapshot': (_, session) =>
      session.takeSnapshot({
        manager: c.info(),
        scopes: [...session.scopes],
        profiles: profiles.list().map(publicProfile),
        servers: servers.list(),
        installations: engines.list(),
        engineJobs: engines.jobs(),
        modelJobs: models.jobs(),
        machine: sampler.machine(),
        settings: settings.get(),
        notices: notices.list(),
        downloads: downloads.list(),
        startup: c.startup.report,
        setup: c.setup.current,
        gateway: c.gateway.status,
        desktop: c.ports.desktop?.state() ?? null,
      }),
    'app.info': () => c.info(),
    'app.quit': ({ servers: choice }) => {
      c.requestQuit(choice);
      return null;
    },

    'profiles.list': () => profiles.list().map(publicProfile),
    'profiles.get': ({ profileId }) => publicProfile(find(profiles, profileId)),
    'profiles.create': async (input) => saved(await profiles.create(input, { local: false })),
    'profiles.update': async ({ profileId, changes, base }) =>
      saved(await profiles.update(profileId, changes, { local: false }, base)),
    'profiles.listLocal': () => [...profiles.list()],
    'profiles.createLocal': (input) => profiles.create(input, { local: true }),
    'profiles.updateLocal': ({ profileId, changes, base }) =>
      profiles.update(profileId, changes, { local: true }, base),
    'profiles.duplicate': async ({ profileId, name }) =>
      publicProfile(await profiles.duplicate(profileId, name)),
    'profiles.delete': async ({ profileId, stop }) => {
      await profiles.delete(profileId, { stop });
      await servers.forget(profileId);
      c.startup.forget(profileId);
      await logs.removeProfile(profileId);
      sampler.forget(profileId);
      return { deleted: profileId };
    },
    'profiles.undoDelete': async ({ profileId }) =>
      publicProfile(await profiles.undoDelete(profileId)),
    'profiles.reorder': async ({ profileIds }) => {
      await profiles.reorder(profileIds);
      return null;
    },
    'profiles.check': ({ profileId, draft }, session) =>
      profiles.check(profileId, draft, { local: session.scopes.has('local') }),
    'profiles.nextPort': async () => ({ port: await profiles.nextPort() }),
    'profiles.command': ({ profileId }, session) =>
      describeCommand(find(profiles, profileId), c, { local: session.scopes.has('local') }),
    'profiles.previewCommand': async ({ profileId, draft }, session) => {
      const profile = await profiles.draft(profileId, draft);
      await reachable(profile.model, session);
      return describeCommand(profile, c, { local: session.scopes.has('local') });
    },

    'profiles.fit': ({ profileId }) => c.admission.report(find(profiles, profileId)),
    'profiles.fitDraft': async ({ profileId, draft }, session) => {
      const usable = await profiles.usable(profileId, draft, {
        local: session.scopes.has('local'),
      });
      if (usable) await reachable(usable.model, session);
      return usable ? c.admission.report(usable) : null;
    },
    'profiles.advice': ({ profileId }) => c.advice.forProfile(find(profiles, profileId)),
    'engines.advice': ({ engine, version }) => c.advice.forEngine(engine, version),
    'models.parsers': async ({ model, engine }, session) => {
      const found = await models.resolve(await reachable(model, session));
      return found
        ? suggestParsers(engine, await readParserFacts(found.path, found.model.name))
        : [];
    },
    'servers.ranks': ({ profileId }) => servers.ranks(profileId),
    'profiles.checkHosts': ({ profileId }) => servers.checkHosts(profileId),

    'servers.list': () => servers.list(),
    'servers.start': ({ profileId, ...how }) => servers.start(profileId, how),
    // Requests that come meanwhile wait for what follows; the server itself lets open answers end.
    'servers.stop': ({ profileId }) =>
      c.gateway.whileShut(profileId, 0, () => servers.stop(profileId)),
    'servers.acknowledge': ({ profileId }) => servers.acknowledge(profileId),
    'servers.restart': ({ profileId, force }) =>
      c.gateway.whileShut(profileId, RESTART_WAITS_MS, () => servers.restart(profileId, { force })),
    'servers.stopAll': () => servers.stopAll(),
    'servers.test': ({ profileId }) => servers.test(profileId),

    'logs.failure': ({ profileId, run }) => logs.failure(find(profiles, profileId).id, run),
    'logs.runs': ({ profileId }) => logs.runs(find(profiles, profileId).id),
    'logs.read': (input) => logs.read(input),
    'logs.search': (input) => logs.search(input),
    'logs.follow': ({ profileId, follow }, session) => {
      session.follow(profileId, follow);
      return null;
    },

    'metrics.history': ({ profileId }) => sampler.history(profileId),

    'engines.list': () => engines.listChecked('files'),
    'engines.available': (input) => engines.available({ quick: input?.quick ?? false }),
    'engines.install': ({ engine, version }) => engines.install(engine, version),
    'engines.update': ({ engine }) => engines.update(engine),
    'engines.reinstall': ({ installationId }) => engines.reinstall(installationId),
    'engines.cancel': async ({ jobId }) => {
      await engines.cancel(jobId);
      return null;
    },
    'engines.register': (input) => engines.register(input),
    'engines.change': (input) => engines.change(input),
    'engines.carryOver': ({ engine, options }) => engines.carryOver(engine, options),
    'engines.test': ({ installationId }) => engines.test(installationId),
    'engines.use': ({ installationId }) => engines.use(installationId),
    'engines.rollback': ({ engine }) => engines.rollback(engine),
    'engines.remove': async ({ installationId }) => {
      await engines.remove(installationId);
      return null;
    },
    'engines.options': async ({ installationId }) => [...(await engines.options(installationId))],

    'models.list': async (input) =>
      (await models.list()).filter((model) => input?.incomplete !== false || model.complete),
    'models.show': async ({ ref }, session) => models.show(await reachable(ref, session)),
    'models.folders': () => models.folders(),
    'models.addFolder': async ({ path }) => {
      await models.checkFolder(path);
      const { modelFolders } = settings.get();
      await settings.set(
        'modelFolders',
        addOnce(modelFolders, path),
        { local: true },
        modelFolders,
      );
      await models.rescan();
      return models.folders();
    },
    'models.removeFolder': async ({ path }) => {
      const { modelFolders } = settings.get();
      const kept = modelFolders.filter((folder) => folder !== path);
      if (kept.length === modelFolders.length) {
        throw new DomainError('not_found', `${path} isn't a library folder.`);
      }
      await settings.set('modelFolders', kept, { local: true }, modelFolders);
      await models.rescan();
      return models.folders();
    },
    'models.rescan': () => models.rescan(),
    'models.delete': ({ ref, now }) => models.delete(ref, now),
    'models.undoDelete': ({ ref }) => models.undoDelete(ref),
    'models.holdDelete': ({ ref }) => models.holdDelete(ref),
    'models.deleteNow': ({ ref }) => models.deleteNow(ref),
    'models.verify': async ({ ref }, session) => models.verify(await reachable(ref, session)),
    'models.cancelVerify': async ({ ref }) => {
      await models.cancelVerify(ref);
      return null;
    },
    'models.jobs': () => models.jobs(),
    'models.repair': ({ ref }) => models.repair(ref),
    'models.share': ({ ref, with: source }) => models.share(ref, source),
    'models.reveal': async ({ ref }) => {
      await desktop(c.ports).reveal(await models.folderToReveal(ref));
      return null;
    },

    'models.fit': async ({ ref, ...question }, session) =>
      c.fits.ofModel(await reachable(ref, session), question),
    'hub.search': (search, session) => hub.search(search, session),
    'hub.without': (search) => hub.without(search),
    'hub.facts': ({ refs }) => hub.facts(refs),
    'hub.model': ({ ref, revision }) => hub.model(ref, revision),
    'hub.suggested': () => suggestModels((ref, signal) => hub.model(ref, undefined, signal)),
    'hub.card': ({ ref, revision }) => hub.card(ref, revision),
    'hub.account': () => hub.account(),
    'hub.setToken': ({ token }) => hub.setToken(token),
    'hub.clearToken': () => hub.clearToken(),

    'downloads.list': () => downloads.list(),
    'downloads.files': ({ downloadId }) => downloads.files(downloadId),
    'downloads.start': (wanted) => downloads.start(wanted),
    'downloads.pause': ({ downloadId }) => downloads.pause(downloadId),
    'downloads.resume': ({ downloadId }) => downloads.resume(downloadId),
    'downloads.retry': ({ downloadId }) => downloads.resume(downloadId),
    'downloads.cancel': async ({ downloadId }) => {
      await downloads.cancel(downloadId);
      return null;
    },
    'downloads.reorder': async ({ downloadIds }) => {
      await downloads.reorder(downloadIds);
      return null;
    },
    'downloads.clear': async () => {
      await downloads.clear();
      return null;
    },

    'gateway.keys': () => c.gatewayKeys.list(),
    'gateway.addKey': (wanted) => c.gatewayKeys.add(wanted),
    'gateway.revokeKey': ({ keyId }) => c.gatewayKeys.revoke(keyId),
    'gateway.requests': (query) => c.gatewayRecords.requests(query),
    'gateway.follow': ({ follow }, session) => {
      session.follow(GATEWAY_REQUESTS_KEY, follow);
      return null;
    },
    'gateway.sessions': (query) => c.gatewayRecords.sessions(query),
    'gateway.session': ({ id }) => c.gatewayRecords.session(id),

    'settings.get': () => settings.get(),
    'settings.set': ({ key, value, base }) => settings.set(key, value, { local: false }, base),
    'settings.setLocal': ({ key, value, base }) => settings.set(key, value, { local: true }, base),
    'settings.reset': ({ key }, session) =>
      settings.reset(key, { local: session.scopes.has('local') }),

    'data.usage': () => dataUsage(c),
    'data.remove': ({ what }) => removeData(what, c),
    'notices.dismiss': ({ id }) => {
      notices.dismiss(id);
      return null;
    },
    'startup.dismiss': () => {
      c.startup.dismiss();
      return null;
    },
    'startup.release': () => {
      c.startup.release();
      return null;
    },

    'gateway.status': () => c.gateway.status,
    'gateway.load': () => c.gateway.books,
    'gateway.names': () => c.gateway.names,
    'gateway.retry': () => c.gateway.retry(),
    'setup.start': async (plan, session) =>
      c.setup.start({ ...plan, model: await reachable(plan.model, session) }),
    'setup.retry': () => c.setup.retry(),
    'setup.cancel': async () => {
      await c.setup.cancel();
      return null;
    },
    'setup.dismiss': async () => {
      await c.setup.dismiss();
      return null;
    },

    'desktop.setOpenAtLogin': ({ open }) => desktop(c.ports).setOpenAtLogin(open),
    'desktop.openLoginSettings': async () => {
      await desktop(c.ports).openLoginSettings();
      return null;
    },
    'desktop.checkForUpdate': () => desktop(c.ports).checkForUpdate(),
    'desktop.installUpdate': async () => {
      await desktop(c.ports).installUpdate();
      return null;
    },
    'desktop.installCommandLine': () => desktop(c.ports).installCommandLine(),
    'desktop.removeCommandLine': () => desktop(c.ports).removeCommandLine(),
    'desktop.chooseFolder': async () => ({
      path: (await desktop(c.ports).chooseFolder()) ?? null,
    }),
    'desktop.revealData': async () => {
      await desktop(c.ports).reveal(c.ports.paths.home);
      return null;
    },

    'doctor.run': async () => ({
      checks: await runDoctor({
        home: c.ports.paths.home,
        platform: process.platform,
        arch: process.arch,
        profiles: profiles.list(),
        servers: servers.list(),
        installations: await engines.listChecked('run'),
        models: await models.list(),
        folders: await models.folders(),
        records: await c.records.readAll(),
        readOnly: c.info().readOnly,
        vault: c.ports.vault,
        unreadToken: () => hub.unreadToken(),
        processes: c.ports.processes,
        cache: hubCacheFolder(c.ports.env),
        downloads: downloads.list(),
        gateway: c.gateway.status,
        settings: settings.get(),
        hub: { host: hub.host, reach: (signal) => hub.reach(signal) },
      }),
    }),
  };
}

function find(profiles: ProfileService, profileId: string): ServerProfile {
  const profile = profiles.get(profileId);
  if (!profile) throw new DomainError('not_found', `There is no profile with the id ${profileId}.`);
  return profile;
}

function addOnce(folders: readonly string[], folder: string): string[] {
  if (folders.includes(folder)) {
    throw new DomainError('conflict', `${folder} is already a library folder.`);
  }
  return [...folders, folder];
}

/** Sessions with the scope `desktop` exist in the desktop application alone; this is for who makes one elsewhere. */
function desktop(ports: Ports): Desktop {
  if (ports.desktop) return ports.desktop;
  throw new DomainError('unauthorised', "This is available in the desktop app's window only.");
}
