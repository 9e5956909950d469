import type { Command } from 'commander';

import { showHidden } from '@shared/format/hidden-characters';
import type { Model } from '@shared/domain/model';
import type { ModelFolder } from '@shared/domain/model';
import { formatDisk } from '@shared/format/bytes';
import { givenPath } from '../terminal/arguments';
import type { Context } from '../terminal/context';
import { withManager } from '../manager/manager';
import { modelRef } from './profile-options';
import { addModelFileCommands } from './model-files';

export function addModelCommands(program: Command, context: Context): void {
  const model = program.command('model').summary('models on this machine');
  model
    .command('list')
    .summary('every model')
    .option('--incomplete', 'include models with missing files')
    .option('--json', 'as JSON')
    .action((options: { incomplete?: boolean }) =>
      withManager(context, 'read', async ({ client }) => {
        const incomplete = options.incomplete === true;
        const all = await client.call('models.list', { incomplete });
        context.output.result(all, () => modelTable(context, all));
      }),
    );
  model
    .command('show')
    .summary('one model')
    .argument('<ref>', 'demo, org/name or a folder')
    .option('--json', 'as JSON')
    .action((ref: string) =>
      withManager(context, 'read', async ({ client }) => {
        const found = await client.call('models.show', { ref: modelRef(ref, context.cwd) });
        context.output.result(found, () => modelLines(found));
      }),
    );
  addModelFileCommands(model, context);
  addFolder(model, context, 'add-folder', 'also look for models in this folder');
  addFolder(model, context, 'remove-folder', 'stop looking there; the files stay');
}

function addFolder(
  model: Command,
  context: Context,
  name: 'add-folder' | 'remove-folder',
  summary: string,
): void {
  const method = name === 'add-folder' ? 'models.addFolder' : 'models.removeFolder';
  model
    .command(name)
    .summary(summary)
    .argument('<path>')
    .option('--json', 'as JSON')
    .action((path: string) => {
      const given = givenPath(path, context.cwd);
      return withManager(context, 'write', async ({ client }) => {
        const folders = await client.call(method, { path: given });
        context.output.result(folders, () => folderTable(context, folders));
      });
    });
}

function modelTable(context: Context, all: readonly Model[]): string[] {
  const rows = all.map((one) => [
    showHidden(one.ref),
    formatDisk(one.sizeBytes),
    one.bits === undefined ? '' : `${one.bits} bit`,
    one.complete ? '' : one.state,
    one.usedBy.join(', '),
  ]);
  return context.output.table(['MODEL', 'SIZE', 'WEIGHTS', '', 'USED BY'], rows, [1]);
}

function modelLines(model: Model): string[] {
  return Object.entries(model).map(([field, value]) => {
    const isBytes = typeof value === 'number' && field.endsWith('Bytes');
    return `${field.padEnd(16)} ${isBytes ? formatDisk(value) : textOf(value)}`;
  });
}

/** Lists by their entries, parts by their names. */
function textOf(value: unknown): string {
  if (Array.isArray(value)) return value.map(textOf).join(', ');
  if (typeof value !== 'object' || value === null) return showHidden(String(value));
  const parts = Object.entries(value).map(([name, part]) => `${name} ${textOf(part)}`);
  return parts.join(', ');
}

function folderTable(context: Context, folders: readonly ModelFolder[]): string[] {
  const rows = folders.map((one) => [
    showHidden(one.path),
    one.origin,
    one.state,
    String(one.models),
  ]);
  return context.output.table(['FOLDER', 'ORIGIN', 'STATE', 'MODELS'], rows, [3]);
}
