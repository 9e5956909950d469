import { appMenu } from '@shell/menus/app-menu';
import type { MenuNode } from '@shell/menus/menu-node';
import { menuName, menuText, wrapped } from '@shell/menus/menu-text';
import { trayImage, trayModel } from '@shell/menus/tray-model';
import { aDownload, aJob, aServer, liveData } from '@fixtures/live-data';
import { paletteActions } from '@renderer/features/palette/actions';
import type { GatewayStatus } from '@shared/domain/gateway-status';
import { makeAction } from '@shared/errors/action';
import { SERVER_STATES } from '@shared/domain/server-state';
import { describe, expect, it } from 'vitest';

const labelsOf = (nodes: readonly MenuNode[]): string[] =>
  nodes.map((node) => ('label' in node && node.label ? node.label : node.type));
const all = (nodes: readonly MenuNode[]): MenuNode[] =>
  nodes.flatMap((node) => (node.type === 'menu' ? [node, ...all(node.items)] : [node]));
const menuOf = (nodes: readonly MenuNode[], id: string): readonly MenuNode[] => {
  const found = all(nodes).find((node) => 'id' in node && node.id === id);
  if (found?.type !== 'menu') throw new Error(`There is no menu ${id}.`);
  return found.items;
};

const SIX = [
  aServer('Qwen', { state: 'ready' }),
  aServer('Llama', { state: 'ready', restartNeeded: true }),
  aServer('Gemma', {
    state: 'loading',
    progress: { phase: 'Loading weights', seconds: 3, fraction: 0.639 },
  }),
  aServer('Coder', { state: 'backoff' }),
  aServer('Mistral', {
    state: 'failed',
    failure: {
      code: 'out_of_memory',
      message: 'Ran out of GPU memory while reading a 96,512-token prompt.',
      action: makeAction('safe_mode'),
      evidence: [],
    },
  }),
  aServer('Phi', { state: 'stopped' }),
];

const REFUSED = aServer('Large', {
  refusal: {
    at: '2026-11-23T14:06:00.000Z',
    message: "Large doesn't fit: it needs 29.4 GiB, 25.4 GiB is free.",
    shortBytes: 4 * 2 ** 30,
  },
});

it('a name before numbers shortens in the middle, so that its end and the numbers stay', () => {
  const name = 'Qwen3-Coder-30B-A3B-Instruct-2507-MLX-4bit';
  expect(menuName(name)).toBe('Qwen3-Coder-30B-A3…uct-2507-MLX-4bit');
  expect(menuName(name).length).toBeLessThanOrEqual(36);
  expect(menuName('Qwen')).toBe('Qwen');
});

describe('the menu-bar icon', () => {
  it.each([
    [[], 'idle'],
    [['stopped', 'draining', 'stopping'], 'idle'],
    [['stopped', 'ready'], 'running'],
    [['ready', 'loading'], 'loading'],
    [['queued'], 'loading'],
    [['starting'], 'loading'],
    [['loading', 'degraded'], 'problem'],
    [['ready', 'backoff'], 'problem'],
    [['stuck'], 'problem'],
    [['ready', 'failed'], 'problem'],
  ] as const)('%j: %s', (states, image) => expect(trayImage(states)).toBe(image));

  it('has a picture for every state', () => {
    for (const state of SERVER_STATES) expect(trayImage([state])).toBeTypeOf('string');
  });
});

