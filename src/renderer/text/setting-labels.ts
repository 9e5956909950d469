import type { SettingKey } from '@shared/domain/settings';
import { fieldProblemsOf } from '@shared/errors';
import { fieldSentence } from './field-text';

/** What each setting is called on screen, wherever it is spoken of. */
export const SETTING_LABELS: Readonly<Record<SettingKey, string>> = {
  appearance: 'Appearance',
  onQuit: 'When quitting',
  startProfiles: 'Start these profiles',
  showWindowAtLogin: 'Show window at login',
  dockIcon: 'Dock icon',
  notifications: 'Notifications',
  keepAwake: 'Keep awake while working',
  checkForUpdates: 'Check for updates',
  stopGraceSeconds: 'Force-quit after',
  setupSkipped: 'Setup guide',
  modelFolders: 'Added folders',
  logFileMegabytes: 'Log file size',
  logFilesKept: 'Log files per server',
  sampleSeconds: 'Measure every',
  parallelDownloads: 'Downloads at once',
  downloadConnections: 'Connections',
  downloadLimitMegabytes: 'Speed limit',
  downloadLimitHours: 'Limit only during',
  keepFreePercent: 'Keep free',
  serverMemoryLimitGib: 'Memory limit for servers',
  unusedDays: 'Mark as unused after',
  gatewayEnabled: 'Gateway',
  gatewayPort: 'Port of the gateway',
  gatewayRequireKey: 'Require a key on this machine',
  gatewayAllowedOrigins: 'Allowed web pages',
  gatewayAllowedHosts: 'Allowed host names',
};

/** Why a change was refused, for the line below the setting. */
export function settingProblem(error: Error): string {
  const [problem] = fieldProblemsOf(error);
  return problem === undefined ? error.message : fieldSentence(problem);
}
