import { actionIcon } from '@renderer/features/palette/action-icons';
import { type PaletteFacts, paletteActions } from '@renderer/features/palette/actions';
import {
  filterActions,
  firstOf,
  groupActions,
  markMatches,
  openingActions,
} from '@renderer/features/palette/find-actions';
import { aProfile } from '@fixtures/a-profile';
import { aDownload } from '@fixtures/live-data';
import type { Installation } from '@shared/domain/engine';
import { INSTALLABLE_IDS } from '@shared/domain/engine-ids';
import { aModel } from './a-model';
import type { Server } from '@shared/domain/server';
import type { ServerState } from '@shared/domain/server-state';
import type { PaletteAction } from '@renderer/features/palette/palette-action';
import { describe, expect, it } from 'vitest';

const profile = (id: string, name: string) => aProfile({ id, name });
const server = (state: ServerState, more: Partial<Server> = {}) =>
  ({ state, restartNeeded: false, ...more }) as Server;

const facts: PaletteFacts = {
  profiles: [profile('a', 'Qwen3 8B'), profile('b', 'Phi 4')],
  servers: { a: server('ready'), b: server('stopped') },
  installations: [],
  downloads: [],
  gateway: { state: 'listening', url: 'http://127.0.0.1:6590', port: 6590 },
  appearance: 'dark',
  isDesktop: false,
  isLocal: false,
  current: 'a',
};
const find = (id: string, given = facts): PaletteAction | undefined =>
  paletteActions(given).find((action) => action.id === id);
const labels = (text: string): string[] =>
  groupActions(filterActions(paletteActions(facts), text)).flatMap(({ title, actions }) => [
    `# ${title}`,
    ...actions.map((action) => action.label),
  ]);

describe('the actions of the palette', () => {
  it('say why they cannot act', () => {
    expect(find('start:a')?.reason).toBe('Ready');
    expect(find('stop:a')?.reason).toBeUndefined();
    expect(find('stop:b')?.reason).toBe('Not running');
    expect(find('stop-all')?.fact).toBe('1 server');
    expect(find('stop-all', { ...facts, servers: {} })?.reason).toBe('No server is running');
    const waits = { ...facts, servers: { a: server('backoff') } };
    expect(find('start:a', waits)?.reason).toBe('Restarts shortly');
  });

  it('pause and go on with downloads, one and all', () => {
    expect(find('downloads:pause')?.reason).toBe('Nothing is downloading');
    expect(find('downloads:resume')?.reason).toBe('No downloads are paused');
    const downloads = [
      aDownload('Qwen', { state: 'running' }),
      aDownload('Phi', { state: 'queued' }),
      aDownload('Llama', { state: 'paused' }),
      aDownload('Old', { state: 'done' }),
    ];
    const coming = { ...facts, downloads };
    expect(find('downloads:pause', coming)?.fact).toBe('2 downloads');
    expect(find('downloads:resume', coming)?.fact).toBe('1 download');
    expect(find('pause-download:qwen', coming)?.label).toBe('Pause download: Qwen');
    expect(find('resume-download:llama', coming)?.label).toBe('Resume download: Llama');
    expect(find('pause-download:old', coming)).toBeUndefined();
    expect(find('resume-download:old', coming)).toBeUndefined();
  });

  it('name the keys that act on the profile in front, and on no other', () => {
    expect(find('restart:a')?.shortcut).toEqual({ key: 'R', own: true });
    expect(find('stop:a')?.shortcut).toEqual({ key: '.' });
    expect(find('restart:b')?.shortcut).toBeUndefined();
  });

  it('tell what is worth knowing', () => {
    const changed = { ...facts, servers: { a: server('ready', { restartNeeded: true }) } };
    expect(find('restart:a', changed)?.fact).toBe('to apply its changes');
    expect(find('theme:dark')?.fact).toBe('now');
    expect(find('theme:light')?.fact).toBeUndefined();
  });

  it('make room for what was refused', () => {
    const refusal = { at: '', message: '', shortBytes: 4 * 1024 ** 3 };
    const refused = { ...facts, servers: { b: server('stopped', { refusal }) } };
    expect(find('make-room:b', refused)).toMatchObject({
      label: 'Make room for Phi 4…',
      fact: '4.0 GiB short',
    });
    expect(find('make-room:b')).toBeUndefined();
    expect(actionIcon('make-room:b')).toBeDefined();
  });

  it('have an icon and an id of their own each', () => {
    const downloads = [aDownload('Qwen'), aDownload('Phi', { state: 'paused' })];
    const ids = paletteActions({ ...facts, downloads }).map((action) => action.id);
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids.filter((id) => actionIcon(id) === undefined)).toEqual([]);
  });
});