describe('the menu of the menu bar', () => {
  const { items, tooltip, image } = trayModel(liveData(SIX));

  it('says at its head how things are, and below it every profile with its state', () => {
    expect(image).toBe('problem');
    expect(tooltip).toBe('MLX Manager: 2 ready, 1 loading, 2 with problems, 25.4 GiB free');
    expect(labelsOf(items)).toEqual([
      '2 ready, 1 loading, 2 with problems, 25.4 GiB free',
      'Qwen  ready',
      'Llama  ready, restart to apply',
      'Gemma  loading, 63 %',
      'Coder  backoff',
      'Mistral  failed: out of memory',
      'Phi  stopped',
      'separator',
      'Copy Gateway Address  127.0.0.1:6590',
      'separator',
      'Open MLX Manager',
      'Settings…',
      'separator',
      'Quit MLX Manager',
    ]);
  });

  it.each([
    ['Qwen', ['Stop', 'Restart', 'separator', 'Copy Address  :10240', 'Show Qwen', 'Show Logs']],
    ['Gemma', ['Stop', 'separator', 'Show Gemma', 'Show Logs']],
    ['Phi', ['Start', 'separator', 'Show Phi', 'Show Logs']],
    [
      'Mistral',
      [
        'Ran out of GPU memory while reading a',
        '96,512-token prompt.',
        'separator',
        'Start with less memory',
        'Start',
        'separator',
        'Show Mistral',
        'Show Logs',
      ],
    ],
  ])('offers for %s what can be done now', (name, labels) => {
    expect(labelsOf(menuOf(items, `server:${name.toLowerCase()}`))).toEqual(labels);
  });

  it('says what a refused start lacks, and leads to where room is made', () => {
    const { items: menu, image: picture } = trayModel(liveData([REFUSED]));
    // Nothing is broken: it stays stopped.
    expect(picture).toBe('idle');
    expect(labelsOf(menu)).toContain('Large  stopped, 4.0 GiB short');
    const server = menuOf(menu, 'server:large');
    expect(labelsOf(server)).toEqual([
      "Large doesn't fit: it needs 29.4 GiB, 25.4",
      'GiB is free.',
      'separator',
      'Make Room…',
      'Start',
      'separator',
      'Show Large',
      'Show Logs',
    ]);
    const command = { do: 'page', action: 'make-room:large' };
    expect(server).toContainEqual(expect.objectContaining({ command, id: 'room:large' }));
    expect(all(appMenu(liveData([REFUSED])))).toContainEqual(
      expect.objectContaining({ command, id: 'make-room:large', label: 'Make Room…' }),
    );
  });

  it('shows installations, a held start and an update while there are any', () => {
    const entry = { profileId: 'phi', name: 'Phi', state: 'held' } as const;
    const model = trayModel(
      liveData([], {
        engineJobs: {
          job: aJob(),
          old: aJob({ id: 'old', state: 'done' }),
          next: aJob({ id: 'next', engine: 'mlx-vlm', queuedAfter: 'mlx-lm' }),
        },
        startup: { time: '', atLogin: true, heldBecauseOf: ['Qwen'], entries: [entry] },
        desktop: {
          ...{ loginItem: { status: 'enabled' }, commandLine: {}, openedAtLogin: true },
          update: { state: 'ready', version: '2.0.0' },
        },
      }),
    );
    expect(labelsOf(model.items)).toEqual([
      'none ready, 25.4 GiB free',
      'New Profile…',
      'separator',
      'Copy Gateway Address  127.0.0.1:6590',
      'separator',
      'Nothing started at login',
      'Show Why…',
      'separator',
      'Installations',
      'mlx-lm  42 %',
      'mlx-vlm  queued',
      'separator',
      'Restart to Update to 2.0.0',
      'separator',
      'Open MLX Manager',
      'Settings…',
      'separator',
      'Quit MLX Manager',
    ]);
  });

  it('copies the address of the gateway, or says why there is none', () => {
    const itemOf = (change: Partial<GatewayStatus>): MenuNode | undefined =>
      all(
        trayModel(liveData([], { gateway: { state: 'off', url: null, port: 6590, ...change } }))
          .items,
      ).find((node) => 'id' in node && node.id === 'gateway');
    expect(itemOf({ state: 'listening', url: 'http://127.0.0.1:6590' })).toMatchObject({
      label: 'Copy Gateway Address  127.0.0.1:6590',
      command: { do: 'copy', text: 'http://127.0.0.1:6590/v1' },
    });
    const show = { do: 'page', action: 'go:gateway' };
    expect(itemOf({})).toMatchObject({ label: 'Gateway  off', command: show });
    expect(
      itemOf({ state: 'failed', failure: { code: 'port_in_use', message: 'Port 6590 is used.' } }),
    ).toMatchObject({ label: 'Gateway  port in use', command: show });
    expect(
      itemOf({ state: 'failed', failure: { code: 'permission', message: 'Not allowed.' } }),
    ).toMatchObject({ label: 'Gateway  not listening', command: show });
  });

  it('shows downloads with how far they are, to be paused and gone on with', () => {
    const model = trayModel(
      liveData([], {
        downloads: [
          aDownload('Qwen', { bytesPerSecond: 48.3e6, etaSeconds: 118 }),
          aDownload('Fast', { bytes: 17e9, etaSeconds: 7 }),
          aDownload('Phi', { state: 'queued' }),
          aDownload('New', { bytes: 0, total: 0 }),
          aDownload('Hash', { state: 'verifying', bytes: 17.2e9 }),
          aDownload('Cut', { waiting: { message: 'The network is gone & nothing comes.' } }),
          aDownload('Llama', { state: 'paused' }),
          aDownload('Done', { state: 'done' }),
          aDownload('Broken', { state: 'failed' }),
        ],
      }),
    );
    expect(labelsOf(model.items).slice(4, -5)).toEqual([
      'separator',
      'Downloads',
      'Qwen  61 %, 2 min',
      'Fast  98 %, 10 s',
      'Phi  queued',
      'New  preparing',
      'Hash  verifying',
      'Cut  61 %, waiting',
      'Llama  paused at 61 %',
    ]);
    expect(menuOf(model.items, 'download:qwen')).toMatchObject([
      { type: 'text', label: '10.5 of 17.2 GB, 48 MB/s' },
      { type: 'separator' },
      { label: 'Pause', command: { do: 'pause-download', downloadId: 'qwen' } },
      { type: 'separator' },
      { label: 'Show Downloads', command: { do: 'page', action: 'go:discover' } },
    ]);
    expect(menuOf(model.items, 'download:llama')[2]).toMatchObject({
      label: 'Resume',
      command: { do: 'resume-download', downloadId: 'llama' },
    });
    expect(labelsOf(menuOf(model.items, 'download:cut'))[0]).toBe(
      'The network is gone && nothing comes.',
    );
    // Queued, paused and unknown ones bring nothing now.
    expect(model.tooltip).toMatch(/, downloading, 80 %$/);
  });

  it('shows the first of many downloads, and where the others are', () => {
    const downloads = Array.from({ length: 11 }, (_, index) => aDownload(`M${index}`));
    const labels = labelsOf(trayModel(liveData([], { downloads })).items);
    expect(labels).toContain('M7  61 %');
    expect(labels).toContain('3 More…');
    expect(labels).not.toContain('M8  61 %');
  });

  it('every item has an id of its own', () => {
    const ids = all(items).flatMap((node) => ('id' in node ? [node.id] : []));
    expect(new Set(ids).size).toBe(ids.length);
  });

  it('shows hostile names as plain text of one line', () => {
    expect(menuText('a\nb\u0000c\u202ed & e')).toBe('a b c d && e');
    expect(menuText('x'.repeat(90))).toHaveLength(60);
    expect(wrapped('word '.repeat(100))).toHaveLength(3);
    expect(wrapped('word '.repeat(100)).at(-1)).toMatch(/…$/);
    expect(wrapped('x'.repeat(300)).every((line) => line.length <= 45)).toBe(true);
  });
});

