import { appendFile, open, rm, stat, statfs, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { LogService } from '@core/logs';
import { systemClock } from '@core/ports/clock';
import type { Logger } from '@core/ports';
import { numbered, numbersIn, PROFILE, upTo } from '@fixtures/log-harness';
import { type Mount, mountFolder } from '@fixtures/mounts';
import { silentLogger } from '@fixtures/server-harness';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';

const MEGABYTES = 1;

let mount: Mount | string;
let logs: LogService | undefined;
let warnings: string[] = [];
beforeAll(async () => {
  mount = await mountFolder(`size=${MEGABYTES}m`);
});
afterEach(async () => {
  await logs?.close();
  logs = undefined;
  warnings = [];
  if (typeof mount !== 'string') await rm(join(mount.folder, PROFILE), { recursive: true });
});
afterAll(async () => {
  if (typeof mount !== 'string') await mount.close();
});

const logger: Logger = { ...silentLogger, warn: (message) => warnings.push(message) };

function createLogs(folder: string): LogService {
  logs = new LogService({
    folder,
    settings: () => ({ logFileMegabytes: 0.1, logFilesKept: 5 }),
    clock: systemClock,
    logger,
    requestLines: [],
    secretsOf: () => [],
    publish: () => undefined,
    isFollowed: () => false,
  });
  return logs;
}

/** Takes every byte that is left. */
async function fill(folder: string): Promise<string> {
  const file = join(folder, 'filler');
  const handle = await open(file, 'w');
  try {
    for (const size of [65_536, 4096, 1])
      while ((await handle.write(Buffer.alloc(size, 1)).catch(() => undefined)) !== undefined);
  } finally {
    await handle.close();
  }
  expect((await statfs(folder)).bavail).toBe(0);
  return file;
}

it('a full disk: the engine goes on writing, its newest lines are in memory, and one warning says so', async (context) => {
  if (typeof mount === 'string') return context.skip(mount);
  const { folder } = mount;
  const service = createLogs(folder);
  const log = await service.openRun(PROFILE);
  const file = join(folder, PROFILE, '1.log');
  const newest = async (count: number) => {
    const page = await service.read({ profileId: PROFILE, from: -count, limit: count });
    return numbersIn(page.lines);
  };
  await appendFile(file, numbered(0, 500));
  await log.flush();
  const filler = await fill(folder);
  await expect.poll(() => warnings).toHaveLength(1);
  expect(warnings[0]).toMatch(/disk is full/);

  // Ten times what is free, in pieces as an engine writes them; none of them may fail.
  for (let n = 500; n < 2000; n += 10) {
    await appendFile(file, numbered(n, n + 10));
    await log.flush();
  }
  expect(await newest(300)).toEqual(upTo(2000, 1700));
  const notes = log.held(log.firstHeld ?? 0, 5000)?.filter(({ source }) => source === 'manager');
  expect(notes?.map(({ text }) => text)).toEqual([expect.stringMatching(/^The disk is full/)]);
  expect(warnings).toHaveLength(1);

  // With room again everything is written down as before.
  await rm(filler);
  await expect
    .poll(
      async () => {
        await appendFile(file, 'line with room\n');
        await log.flush();
        return (await stat(file)).size;
      },
      { timeout: 10_000 },
    )
    .toBeGreaterThan(50);
  await log.end('stopped', 'stopped');
  await service.close();
  const again = createLogs(folder);
  const [run] = await again.runs(PROFILE);
  expect(run).toMatchObject({ run: 1, outcome: 'stopped' });
  const page = await again.read({ profileId: PROFILE, from: -1, limit: 1 });
  expect(page.lines).toMatchObject([{ n: (run?.endLine ?? 0) - 1, text: 'line with room' }]);
});

it('a disk that is full when a run begins takes nothing from the run but its file', async (context) => {
  if (typeof mount === 'string') return context.skip(mount);
  const { folder } = mount;
  const service = createLogs(folder);
  const first = await service.openRun(PROFILE);
  const filler = await fill(folder);
  await expect.poll(() => warnings).toHaveLength(1);
  await first.end('stopped', 'stopped');
  await writeFile(filler, '');
  await rm(filler);
  const second = await service.openRun(PROFILE);
  second.note('here');
  await second.end('stopped', 'stopped');
  expect((await service.runs(PROFILE)).map(({ run }) => run)).toEqual([2, 1]);
});
