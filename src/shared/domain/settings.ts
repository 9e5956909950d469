import { z } from 'zod';
import { AbsolutePath } from './path';
import { HostName, WebOrigin } from './web-names';

/** What a notification can be about. */
export const NOTIFICATION_KINDS = ['failures', 'installations', 'downloads', 'updates'] as const;
export type NotificationKind = (typeof NOTIFICATION_KINDS)[number];

/** Every setting with its default and its limit; a bad key falls back alone. */
export const settingsShape = {
  appearance: z
    .enum(['system', 'light', 'dark'], { error: 'must be system, light or dark' })
    .default('system'),
  /** What quitting does with running servers; without a desktop there is nobody to ask: `ask` stops. */
  onQuit: z
    .enum(['stop', 'leave-running', 'ask'], { error: 'must be stop, leave-running or ask' })
    .default('stop'),
  /** Whether the profiles whose start policy is `app` are started with the manager. */
  startProfiles: z.boolean({ error: 'must be true or false' }).default(true),
  /** Whether the desktop application shows its window when the system opens it at login. */
  showWindowAtLogin: z.boolean({ error: 'must be true or false' }).default(false),
  /** When the desktop application is in the Dock. */
  dockIcon: z
    .enum(['window', 'always', 'never'], { error: 'must be window, always or never' })
    .default('window'),
  /** What the desktop application tells while nobody looks at it. */
  notifications: z
    .array(z.enum(NOTIFICATION_KINDS), {
      error: `must be a list of ${NOTIFICATION_KINDS.join(', ')}`,
    })
    .max(NOTIFICATION_KINDS.length, 'must name each kind once')
    .default([...NOTIFICATION_KINDS]),
  /** Whether the machine is kept from going to sleep while servers work or something is loaded, installed or downloaded. */
  keepAwake: z.boolean({ error: 'must be true or false' }).default(true),
  /** Whether the desktop application looks for newer versions of itself by itself. */
  checkForUpdates: z.boolean({ error: 'must be true or false' }).default(true),
  /** Folders scanned for models besides the Hugging Face cache. */
  modelFolders: z
    .array(AbsolutePath, { error: 'must be a list of absolute folders' })
    .max(1000, 'must have at most 1000 entries')
    .default([]),
  /** Seconds from SIGTERM to SIGKILL. */
  stopGraceSeconds: z
    .number({ error: 'must be a number from 1 to 120' })
    .min(1, 'must be from 1 to 120')
    .max(120, 'must be from 1 to 120')
    .default(10),
  /** Seconds between two measurements of CPU and memory. */
  sampleSeconds: z
    .number({ error: 'must be a number from 1 to 60' })
    .min(1, 'must be from 1 to 60')
    .max(60, 'must be from 1 to 60')
    .default(2),
  /** Size at which a log file is rotated. */
  logFileMegabytes: z
    .number({ error: 'must be a number from 1 to 1000' })
    .min(1, 'must be from 1 to 1000')
    .max(1000, 'must be from 1 to 1000')
    .default(10),
  /** Log files kept per server, over all its runs. */
  logFilesKept: z
    .number({ error: 'must be a whole number from 1 to 50' })
    .int('must be a whole number from 1 to 50')
    .min(1, 'must be from 1 to 50')
    .max(50, 'must be from 1 to 50')
    .default(5),
  /** Downloads that go on at the same time. */
  parallelDownloads: z
    .number({ error: 'must be a whole number from 1 to 8' })
    .int('must be a whole number from 1 to 8')
    .min(1, 'must be from 1 to 8')
    .max(8, 'must be from 1 to 8')
    .default(2),
  /** Connections of all downloads together. */
  downloadConnections: z
    .number({ error: 'must be a whole number from 1 to 64' })
    .int('must be a whole number from 1 to 64')
    .min(1, 'must be from 1 to 64')
    .max(64, 'must be from 1 to 64')
    .default(16),
  /** Limit of all downloads together, megabytes (1,000,000 bytes) per second; 0: none. */
  downloadLimitMegabytes: z
    .number({ error: 'must be a number from 0 to 100000' })
    .min(0, 'must be from 0 to 100000')
    .max(100_000, 'must be from 0 to 100000')
    .default(0),
  /** When that limit counts, in local time; empty: always. */
  downloadLimitHours: z
    .string({ error: 'must look like 08:00-18:00, or be empty' })
    .regex(
      /^(?:(?:[01]\d|2[0-3]):[0-5]\d-(?:[01]\d|2[0-3]):[0-5]\d)?$/,
      'must look like 08:00-18:00, or be empty',
    )
    .default(''),
  /** What should be left of the memory limit when a server runs, percent (and at least 1 GiB). */
  keepFreePercent: z
    .number({ error: 'must be a number from 0 to 50' })
    .min(0, 'must be from 0 to 50')
    .max(50, 'must be from 0 to 50')
    .default(8),
  /** The most that all servers together may take, GiB; 0: what the machine has. */
  serverMemoryLimitGib: z
    .number({ error: 'must be a number from 0 to 4096' })
    .min(0, 'must be from 0 to 4096')
    .max(4096, 'must be from 0 to 4096')
    .default(0),
  /** A model that nothing used for so many days counts as unused. */
  unusedDays: z
    .number({ error: 'must be a whole number from 1 to 3650' })
    .int('must be a whole number from 1 to 3650')
    .min(1, 'must be from 1 to 3650')
    .max(3650, 'must be from 1 to 3650')
    .default(30),
  /** Whether programs reach the servers through the gateway's one address. */
  gatewayEnabled: z.boolean({ error: 'must be true or false' }).default(true),
  /** The gateway's port; it never moves by itself. */
  gatewayPort: z
    .number({ error: 'must be a whole number from 1 to 65535' })
    .int('must be a whole number from 1 to 65535')
    .min(1, 'must be from 1 to 65535')
    .max(65_535, 'must be from 1 to 65535')
    .default(6590),
  /** Whether a program on this machine needs a key too. */
  gatewayRequireKey: z.boolean({ error: 'must be true or false' }).default(false),
  /** Origins whose pages may use the gateway, each exactly as a browser sends it. */
  gatewayAllowedOrigins: z
    .array(WebOrigin, { error: 'must be a list of origins, such as https://chat.example.com' })
    .max(100, 'must have at most 100 entries')
    .default([]),
  /** Names under which the gateway is reached beside this machine's own, with a port or for its own port. */
  gatewayAllowedHosts: z
    .array(HostName, { error: 'must be a list of host names, such as mac.local' })
    .max(100, 'must have at most 100 entries')
    .default([]),
  setupSkipped: z.boolean({ error: 'must be true or false' }).default(false),
};

export const Settings = z.object(settingsShape);
export type Settings = z.infer<typeof Settings>;
export type SettingKey = keyof Settings;
export const SETTING_KEYS = Object.keys(settingsShape) as SettingKey[];

/** Settings whose value is a path: only the desktop and the command line may change them. */
export const LOCAL_SETTING_KEYS: readonly SettingKey[] = ['modelFolders'];

/** A message that stays until it is dismissed: what was repaired, kept or refused. */
export const Notice = z.object({
  id: z.string(),
  level: z.enum(['info', 'warning', 'problem']),
  message: z.string(),
  time: z.string(),
});
export type Notice = z.infer<typeof Notice>;

export const DataUsage = z.object({
  home: z.string(),
  engines: z.object({ bytes: z.number(), count: z.number() }),
  logs: z.object({ bytes: z.number(), count: z.number() }),
  profiles: z.object({ bytes: z.number(), count: z.number() }),
  total: z.object({ bytes: z.number() }),
});
export type DataUsage = z.infer<typeof DataUsage>;
