/** Long, since it is one table: THE contract, every request and every event. Adding one is an entry here and a handler in core/rpc. */
import { z } from 'zod';
import {
  AvailableEngine,
  EngineJob,
  EngineOption,
  Installation,
  SelfTestResult,
  VersionChange,
} from '../domain/engine';
import { Advice } from '../domain/advice';
import { HostCheck, Rank } from '../domain/cluster';
import { PostMortem } from '../domain/post-mortem';
import { ParserSuggestion } from '../domain/parsers';
import { LogLine, LogPage, LogRun } from '../domain/log';
import { Machine, MetricsHistory, MetricsTick } from '../domain/metrics';
import { Deletion, Model, ModelFolder, VerifyJob } from '../domain/model';
import {
  EngineId,
  InstallableId,
  ModelRef,
  ProfileId,
  OptionValue,
  ProfileName,
  ServerProfile,
  ServerProfileCreate,
  ServerProfileCreateLocal,
  ServerProfileUpdate,
  ServerProfileUpdateLocal,
} from '../domain/profile';
import { Action } from '../domain/failure';
import { GatewayKey, GatewayKeyCreate, GatewayKeyId, NewGatewayKey } from '../domain/gateway';
import { Server, serverNews, TestAnswer } from '../domain/server';
import { Setup, SetupPlan } from '../domain/setup';
import { AbsolutePath } from '../domain/path';
import { DataUsage, Notice, Settings } from '../domain/settings';
import { DesktopState } from '../domain/desktop';
import { GatewayName } from '../domain/gateway-name';
import { GatewayLoad, GatewayStatus } from '../domain/gateway-status';
import { Download, DownloadFile, HubRef, Revision } from '../domain/download';
import {
  HubAccount,
  HubModelName,
  HubModelPage,
  HubPage,
  HubSearch,
  SuggestedModel,
  ModelCard,
  WithoutFilter,
} from '../domain/hub';
import {
  GatewayRequest,
  GatewayRequestsQuery,
  GatewaySession,
  GatewaySessionDetail,
  GatewaySessionsQuery,
} from '../domain/gateway-records';
import { FitEstimate, FitReport } from '../domain/memory';
import { StartupReport } from '../domain/startup';
import { desktopRequest, event, localRequest, request } from './define';

const none = z.union([z.undefined(), z.null(), z.strictObject({})], {
  error: 'must be left out: this request has none',
});
const nothing = z.null();
const profileId = z.strictObject({ profileId: ProfileId });
const installationId = z.strictObject({ installationId: z.string().min(1).max(300) });
/** Which ones there are is known to the settings, whose refusal lists them. */
const settingKey = z.string().max(100);
/** A model as the library names it. */
const modelName = z.strictObject({ ref: z.string().min(1).max(4096) });
const downloadId = z.strictObject({ downloadId: z.string().min(1).max(64) });
const jobId = z.strictObject({ jobId: z.string().min(1).max(64) });
const version = z
  .string()
  .regex(/^[0-9A-Za-z][0-9A-Za-z.+!-]{0,63}$/, 'version must look like 0.32.2, or be newest')
  .optional();

export const ManagerInfo = z.object({
  version: z.string(),
  host: z.enum(['desktop', 'headless']),
  pid: z.number(),
  home: z.string(),
  url: z.string().optional(),
  socket: z.string().optional(),
  startedAt: z.string(),
  /** Documents of a newer version are kept untouched: nothing can be changed. */
  readOnly: z.boolean(),
});
export type ManagerInfo = z.infer<typeof ManagerInfo>;

/** Everything that is true now. `seq`: events of this connection up to it are contained. */
export const Snapshot = z.object({
  seq: z.number(),
  manager: ManagerInfo,
  /** Which scopes this connection has. */
  scopes: z.array(z.enum(['any', 'local', 'desktop'])),
  profiles: z.array(ServerProfile),
  servers: z.array(Server),
  installations: z.array(Installation),
  engineJobs: z.array(EngineJob),
  modelJobs: z.array(VerifyJob),
  machine: Machine,
  settings: Settings,
  notices: z.array(Notice),
  downloads: z.array(Download),
  startup: StartupReport.nullable(),
  setup: Setup.nullable(),
  gateway: GatewayStatus,
  desktop: DesktopState.nullable(),
});
export type Snapshot = z.infer<typeof Snapshot>;

