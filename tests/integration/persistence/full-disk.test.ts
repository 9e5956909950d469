import { mkdir, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';

import { systemClock } from '@core/ports/clock';
import { LogService } from '@core/logs';
import { writeFileDurably } from '@core/storage/durable-file';
import { type OwnershipRecord, OwnershipRecords } from '@core/servers/launch/ownership';
import { JobFolder } from '@core/downloads/job-folder';
import { type Mount, mountFolder } from '@fixtures/mounts';
import { silentLogger } from '@fixtures/server-harness';
import { loadAccessToken } from '@headless/access-token';
import { createDocumentStore } from '@host/document-store';
import { createFileVault } from '@host/file-vault';

const PAGE = 4096;
const canMount = process.platform === 'linux' && process.geteuid?.() === 0;

const record = (text: string): OwnershipRecord => ({
  profileId: 'aprofile',
  run: 1,
  installation: null,
  modelPath: text,
  host: '127.0.0.1',
  port: 10_240,
  fingerprint: '',
  startedAt: '2026-11-23T10:00:00.000Z',
  restarts: 0,
  nonce: 'n',
});

/** Everything of the program that puts a new content into the place of an old one. */
const WRITERS: readonly {
  readonly name: string;
  readonly file: string;
  readonly write: (folder: string, text: string) => Promise<unknown>;
}[] = [
  {
    name: 'a file',
    file: 'file',
    write: (folder, text) => writeFileDurably(path.join(folder, 'file'), text),
  },
  {
    name: 'a document',
    file: 'profiles.json',
    write: (folder, text) => createDocumentStore(folder, 'profiles').write({ text }),
  },
  {
    name: 'the secrets',
    file: 'secrets.json',
    write: (folder, text) => createFileVault(path.join(folder, 'secrets.json')).set('hub', text),
  },
  {
    name: 'the record of a server',
    file: 'aprofile.server.json',
    write: (folder, text) => new OwnershipRecords(folder, silentLogger).write(record(text)),
  },
  {
    name: 'the files of a download',
    file: 'job/files.json',
    write: (folder, text) =>
      new JobFolder(folder, 'job').keepManifest({ ref: text, commit: 'a'.repeat(40), files: [] }),
  },
];

describe.skipIf(!canMount)('on a disk with one page left (needs Linux and root to mount)', () => {
  let disk: Mount;
  beforeEach(async () => {
    const mounted = await mountFolder('size=256k');
    if (typeof mounted === 'string') throw new Error(mounted);
    disk = mounted;
  });
  afterEach(() => disk.close());

  test.each(WRITERS)('$name stays whole: good bytes never become cut ones', async (writer) => {
    const file = path.join(disk.folder, writer.file);
    await writer.write(disk.folder, 'x'.repeat(5000));
    const before = await readFile(file);
    await leaveOnePage(disk.folder);
    await expect(writer.write(disk.folder, 'y'.repeat(6000))).rejects.toMatchObject({
      code: 'ENOSPC',
    });
    expect((await readFile(file)).equals(before)).toBe(true);
    expect(await drafts(disk.folder)).toEqual([]);
  });

  test('a report of a failure stays whole, and no room for it keeps nobody from going on', async () => {
    const logs = new LogService({
      folder: disk.folder,
      settings: () => ({ logFileMegabytes: 10, logFilesKept: 5 }),
      clock: systemClock,
      logger: silentLogger,
      publish: () => undefined,
      isFollowed: () => false,
      requestLines: [],
      secretsOf: () => [],
    });
    const log = await logs.openRun('aprofile');
    const report = (text: string) => ({
      run: log.run,
      time: '2026-11-23T10:00:00.000Z',
      failure: { code: 'out_of_memory' as const, message: text, evidence: [] },
      engine: 'mlx-lm',
      wasReady: true,
      exit: 'exit code 1',
      argv: [],
    });
    await log.keepFailure(report('x'.repeat(5000)));
    await leaveOnePage(disk.folder);
    await log.keepFailure(report('y'.repeat(6000)));
    expect((await logs.failure('aprofile', log.run))?.failure.message).toBe('x'.repeat(5000));
    expect(await drafts(disk.folder)).toEqual([]);
    await logs.close();
  });

  test('a token is whole or not there', async () => {
    await leaveOnePage(disk.folder, 0);
    await expect(loadAccessToken(path.join(disk.folder, 'token'))).rejects.toMatchObject({
      code: 'ENOSPC',
    });
    expect(await readdir(disk.folder)).not.toContain('token');
  });
});

/** Fills the disk until so many pages of 4096 bytes are free. */
async function leaveOnePage(folder: string, free = 1): Promise<void> {
  const filler = path.join(folder, 'filler');
  await mkdir(filler);
  for (let number = 0; ; number++) {
    try {
      await writeFile(path.join(filler, String(number)), Buffer.alloc(PAGE));
    } catch (error) {
      expect(error).toMatchObject({ code: 'ENOSPC' });
      for (let last = 0; last <= free; last++) {
        await rm(path.join(filler, String(number - last)), { force: true });
      }
      return;
    }
  }
}

async function drafts(folder: string): Promise<string[]> {
  const names = await readdir(folder, { recursive: true });
  return names.filter((name) => /\.tmp-|\.json\.\d+$/.test(name));
}