describe('the application menu', () => {
  const data = liveData(SIX, {
    downloads: [aDownload('Qwen'), aDownload('Llama', { state: 'paused' })],
  });
  const menu = appMenu(data);

  it('has a place for every action of the command palette', () => {
    const actions = paletteActions({
      ...data,
      appearance: 'system',
      isDesktop: true,
      isLocal: true,
      current: 'qwen',
    });
    const found = new Set(
      all(menu).flatMap((node) => {
        if (node.type !== 'item') return [];
        const { command } = node;
        if (command.do === 'page') return [command.action];
        if ('downloadId' in command) return [`${command.do}:${command.downloadId}`];
        return 'profileId' in command ? [`${command.do}:${command.profileId}`] : [command.do];
      }),
    );
    // One settings screen stands for its rows.
    const missing = actions
      .map(({ id }) => id)
      .filter((id) => !id.startsWith('setting:') && !found.has(id));
    expect(missing).toEqual([]);
  });

  it('has each shortcut once', () => {
    const keys = all(menu).flatMap((node) =>
      node.type === 'item' && node.accelerator ? [node.accelerator] : [],
    );
    expect(keys.length).toBeGreaterThan(10);
    expect(new Set(keys).size).toBe(keys.length);
  });

  it('has what makes Cmd-C, Cmd-V and Cmd-Q work', () => {
    const roles = all(menu).flatMap((node) => (node.type === 'role' ? [node.role] : []));
    expect(roles).toEqual(expect.arrayContaining(['copy', 'paste', 'selectAll', 'undo', 'close']));
    expect(menuOf(menu, 'app').at(-1)).toMatchObject({
      command: { do: 'quit' },
      accelerator: 'CmdOrCtrl+Q',
    });
  });

  it('does not change while a download only gets on', () => {
    const later = {
      ...data,
      downloads: [aDownload('Qwen', { bytes: 11e9 }), ...data.downloads.slice(1)],
    };
    expect(appMenu(later)).toEqual(menu);
  });

  it('stands before anything is known', () => {
    expect(labelsOf(appMenu(undefined))).toEqual(labelsOf(menu));
  });

  it('says when an update is ready, and does not offer to look where it cannot', () => {
    expect(menuOf(menu, 'app')[1]).toMatchObject({ id: 'check', enabled: true });
    const off = { ...data, desktop: null };
    expect(menuOf(appMenu(off), 'app')[1]).toMatchObject({ id: 'check', enabled: false });
  });
});