export const LaunchCommand = z.object({
  argv: z.array(z.string()),
  env: z.record(z.string(), z.string()),
  cwd: z.string(),
  /** The same as one line for a POSIX shell, secrets masked. */
  shell: z.string(),
  /** A launchd property list, secrets masked; null where it cannot hold a word of the command. */
  launchd: z.string().nullable(),
  /** Why there is none. */
  launchdProblem: z.string().optional(),
});
export type LaunchCommand = z.infer<typeof LaunchCommand>;

export const DoctorCheck = z.object({
  id: z.string(),
  state: z.enum(['ok', 'warning', 'problem']),
  message: z.string(),
  action: Action.optional(),
});
export type DoctorCheck = z.infer<typeof DoctorCheck>;

/** A saved profile with what a person should know but need not act on. */
const SavedProfile = z.object({ profile: ServerProfile, warnings: z.array(z.string()) });

const FieldProblem = z.object({
  field: z.string(),
  message: z.string(),
  rule: z.string().optional(),
});

export const requests = {
  'app.snapshot': request(none, Snapshot),
  'app.info': request(none, ManagerInfo),
  /** Ends the manager in order, as Ctrl-C does. */
  'app.quit': localRequest(
    z.strictObject({ servers: z.enum(['stop', 'leave-running']).optional() }),
    nothing,
  ),

  'profiles.list': request(none, z.array(ServerProfile)),
  'profiles.get': request(profileId, ServerProfile),
  'profiles.create': request(ServerProfileCreate, SavedProfile),
  /** `base`: what the changed fields were when the change was begun; what others changed since then is kept. */
  'profiles.update': request(
    z.strictObject({
      profileId: ProfileId,
      changes: ServerProfileUpdate,
      base: ServerProfileUpdate.optional(),
    }),
    SavedProfile,
  ),
  /** As the requests above, with environment, extra arguments and host; values unmasked. */
  'profiles.listLocal': localRequest(none, z.array(ServerProfile)),
  'profiles.createLocal': localRequest(ServerProfileCreateLocal, SavedProfile),
  'profiles.updateLocal': localRequest(
    z.strictObject({
      profileId: ProfileId,
      changes: ServerProfileUpdateLocal,
      base: ServerProfileUpdateLocal.optional(),
    }),
    SavedProfile,
  ),
  'profiles.duplicate': request(
    z.strictObject({ profileId: ProfileId, name: ProfileName.optional() }),
    ServerProfile,
  ),
  'profiles.delete': request(
    z.strictObject({ profileId: ProfileId, stop: z.boolean().default(false) }),
    z.object({ deleted: z.string() }),
  ),
  /** Brings a profile back that was deleted since the manager began; its logs are gone. */
  'profiles.undoDelete': request(profileId, ServerProfile),
  /** The given order; profiles left out keep theirs, behind. */
  'profiles.reorder': request(
    z.strictObject({ profileIds: z.array(ProfileId).max(1000) }),
    nothing,
  ),
  /** What would be refused, without saving: for a form, on every keystroke. */
  'profiles.check': request(
    z.strictObject({ profileId: ProfileId.optional(), draft: z.record(z.string(), z.unknown()) }),
    z.object({ problems: z.array(FieldProblem), warnings: z.array(FieldProblem) }),
  ),
  'profiles.nextPort': request(none, z.object({ port: z.number() })),
  'profiles.command': request(profileId, LaunchCommand),
  /** What a draft would run. */
  'profiles.previewCommand': request(
    z.strictObject({ profileId: ProfileId.optional(), draft: z.record(z.string(), z.unknown()) }),
    LaunchCommand,
  ),

  /** What the profile needs now, and what would make it fit; null where nobody can tell (a custom command). */
  'profiles.fit': request(profileId, FitReport.nullable()),
  /** What a draft would need, as far as it can be used: for a form, on every keystroke. */
  'profiles.fitDraft': request(
    z.strictObject({ profileId: ProfileId.optional(), draft: z.record(z.string(), z.unknown()) }),
    FitReport.nullable(),
  ),
  /** What is worth knowing before this profile is started; it never blocks. */
  'profiles.advice': request(profileId, z.array(Advice)),
  /** The same of an engine's version, before it is installed or put in use. */
  'engines.advice': request(
    z.strictObject({ engine: InstallableId, version: z.string().max(64) }),
    z.array(Advice),
  ),
  /** Which tool-call and reasoning parsers fit a model on an engine, and how that is known. */
  'models.parsers': request(
    z.strictObject({ model: ModelRef, engine: EngineId }),
    z.array(ParserSuggestion),
  ),
  /** Looks at every machine of the profile's cluster, as a start does. */
  'profiles.checkHosts': request(profileId, z.array(HostCheck)),

  'servers.list': request(none, z.array(Server)),
  /**
   * Returns as soon as the start is under way; a running one is returned as it is. One that does not fit
   * is refused (`does_not_fit`, its `data` a FitReport): then nothing was started and nothing was stopped.
   */
  'servers.start': request(
    z.strictObject({
      profileId: ProfileId,
      /** With what takes the least memory, for this run alone. */
      safeMode: z.boolean().default(false),
      /** Also when it does not fit. */
      force: z.boolean().default(false),
      /** These are stopped first, proven; nothing is started when one cannot be. */
      stopFirst: z.array(ProfileId).max(1000).default([]),
    }),
    Server,
  ),
  /** Returns when it is proven stopped. */
  'servers.stop': request(profileId, Server),
  /** A person has read of its last crash: it is no longer shown. */
  'servers.acknowledge': request(profileId, Server),
  /** Returns when the new process is spawned. Refused as a start is: then the old one runs on. */
  'servers.restart': request(
    z.strictObject({ profileId: ProfileId, force: z.boolean().default(false) }),
    Server,
  ),
  'servers.stopAll': request(none, z.array(Server)),
  /** The ranks of a server over several of them, each asked on its machine; none where it is one process. */
  'servers.ranks': request(profileId, z.array(Rank)),
  /** Sends one short chat to a ready server, through the same port as everyone. */
  'servers.test': request(profileId, TestAnswer),

  'gateway.status': request(none, GatewayStatus),
  /** Requests that are under way, and that wait. It changes all the time: who shows it asks again. */
  'gateway.load': request(none, GatewayLoad),
  /** What programs can ask for, in the order of the profiles. */
  'gateway.names': request(none, z.array(GatewayName)),
  /** Tries to listen again, e.g. after the port became free. */
  'gateway.retry': request(none, GatewayStatus),

  /** What was known when a run failed, the newest without `run`; null where it did not. */
  'logs.failure': request(
    z.strictObject({ profileId: ProfileId, run: z.number().int().min(1).optional() }),
    PostMortem.nullable(),
  ),
  'logs.runs': request(profileId, z.array(LogRun)),
  /** Lines [from, from+limit); a negative `from` counts from the end; `run` absent: the newest. */
  'logs.read': request(
    z.strictObject({
      profileId: ProfileId,
      run: z.number().int().optional(),
      from: z.number().int().default(-200),
      limit: z.number().int().min(1).max(5000).default(200),
    }),
    LogPage,
  ),
  /**
   * Numbers of the lines that contain the text (case-insensitive), at most 10,000; those about the
   * manager's own requests only with `probes`.
   */
  'logs.search': request(
    z.strictObject({
      profileId: ProfileId,
      run: z.number().int().optional(),
      query: z.string().min(1).max(500),
      probes: z.boolean().default(false),
    }),
    z.object({ lines: z.array(z.number()), truncated: z.boolean() }),
  ),
  /** This connection gets `logs.lines` of the profile from now on; `false` ends it. */
  'logs.follow': request(z.strictObject({ profileId: ProfileId, follow: z.boolean() }), nothing),

  'metrics.history': request(z.strictObject({ profileId: ProfileId.optional() }), MetricsHistory),

  'engines.list': request(none, z.array(Installation)),
  /** `quick`: does not wait for the package index; `installations.changed` tells when it has answered. */
  'engines.available': request(
    z.strictObject({ quick: z.boolean().default(false) }).optional(),
    z.array(AvailableEngine),
  ),
  'engines.install': request(z.strictObject({ engine: InstallableId, version }), EngineJob),
  'engines.update': request(z.strictObject({ engine: InstallableId }), EngineJob),
  /** The same version of a managed installation anew, under the same id; the old one goes when the new one works. */
  'engines.reinstall': request(installationId, EngineJob),
  'engines.cancel': request(jobId, nothing),
  'engines.register': localRequest(
    z.strictObject({
      engine: InstallableId,
      python: AbsolutePath.optional(),
      command: AbsolutePath.optional(),
    }),
    EngineJob,
  ),
  /** What would change if this installation were put in use, against the one in use (or `from`). */
  'engines.change': request(
    z.strictObject({ installationId: z.string().max(200), from: z.string().max(200).optional() }),
    VersionChange,
  ),
  /** A profile's options for another engine (its installation in use), and what it cannot take over. */
  'engines.carryOver': request(
    z.strictObject({ engine: InstallableId, options: ServerProfile.shape.options }),
    z.object({
      options: ServerProfile.shape.options,
      lost: z.array(z.object({ key: z.string(), value: OptionValue, reason: z.string() })),
    }),
  ),
  'engines.test': request(installationId, SelfTestResult),
  'engines.use': request(installationId, Installation),
  'engines.rollback': request(z.strictObject({ engine: InstallableId }), Installation),
  'engines.remove': request(installationId, nothing),
  'engines.options': request(installationId, z.array(EngineOption)),

  'models.list': request(
    z.strictObject({ incomplete: z.boolean().default(true) }).optional(),
    z.array(Model),
  ),
  'models.show': request(z.strictObject({ ref: z.string().min(1).max(4096) }), Model),
  'models.folders': request(none, z.array(ModelFolder)),
  'models.addFolder': localRequest(z.strictObject({ path: AbsolutePath }), z.array(ModelFolder)),
  'models.removeFolder': localRequest(z.strictObject({ path: AbsolutePath }), z.array(ModelFolder)),
  'models.rescan': request(none, z.array(Model)),
  /** Refused while something uses it. It can be had back for ten seconds, unless `now`. */
  'models.delete': request(modelName.extend({ now: z.boolean().default(false) }), Deletion),
  'models.undoDelete': request(modelName, Model),
  /** The undo is being looked at: its time begins anew. */
  'models.holdDelete': request(modelName, Deletion),
  /** Nobody wants it back. */
  'models.deleteNow': request(modelName, Deletion),
  /** Reads every byte in the background; `modelJobs.changed` tells how far it is. */
  'models.verify': request(modelName, VerifyJob),
  'models.cancelVerify': request(modelName, nothing),
  /** Those under way, and those that ended since the manager began. */
  'models.jobs': request(none, z.array(VerifyJob)),
  /** Sets what is bad aside and fetches only that. */
  'models.repair': request(modelName, Download),
  /** The files of `ref` become clones of those of `with`: both stay, the bytes are on disk once. */
  'models.share': request(
    modelName.extend({ with: z.string().min(1).max(4096) }),
    z.object({ freedBytes: z.number() }),
  ),
  /** Shows the model's folder in the file manager. */
  'models.reveal': desktopRequest(modelName, nothing),

  /** What a model needs on this machine, on disk or on the hub; bytes. */
  'models.fit': request(
    z.strictObject({
      ref: z.string().min(1).max(4096),
      context: z.number().int().min(1).max(100_000_000).optional(),
      concurrency: z.number().int().min(1).max(1024).optional(),
      kvBits: z
        .union([z.literal(2), z.literal(3), z.literal(4), z.literal(6), z.literal(8)], {
          error: 'kvBits must be 2, 3, 4, 6 or 8',
        })
        .optional(),
    }),
    FitEstimate,
  ),

  /** One page; a newer search of the same view ends an older one, which is then `cancelled`. */
  'hub.search': request(HubSearch, HubPage),
  /** For a search that finds nothing: what there would be without each of its filters, the most first. */
  'hub.without': request(HubSearch, z.array(WithoutFilter)),
  /** The same rows with what their own files say; in the order of the request, unknown ones left out. */
  'hub.facts': request(
    z.strictObject({ refs: z.array(HubRef).max(100) }),
    z.array(z.object({ ref: z.string(), facts: HubModelPage.shape.facts })),
  ),
  'hub.model': request(HubModelName, HubModelPage),
  /** A few that fit this machine, the best first. */
  'hub.suggested': request(none, z.array(SuggestedModel)),
  'hub.card': request(HubModelName, ModelCard),
  'hub.account': request(none, HubAccount),
  /** Tries the token, and keeps it when the hub knows whose it is. */
  'hub.setToken': request(
    z.strictObject({ token: z.string().trim().min(1, 'token must not be empty').max(500) }),
    HubAccount,
  ),
  'hub.clearToken': request(none, HubAccount),

  /** Under way first in their order, then ended ones, newest first. */
  'downloads.list': request(none, z.array(Download)),
  'downloads.files': request(downloadId, z.array(DownloadFile)),
  /** Begins or goes on: one job per model and revision, however often it is asked for. */
  'downloads.start': request(
    z.strictObject({
      ref: HubRef,
      revision: Revision.default('main'),
      limitBytesPerSecond: z.number().min(1).optional(),
      /** Also what no engine here could load as it is. */
      force: z.boolean().default(false),
    }),
    Download,
  ),
  'downloads.pause': request(downloadId, Download),
  'downloads.resume': request(downloadId, Download),
  /** As resume, for one that failed. */
  'downloads.retry': request(downloadId, Download),
  /** Ends it and removes what it has brought, except files that another model shares. */
  'downloads.cancel': request(downloadId, nothing),
  /** The given order; those left out keep theirs, behind. */
  'downloads.reorder': request(
    z.strictObject({ downloadIds: z.array(z.string().max(64)).max(1000) }),
    nothing,
  ),
  /** Forgets those that have ended; their files stay. */
  'downloads.clear': request(none, nothing),

  /** The keys of the gateway, oldest first; never the keys themselves. */
  'gateway.keys': request(none, z.array(GatewayKey)),
  /** Makes a key. The answer holds its text, which is told this once and kept nowhere. */
  'gateway.addKey': request(GatewayKeyCreate, NewGatewayKey),
  /** From now on the key opens nothing; requests under way with it end as they would have. */
  'gateway.revokeKey': request(z.strictObject({ keyId: GatewayKeyId }), GatewayKey),
  /** Requests that went through the gateway, the newest first; with `after`, those that followed it, the oldest first. */
  'gateway.requests': request(GatewayRequestsQuery, z.array(GatewayRequest)),
  /** This connection gets `gateway.requests` from now on; `false` ends it. */
  'gateway.follow': request(z.strictObject({ follow: z.boolean() }), nothing),
  /** Conversations that went through the gateway, the last used first. */
  'gateway.sessions': request(GatewaySessionsQuery, z.array(GatewaySession)),
  /** One of them with its newest requests, and what became of each one's common beginning. */
  'gateway.session': request(
    z.strictObject({ id: z.string().min(1).max(300) }),
    GatewaySessionDetail,
  ),

  'settings.get': request(none, Settings),
  /** `base`: what the setting was when the change was begun. */
  'settings.set': request(
    z.strictObject({ key: settingKey, value: z.unknown(), base: z.unknown().optional() }),
    Settings,
  ),
  /** As `settings.set`, for settings that are paths too. */
  'settings.setLocal': localRequest(
    z.strictObject({ key: settingKey, value: z.unknown(), base: z.unknown().optional() }),
    Settings,
  ),
  'settings.reset': request(z.strictObject({ key: settingKey }), Settings),

  'data.usage': request(none, DataUsage),
  /**
   * Removes engines, logs, unfinished downloads, or everything the application stored; refused while
   * servers run, except for the downloads.
   */
  'data.remove': request(
    z.strictObject({ what: z.enum(['engines', 'logs', 'downloads', 'all']) }),
    z.object({ freedBytes: z.number() }),
  ),
  'notices.dismiss': request(z.strictObject({ id: z.string().min(1).max(100) }), nothing),

  /** Closes the report of what started with the manager. */
  'startup.dismiss': request(none, nothing),
  /** Starts the profiles that were held after the machine went down under them. */
  'startup.release': request(none, nothing),

  /** Installs the engine, fetches the model, makes the profile and starts it: what is there already is used. */
  'setup.start': request(SetupPlan, Setup),
  /** Tries the steps that failed again. */
  'setup.retry': request(none, Setup),
  /** Ends what is under way of it; what it has brought stays. */
  'setup.cancel': request(none, nothing),
  /** Closes its page, at its end or after a failure. */
  'setup.dismiss': request(none, nothing),

  /** Asks the system to open the application at login, or no longer; answers what it then says. */
  'desktop.setOpenAtLogin': desktopRequest(z.strictObject({ open: z.boolean() }), DesktopState),
  /** Opens the system's own settings of login items, where a person approves it. */
  'desktop.openLoginSettings': desktopRequest(none, nothing),
  'desktop.checkForUpdate': desktopRequest(none, DesktopState),
  /** Quits and starts the version that is ready. */
  'desktop.installUpdate': desktopRequest(none, nothing),
  /** Puts the command `mlx-manager` into a folder of the PATH, or takes it away again. */
  'desktop.installCommandLine': desktopRequest(none, DesktopState),
  'desktop.removeCommandLine': desktopRequest(none, DesktopState),
  /** Lets the person choose a folder of models; null when they chose none. */
  'desktop.chooseFolder': desktopRequest(none, z.object({ path: z.string().nullable() })),
  /** Shows the data folder in the file manager. */
  'desktop.revealData': desktopRequest(none, nothing),

  'doctor.run': request(none, z.object({ checks: z.array(DoctorCheck) })),
} as const;