describe('the palette is complete', () => {
  const ids = (given: PaletteFacts): string[] => paletteActions(given).map(({ id }) => id);

  it('with what the menu of a profile has', () => {
    expect(ids(facts)).toEqual(
      expect.arrayContaining(
        ['test', 'copy-address', 'duplicate', 'delete-profile'].map((verb) => `${verb}:a`),
      ),
    );
    expect(find('test:a')?.reason).toBeUndefined();
    expect(find('test:b')?.reason).toBe('Not ready');
  });

  it('with every engine: to install, to update, to roll back', () => {
    const installation = { engine: 'mlx-lm', inUse: true, state: 'ready' } as Installation;
    expect(ids(facts)).toEqual(
      expect.arrayContaining(INSTALLABLE_IDS.map((engine) => `engine-install:${engine}`)),
    );
    const one = { ...facts, installations: [installation] };
    expect(find('engine-update:mlx-lm', one)).toBeDefined();
    expect(find('engine-rollback:mlx-lm', one)?.reason).toBe('No other version is installed');
    const two = { ...facts, installations: [installation, { ...installation, inUse: false }] };
    expect(find('engine-rollback:mlx-lm', two)?.reason).toBeUndefined();
  });

  it('with the verification of every model, and the folders of models', () => {
    const model = aModel({ ref: 'org/Two' });
    const use = { running: [], downloading: false, verifying: false };
    expect(ids({ ...facts, models: [{ model, use }] })).toContain('verify:org/Two');
    expect(find('add-folder')?.reason).toBe('Available in the desktop app and the command line');
    expect(find('add-folder', { ...facts, isLocal: true })?.reason).toBeUndefined();
  });

  it('but opens with the profile in front and what is about everything', () => {
    const many = Array.from({ length: 100 }, (_, n) => profile(`p${n}`, `Profile ${n}`));
    const opened = openingActions(
      paletteActions({ ...facts, profiles: many, current: 'p7' }),
      'p7',
    );
    expect(opened.length).toBeLessThan(40);
    expect(opened[0]?.label).toBe('Start Profile 7');
    expect(opened.map(({ id }) => id)).toEqual(
      expect.arrayContaining(['new', 'stop-all', 'go:settings', 'search:models', 'theme:dark']),
    );
  });

  it('and draws no more rows than can be read', () => {
    const groups = [
      { title: 'A', actions: paletteActions(facts).slice(0, 3) },
      { title: 'B', actions: paletteActions(facts).slice(3, 6) },
    ];
    expect(firstOf(groups, 4).map(({ actions }) => actions.length)).toEqual([3, 1]);
    expect(firstOf(groups, 2).map(({ title }) => title)).toEqual(['A']);
  });

  it('shows what only leads somewhere while nothing can be changed', () => {
    const off = { ...facts, refusal: 'Not connected to MLX Manager' };
    expect(find('stop:a', off)?.reason).toBe('Not connected to MLX Manager');
    expect(find('go:models', off)?.reason).toBeUndefined();
    expect(find('logs:a', off)?.reason).toBeUndefined();
  });
});

describe('what the palette finds', () => {
  it('stands below headings, with what cannot act at the end', () => {
    expect(labels('start')).toEqual([
      '# Servers',
      'Restart Qwen3 8B',
      'Start Phi 4',
      '# Go to',
      'Settings: Start these profiles',
      '# Not available now',
      'Start Qwen3 8B',
      'Restart Phi 4',
    ]);
  });

  it('needs all the words, in the label or its heading, in any order', () => {
    expect(labels('8B stop')).toEqual(['# Servers', 'Stop Qwen3 8B']);
    expect(labels('go to eng')).toEqual(['# Go to', 'Engines']);
    expect(labels('nothing like it')).toEqual([]);
  });

  it('begins with the screen where its name is typed', () => {
    expect(labels('engines').slice(0, 2)).toEqual(['# Go to', 'Engines']);
  });
});

describe('the marks in a label', () => {
  const marked = (label: string, text: string): string =>
    markMatches(label, text)
      .map((piece) => (piece.match ? `[${piece.text}]` : piece.text))
      .join('');

  it.each([
    ['Restart Qwen3 8B', 'rest', '[Rest]art Qwen3 8B'],
    ['Restart Qwen3 8B', '8b qwen', 'Restart [Qwen]3 [8B]'],
    ['Restart Qwen3 8B', 'restart start', '[Restart] Qwen3 8B'],
    ['Engines', 'go', 'Engines'],
    ['Engines', '', 'Engines'],
    ['Engines', 'engines', '[Engines]'],
    ['', 'a', ''],
  ])('%s for %s', (label, text, expected) => {
    expect(marked(label, text)).toBe(expected);
  });
});
