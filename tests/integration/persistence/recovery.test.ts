import { execFileSync } from 'node:child_process';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { z } from 'zod';

import { systemClock } from '@core/ports/clock';
import type { DocumentStore } from '@core/ports';
import type { DocumentSpec } from '@core/storage/document-recovery';
import { JsonDocument } from '@core/storage/json-document';
import { NoticeBoard } from '@core/notices/notice-board';
import { silentLogger } from '@fixtures/server-harness';
import { createTempHome, type TempHome } from '@fixtures/temp-home';
import { createDocumentStore } from '@host/document-store';
import { readOnlyDocuments } from '@host/host-ports';

interface Things {
  readonly size: number;
  readonly items: readonly { readonly id: string; readonly name: string }[];
}

const SPEC: DocumentSpec = {
  name: 'things',
  version: 2,
  keys: {
    size: { kind: 'value', schema: z.number(), fallback: () => 5 },
    items: {
      kind: 'list',
      item: z.object({ id: z.string(), name: z.string() }),
      fieldDefaults: {},
      nameOf: (record) => `Thing ${String(record.name)}`,
      uniqueBy: 'id',
    },
  },
  migrations: {
    1: ({ amount, ...rest }) => ({ ...rest, size: z.number().parse(amount) }),
  },
};

let home: TempHome;
beforeEach(async () => {
  home = await createTempHome();
  await mkdir(home.paths.home, { recursive: true });
});
afterEach(() => home.close());

function open(store: DocumentStore = createDocumentStore(home.paths.home, 'things')) {
  const notices = new NoticeBoard({ clock: systemClock, publish: () => undefined });
  const document = new JsonDocument<Things>({
    store,
    spec: SPEC,
    clock: systemClock,
    logger: silentLogger,
    notices,
  });
  return { document, notices, file: store.path };
}

const copies = async (kind: string): Promise<string[]> =>
  (await readdir(home.paths.home)).filter((name) => name.startsWith(`things.${kind}`));
const inHome = (name: string | undefined): string => join(home.paths.home, name ?? 'no such copy');

test('the copy of a damaged file has its exact bytes, also those that are no text', async () => {
  const { document, file } = open();
  const bytes = Buffer.from([0x7b, 0x22, 0xff, 0xfe, 0x80, 0x00, 0x0a]);
  await writeFile(file, bytes);
  await document.load();
  const [copy] = await copies('corrupt');
  expect(await readFile(inHome(copy))).toEqual(bytes);
});

test('the same damage is kept once however often the program starts, other damage beside it', async () => {
  const { file } = open();
  await writeFile(file, '{"size":');
  for (let start = 0; start < 3; start++) {
    const again = open();
    await again.document.load();
    const [copy] = await copies('corrupt');
    expect(again.notices.list()[0]?.message).toContain(copy);
  }
  expect(await copies('corrupt')).toHaveLength(1);
  await writeFile(file, '{"size":1');
  await open().document.load();
  expect(await copies('corrupt')).toHaveLength(2);
});

test('what cannot be kept is not overwritten: it is read only until there is a copy', async () => {
  // The file's name is allowed and that of a copy is too long, so that no copy can be made.
  const { document, notices, file } = open(createDocumentStore(home.paths.home, 'x'.repeat(240)));
  const text = '{"size": 7, "items": [';
  await writeFile(file, text);
  await document.load();
  expect(document.readOnly).toBe(true);
  await expect(document.update((value) => ({ ...value, size: 1 }))).rejects.toMatchObject({
    code: 'read_only',
  });
  expect(await readFile(file, 'utf8')).toBe(text);
  expect(notices.list()[0]?.message).toContain(file);
});

test('an older file is brought up to date, and kept as it was', async () => {
  const { document, file, notices } = open();
  const old = '{"version": 1, "amount": 9}';
  await writeFile(file, old);
  await document.load();
  expect(document.value).toEqual({ size: 9, items: [] });
  expect(JSON.parse(await readFile(file, 'utf8'))).toEqual({ version: 2, size: 9, items: [] });
  const [copy] = await copies('v1');
  expect(await readFile(inHome(copy), 'utf8')).toBe(old);
  expect(notices.list()).toEqual([]);
});

test('an older file that cannot be brought up to date counts as damaged, and the start goes on', async () => {
  const { document, file, notices } = open();
  await writeFile(file, '{"version": 1, "amount": "much"}');
  await document.load();
  expect(document.value).toEqual({ size: 5, items: [] });
  expect(notices.list()[0]?.message).toContain('version 1');
  expect(await copies('corrupt')).toHaveLength(1);
});

test('a record that is set aside is named, and the others are kept', async () => {
  const { document, file, notices } = open();
  const items = [{ id: 'a', name: 'One' }, { name: 'Two' }, { id: 'a', name: 'Three' }, 4];
  await writeFile(file, JSON.stringify({ version: 2, size: 1, items }));
  await document.load();
  expect(document.value.items).toEqual([{ id: 'a', name: 'One' }]);
  const message = notices.list()[0]?.message;
  for (const part of ['Thing Two', 'Thing Three', 'Entry 4', file]) expect(message).toContain(part);
  const [copy] = await copies('corrupt');
  expect(await readFile(inHome(copy), 'utf8')).toContain('Two');
});

test('a look at damaged, older and newer files writes nothing at all', async () => {
  const store = readOnlyDocuments(home.paths)('things');
  for (const text of ['{"size":', '{"version":1,"amount":9}', '{"version":9}', '{"size":"x"}']) {
    await writeFile(store.path, text);
    const { document, notices } = open(readOnlyDocuments(home.paths)('things'));
    await document.load();
    expect(await readdir(home.paths.home)).toEqual(['things.json']);
    expect(await readFile(store.path, 'utf8')).toBe(text);
    for (const { message } of notices.list()) expect(message).not.toContain('kept as');
  }
});

test('changes made at once are all there, in order, and one that fails changes nothing', async () => {
  const { document, file } = open();
  await document.load();
  const changes = Array.from({ length: 20 }, (_, index) =>
    document.update((value) => ({
      ...value,
      items: [...value.items, { id: String(index), name: `Thing ${index}` }],
    })),
  );
  const failing = document.update(() => {
    throw new Error('a change that cannot be made');
  });
  await expect(failing).rejects.toThrow('cannot be made');
  await Promise.all(changes);
  const after = open();
  await after.document.load();
  expect(after.document.value.items.map(({ id }) => Number(id))).toEqual([...Array(20).keys()]);
  expect(JSON.parse(await readFile(file, 'utf8'))).toMatchObject({ version: 2 });
});

const isRoot = process.getuid?.() === 0;

test.skipIf(!isRoot)(
  'a damaged, an older and a newer file on a read-only disk: the start goes on (needs root to mount)',
  async () => {
    for (const text of ['{"size":', '{"version":1,"amount":9}', '{"version":9,"size":3}']) {
      const folder = join(home.folder, `disk ${text.length}`);
      await mkdir(folder);
      execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', folder]);
      try {
        const { document, notices, file } = open(createDocumentStore(folder, 'things'));
        await writeFile(file, text);
        execFileSync('mount', ['-o', 'remount,ro', folder]);
        await document.load();
        expect(notices.list().length).toBeGreaterThan(0);
        expect(await readFile(file, 'utf8')).toBe(text);
        await expect(document.update((value) => value)).rejects.toMatchObject({
          code: 'read_only',
        });
      } finally {
        execFileSync('umount', [folder]);
      }
    }
  },
);
