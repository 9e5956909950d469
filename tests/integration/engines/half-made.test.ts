import { execFile, spawn } from 'node:child_process';
import { access, chmod, mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { TOOL_MARK } from '@core/engines/tools/owned-tools';
import type { Processes } from '@core/ports/processes';
import { openProcesses } from '@core/processes/open-processes';
import { type CoreHarness, createCoreHarness } from '@fixtures/core-harness';
import { recordingLogger } from '@fixtures/recording-logger';
import { processesNaming } from '@fixtures/temp-home';
import type { Installation } from '@shared/domain/engine';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';

/** What an installation leaves whose manager was killed, and when the next one may delete it. */
let h: CoreHarness;
/** Whether the processes of the machine can be seen. */
let sees: boolean;

const real = openProcesses(recordingLogger().logger);
const UNSEEN = { known: false, reason: 'the table cannot be read' } as const;
const processes: Processes = {
  ...real,
  list: async () => (sees ? real.list() : UNSEEN),
  read: async (pid) => (sees ? real.read(pid) : UNSEEN),
  carrying: async (name, value) => (sees ? real.carrying(name, value) : UNSEEN),
};

beforeEach(async () => {
  sees = true;
  h = await createCoreHarness({ processes });
});
afterEach(() => h.close());

const folder = (): string => join(h.home.paths.engines, 'mlx-lm', '0.32.2');
const exists = (file: string): Promise<boolean> =>
  access(file).then(
    () => true,
    () => false,
  );
const listed = async (): Promise<Installation[]> => h.client.call('engines.list');
const GONE = { pid: 999_999, startTime: 'an earlier process' };

async function writeEntry(): Promise<void> {
  const entry = {
    id: 'mlx-lm-0.32.2',
    engine: 'mlx-lm',
    version: '0.32.2',
    path: folder(),
    bin: join(folder(), 'bin'),
    state: 'installing',
    origin: 'managed',
    sizeBytes: 0,
    installer: GONE,
  };
  await mkdir(join(folder(), 'lib'), { recursive: true });
  await writeFile(join(folder(), 'lib', 'half'), 'x'.repeat(100_000));
  const list = { version: 1, installations: [entry], used: {} };
  await writeFile(join(h.home.paths.documents, 'engines.json'), JSON.stringify(list));
}

/** An installer that makes its folder anew whenever it is deleted, on record as a dead manager's. */
async function orphan(): Promise<void> {
  const mark = { name: TOOL_MARK, value: 'an-orphan' };
  const file = join(h.home.folder, 'installer');
  const body = `#!/bin/sh\nwhile :; do mkdir -p '${folder()}/lib'; sleep 0.05; done\n`;
  await writeFile(file, body);
  await chmod(file, 0o755);
  const env = { PATH: process.env.PATH, [mark.name]: mark.value };
  spawn(file, { detached: true, stdio: 'ignore', env });
  const record = {
    ...{ mark, what: 'uv pip sync', folder: folder(), manager: GONE, boot: '' },
    startedAt: '2026-11-23T10:00:00.000Z',
  };
  await writeFile(join(h.home.paths.run, 'an-orphan.tool.json'), JSON.stringify(record));
}

test('it is deleted, and a notice says how much that was', async () => {
  h = await h.restart('stop', writeEntry);
  expect(await listed()).toEqual([]);
  expect(await exists(folder())).toBe(false);
  const { notices } = await h.client.call('app.snapshot');
  expect(notices.map(({ message }) => message)).toEqual([
    'Installing mlx-lm 0.32.2 was interrupted. Its folder (100 KB) was deleted.',
  ]);
});

test('while it cannot be told who installs it, it stays; then its installer is ended, and it goes', async () => {
  h = await h.restart('stop', async () => {
    await writeEntry();
    await orphan();
    sees = false;
  });
  expect(await listed()).toMatchObject([{ id: 'mlx-lm-0.32.2', state: 'installing' }]);
  expect(await exists(join(folder(), 'lib', 'half'))).toBe(true);
  const removed = h.client.call('engines.remove', { installationId: 'mlx-lm-0.32.2' });
  await expect(removed).rejects.toMatchObject({
    code: 'conflict',
    message: expect.stringContaining('uv pip sync may still be working in it'),
  });
  sees = true;
  await expect.poll(listed).toEqual([]);
  expect(await exists(folder())).toBe(false);
  expect(await processesNaming(h.home.folder)).toEqual([]);
  expect((await readdir(h.home.paths.run)).filter((name) => name.includes('.tool.'))).toEqual([]);
});

test('what tools leave when they are killed goes at the next start', async () => {
  const tools = join(h.home.paths.home, 'tools');
  const left = [
    join(tools, 'uv-0.13.9.0123abcd', 'uv'),
    join(tools, 'python', '.temp', '.tmpabc'),
    join(h.home.paths.cache, 'resolve-a1B2c3'),
  ];
  const kept = [join(tools, 'uv-0.13.9', 'bin'), join(h.home.paths.cache, 'anything')];
  h = await h.restart('stop', async () => {
    for (const one of [...left, ...kept]) await mkdir(one, { recursive: true });
  });
  for (const one of left) expect(await exists(one), one).toBe(false);
  for (const one of kept) expect(await exists(one), one).toBe(true);
});

const canMount = process.platform === 'linux' && process.geteuid?.() === 0;
describe.skipIf(!canMount)(
  'a folder that cannot be deleted (needs Linux and root to mount)',
  () => {
    test('is listed with its bytes and the reason, and goes when it can', async () => {
      const run = promisify(execFile);
      const disk = join(folder(), 'lib', 'disk');
      h = await h.restart('stop', async () => {
        await writeEntry();
        await mkdir(disk);
        await run('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', disk]);
        await writeFile(join(disk, 'file'), 'x'.repeat(300_000));
      });
      try {
        const [left] = await listed();
        expect(left).toMatchObject({ id: 'mlx-lm-0.32.2', state: 'broken', isLeftover: true });
        expect(left?.sizeBytes).toBeGreaterThanOrEqual(300_000);
        for (const method of ['engines.test', 'engines.use', 'engines.reinstall'] as const) {
          const call = h.client.call(method, { installationId: 'mlx-lm-0.32.2' });
          await expect(call, method).rejects.toMatchObject({
            code: 'conflict',
            message: expect.stringContaining('can only be removed'),
          });
        }
        expect(left?.problem).toMatch(/^Its folder couldn't be deleted: EBUSY/);
        const checks = (await h.client.call('doctor.run')).checks;
        expect(checks.find(({ id }) => id === 'engine:mlx-lm-0.32.2')).toMatchObject({
          state: 'warning',
          action: {
            id: 'remove_installation',
            params: { engine: 'mlx-lm', installationId: 'mlx-lm-0.32.2' },
          },
        });
      } finally {
        await run('umount', ['-l', disk]);
      }
      h = await h.restart('stop');
      expect(await listed()).toEqual([]);
      expect(await exists(folder())).toBe(false);
    });
  },
);
