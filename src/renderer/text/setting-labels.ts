import type { SettingKey } from '@shared/domain/settings';
import { fieldProblemsOf } from '@shared/errors';

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
 * Why a change was refused. A rule is said of the setting by its name here: nobody has seen the key by which
 * programs and the command line know it.
 */
export function settingProblem(key: SettingKey, error: Error): string {
  const rule = fieldProblemsOf(error)[0]?.rule;
  return rule === undefined ? error.message : `${SETTING_LABELS[key]} ${rule}.`;
}
