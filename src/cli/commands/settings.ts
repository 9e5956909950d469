import type { Command } from 'commander';

import { SETTING_KEYS, type SettingKey, type Settings } from '@shared/domain/settings';
import { DomainError } from '@shared/errors';
import type { Context } from '../terminal/context';
import { withManager } from '../manager/manager';

export function addSettingsCommands(program: Command, context: Context): void {
  const settings = program.command('settings').summary('settings of the manager');
  settings
    .command('get')
    .summary('every setting, or one')
    .argument('[key]')
    .option('--json', 'as JSON')
    .action((key: string | undefined) =>
      withManager(context, 'read', async ({ client }) => {
        const wanted = key === undefined ? undefined : settingKey(key);
        const all = await client.call('settings.get');
        if (wanted === undefined) context.output.result(all, () => settingLines(all));
        else context.output.result(all[wanted], () => textOf(all[wanted]));
      }),
    );
  settings
    .command('set')
    .summary('change a setting; write lists as JSON')
    .argument('<key>')
    .argument('<value>')
    .option('--json', 'as JSON')
    .action((key: string, value: string) =>
      withManager(context, 'write', async ({ client }) => {
        const name = settingKey(key);
        const all = await client.call('settings.setLocal', { key: name, value: parseValue(value) });
        context.output.result(all, () => `${name} = ${textOf(all[name])}`);
      }),
    );
  settings
    .command('reset')
    .summary('reset to the default')
    .argument('<key>')
    .option('--json', 'as JSON')
    .action((key: string) =>
      withManager(context, 'write', async ({ client }) => {
        const name = settingKey(key);
        const all = await client.call('settings.reset', { key: name });
        context.output.result(all, () => `${name} = ${textOf(all[name])}`);
      }),
    );
}

function settingKey(text: string): SettingKey {
  const found = SETTING_KEYS.find((key) => key.toLowerCase() === text.toLowerCase());
  if (found) return found;
  throw new DomainError(
    'not_found',
    `There is no setting "${text}". Settings: ${SETTING_KEYS.join(', ')}.`,
  );
}

/** Numbers, booleans and lists as JSON has them; everything else is text. */
function parseValue(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

function settingLines(settings: Settings): string[] {
  const width = Math.max(...SETTING_KEYS.map((key) => key.length));
  return SETTING_KEYS.map((key) => `${key.padEnd(width)}  ${textOf(settings[key])}`);
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}
