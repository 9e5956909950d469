import type { SettingKey } from '@shared/domain/settings';

/** What each setting is called on screen, wherever it is spoken of. */
export const SETTING_LABELS: Readonly<Record<SettingKey, string>> = {
  appearance: 'Appearance',
  onQuit: 'When quitting',
  startProfiles: 'Start these profiles',
  showWindowAtLogin: 'Show the window at login',
  dockIcon: 'Dock icon',
  notifications: 'Notifications',
  keepAwake: 'Keep awake while working',
  checkForUpdates: 'Look for updates',
  stopGraceSeconds: 'Time to stop',
  setupSkipped: 'First steps',
  modelFolders: 'Added folders',
  logFileMegabytes: 'Size of a log file',
  logFilesKept: 'Log files per server',
  sampleSeconds: 'Measure every',
  parallelDownloads: 'Downloads at once',
  downloadConnections: 'Connections',
  downloadLimitMegabytes: 'Speed limit',
  downloadLimitHours: 'Hours of the limit',
  keepFreePercent: 'Keep free',
  serverMemoryLimitGib: 'For all servers',
  unusedDays: 'Counts as unused after',
};

/**
 * A refusal as this screen says it: the manager names a setting by its key, which is what the command line
 * calls it; here nobody has seen that word.
 */
export function refusalInWords(key: SettingKey, message: string): string {
  return message.replaceAll(new RegExp(`\\b${key}\\b`, 'g'), SETTING_LABELS[key]);
}
