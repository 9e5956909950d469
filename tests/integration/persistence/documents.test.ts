import { execFileSync } from 'node:child_process';
import { chmod, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';

import { systemClock } from '@core/ports/clock';
import { NoticeBoard } from '@core/notices/notice-board';
import { SettingsService } from '@core/settings/settings-service';
import { silentLogger } from '@fixtures/server-harness';
import { createTempHome, type TempHome } from '@fixtures/temp-home';
import { createDocumentStore } from '@host/document-store';

let home: TempHome;
beforeEach(async () => {
  home = await createTempHome();
  await mkdir(home.paths.home, { recursive: true });
});
afterEach(() => home.close());

function open(folder = home.paths.home) {
  const notices = new NoticeBoard({ clock: systemClock, publish: () => undefined });
  const document = createDocumentStore(folder, 'settings');
  const settings = new SettingsService({
    document,
    logger: silentLogger,
    notices,
    publish: () => undefined,
  });
  return { settings, notices, file: document.path };
}

const files = async (part: string): Promise<string[]> =>
  (await readdir(home.paths.home)).filter((name) => name.includes(part));

test('a change survives: written in the format that electron-store reads', async () => {
  const first = open();
  await first.settings.load();
  await first.settings.set('sampleSeconds', 7, { local: true });
  const second = open();
  await second.settings.load();
  expect(second.settings.get().sampleSeconds).toBe(7);
  expect(JSON.parse(await readFile(first.file, 'utf8'))).toMatchObject({
    version: 1,
    sampleSeconds: 7,
  });
});

test('a file cut off at any byte is kept, said, and never stops the start', async () => {
  const { settings, file } = open();
  await settings.load();
  await settings.set('appearance', 'dark', { local: true });
  const whole = await readFile(file, 'utf8');
  for (let length = 1; length < whole.length; length += 7) {
    await writeFile(file, whole.slice(0, length));
    const again = open();
    await again.settings.load();
    expect(again.notices.list()).toHaveLength(1);
    expect(again.settings.get().stopGraceSeconds).toBe(10);
  }
  const [backup] = await files('corrupt');
  expect(whole.startsWith(await readFile(join(home.paths.home, backup ?? ''), 'utf8'))).toBe(true);
  await expect(open().settings.load()).resolves.toBeUndefined();
});

test('one bad key falls back, the rest is kept, and the notice names both', async () => {
  const { settings, notices, file } = open();
  await writeFile(file, JSON.stringify({ version: 1, sampleSeconds: 'soon', appearance: 'dark' }));
  await settings.load();
  expect(settings.get()).toMatchObject({ sampleSeconds: 2, appearance: 'dark' });
  expect(notices.list()[0]?.message).toContain('sampleSeconds');
  expect(await files('corrupt')).toHaveLength(1);
});

test('a newer document is left as it is, copied, and read only', async () => {
  const { settings, notices, file } = open();
  const text = JSON.stringify({ version: 99, appearance: 'dark', future: true });
  await writeFile(file, text);
  await settings.load();
  expect(settings.readOnly).toBe(true);
  expect(settings.get().appearance).toBe('dark');
  await expect(settings.set('appearance', 'light', { local: true })).rejects.toMatchObject({
    code: 'read_only',
  });
  expect(await readFile(file, 'utf8')).toBe(text);
  expect(await files('newer-copy')).toHaveLength(1);
  expect(notices.list()[0]?.level).toBe('problem');
});

const isRoot = process.getuid?.() === 0;

test.skipIf(isRoot)(
  'a folder without write access: the change is refused, the old value stays (skipped for root, who may write anywhere)',
  async () => {
    const { settings } = open();
    await settings.load();
    await chmod(home.paths.home, 0o500);
    try {
      await expect(settings.set('appearance', 'dark', { local: true })).rejects.toMatchObject({
        code: 'permission',
      });
      expect(settings.get().appearance).toBe('system');
    } finally {
      await chmod(home.paths.home, 0o700);
    }
  },
);

/** Mounts need root; elsewhere these two are skipped by name. */
async function onMount(options: string, work: (folder: string) => Promise<void>): Promise<void> {
  const folder = join(home.folder, 'mount');
  await mkdir(folder);
  execFileSync('mount', ['-t', 'tmpfs', '-o', options, 'tmpfs', folder]);
  try {
    await work(folder);
  } finally {
    execFileSync('umount', [folder]);
  }
}

test.skipIf(!isRoot)(
  'a full disk: the change is refused with disk_full, the old file stays whole (needs root to mount)',
  async () => {
    await onMount('size=64k', async (folder) => {
      const { settings, file } = open(folder);
      await settings.load();
      await settings.set('appearance', 'dark', { local: true });
      const before = await readFile(file, 'utf8');
      await writeFile(join(folder, 'filler'), Buffer.alloc(64 * 1024)).catch(() => undefined);
      await expect(settings.set('appearance', 'light', { local: true })).rejects.toMatchObject({
        code: 'disk_full',
      });
      expect(settings.get().appearance).toBe('dark');
      expect(await readFile(file, 'utf8')).toBe(before);
    });
  },
);

test.skipIf(!isRoot)(
  'a disk that fills up while a document is written: nothing half is put in its place (needs root to mount)',
  async () => {
    await onMount('size=128k', async (folder) => {
      const store = createDocumentStore(folder, 'profiles');
      const before = { version: 1, text: 'x'.repeat(10_000) };
      await store.write(before);
      const pages = await fillWithPages(folder);
      // One page is free: the system takes the first 4096 bytes and says so only by their number.
      await rm(pages[0] ?? '');
      await expect(store.write({ version: 1, text: 'y'.repeat(20_000) })).rejects.toMatchObject({
        code: 'ENOSPC',
      });
      expect(JSON.parse((await store.read()) ?? '')).toEqual(before);
      expect((await readdir(folder)).filter((name) => name.includes('.tmp-'))).toEqual([]);
      for (const page of pages) await rm(page, { force: true });
      await store.write({ version: 1, text: 'z' });
      expect(JSON.parse((await store.read()) ?? '')).toEqual({ version: 1, text: 'z' });
    });
  },
);

/** Fills a disk page by page until nothing is free; the files it made. */
async function fillWithPages(folder: string): Promise<string[]> {
  const pages: string[] = [];
  for (;;) {
    const page = join(folder, `page-${pages.length}`);
    pages.push(page);
    try {
      await writeFile(page, Buffer.alloc(4096));
    } catch (error) {
      expect(error).toMatchObject({ code: 'ENOSPC' });
      return pages;
    }
  }
}

test.skipIf(!isRoot)(
  'a read-only disk: read as it is, every change refused with permission (needs root to mount)',
  async () => {
    await onMount('size=64k', async (folder) => {
      const first = open(folder);
      await first.settings.load();
      await first.settings.set('appearance', 'dark', { local: true });
      execFileSync('mount', ['-o', 'remount,ro', folder]);
      const { settings } = open(folder);
      await settings.load();
      expect(settings.get().appearance).toBe('dark');
      await expect(settings.set('appearance', 'light', { local: true })).rejects.toMatchObject({
        code: 'permission',
      });
    });
  },
);
