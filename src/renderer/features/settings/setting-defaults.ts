import type { SettingKey, Settings } from '@shared/domain/settings';

/**
 * The value of each setting that nobody changed. The schema has them too, but with it a whole validation
 * library would come to the screens; a test keeps the two equal.
 */
export const SETTING_DEFAULTS: Settings = {
  appearance: 'system',
  onQuit: 'stop',
  startProfiles: true,
  showWindowAtLogin: false,
  dockIcon: 'window',
  notifications: ['failures', 'installations', 'downloads', 'updates'],
  keepAwake: true,
  checkForUpdates: true,
  modelFolders: [],
  stopGraceSeconds: 10,
  sampleSeconds: 2,
  logFileMegabytes: 10,
  logFilesKept: 5,
  parallelDownloads: 2,
  downloadConnections: 16,
  downloadLimitMegabytes: 0,
  downloadLimitHours: '',
  keepFreePercent: 8,
  serverMemoryLimitGib: 0,
  unusedDays: 30,
  gatewayEnabled: true,
  gatewayPort: 6590,
  gatewayRequireKey: false,
  gatewayAllowedOrigins: [],
  gatewayAllowedHosts: [],
  setupSkipped: false,
};

/** Whether there is something to reset. */
export function isDefault<K extends SettingKey>(key: K, value: Settings[K]): boolean {
  const usual = SETTING_DEFAULTS[key];
  return JSON.stringify(value) === JSON.stringify(usual);
}