export const events = {
  'servers.changed': event(Server, 'every', serverNews),
  /** The whole list, sorted: it is small and cannot be applied wrongly. */
  'profiles.changed': event(z.array(ServerProfile), 'every'),
  'installations.changed': event(z.array(Installation), 'every'),
  /** The package index told a newer version than before: ask again what can be installed. */
  'engines.newestChanged': event(nothing, 'latest'),
  'engineJobs.changed': event(EngineJob, 'latest'),
  'settings.changed': event(Settings, 'every'),
  'notices.changed': event(z.array(Notice), 'every'),
  /** The library changed on disk: ask again. */
  'models.changed': event(nothing, 'latest'),
  'modelJobs.changed': event(VerifyJob, 'latest'),
  /** The whole list, as above: twice a second while bytes come, and at once when one begins or ends. */
  'downloads.changed': event(z.array(Download), 'every'),
  /** The token was changed: ask again. */
  'hub.accountChanged': event(nothing, 'every'),
  /** The gateway's keys changed, or were used: ask again. */
  'gateway.changed': event(nothing, 'latest'),
  'metrics.tick': event(MetricsTick, 'latest'),
  'logs.lines': event(
    z.object({ profileId: ProfileId, run: z.number(), lines: z.array(LogLine) }),
    'batch',
  ),
  /** Requests that have ended, to who follows them. */
  'gateway.requests': event(z.object({ requests: z.array(GatewayRequest) }), 'batch'),
  'startup.changed': event(StartupReport.nullable(), 'every'),
  'setup.changed': event(Setup.nullable(), 'every'),
  'gateway.statusChanged': event(GatewayStatus, 'every'),
  'desktop.changed': event(DesktopState.nullable(), 'every'),
  /** The manager is quitting; the connection will close. */
  'app.quitting': event(nothing, 'every'),
} as const;

export type Requests = typeof requests;
export type Method = keyof Requests;
/** A handler's input: parsed, defaults filled in. */
export type Input<M extends Method> = z.output<Requests[M]['input']>;
/** A caller's input: what has a default may be left out. */
export type RawInput<M extends Method> = z.input<Requests[M]['input']>;
export type Output<M extends Method> = z.output<Requests[M]['output']>;
export type Topic = keyof typeof events;
export type Payload<T extends Topic> = z.output<(typeof events)[T]['payload']>;
