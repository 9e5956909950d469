import { type ChildProcess, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmod, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { build } from 'vite';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';

import { lockHome, readLock } from '@core/storage/home-lock';
import { openProcesses } from '@core/processes/open-processes';
import { type Faults, faultyProcesses } from '@fixtures/fake-processes';
import { createTempHome, type TempHome } from '@fixtures/temp-home';
import { readProcess } from '@fixtures/see-processes';

const at = (path: string): string => fileURLToPath(new URL(`../../../${path}`, import.meta.url));

let tools: TempHome;
let contender: string;
beforeAll(async () => {
  tools = await createTempHome();
  await build({
    configFile: false,
    logLevel: 'error',
    resolve: { alias: { '@shared': at('src/shared'), '@core': at('src/main/core') } },
    ssr: { noExternal: true },
    build: {
      ssr: at('tests/fixtures/lock-contender.ts'),
      outDir: tools.folder,
      rolldownOptions: { output: { entryFileNames: 'contender.mjs' } },
    },
  });
  contender = join(tools.folder, 'contender.mjs');
});
afterAll(() => tools.close());

interface Answer {
  readonly home: string;
  readonly won: boolean;
  readonly code?: string;
  readonly data?: { readonly pid: number };
}

interface Contender {
  readonly pid: number;
  lock(home: string): Promise<Answer>;
  kill(): Promise<void>;
}

let home: TempHome;
const contenders: Contender[] = [];
beforeEach(async () => {
  home = await createTempHome();
  await mkdir(home.paths.home, { recursive: true });
});
afterEach(async () => {
  await Promise.all(contenders.splice(0).map((one) => one.kill()));
  await home.close();
});

function startContender(
  args: readonly string[] = [],
  env: Readonly<Record<string, string>> = {},
): Contender {
  const child: ChildProcess = spawn(process.execPath, [...args, contender], {
    stdio: ['pipe', 'pipe', 'inherit'],
    env: { ...process.env, ...env },
  });
  const { stdin, stdout, pid } = child;
  if (!stdin || !stdout || pid === undefined) throw new Error('the contender did not start');
  const waiting = new Map<string, (answer: Answer) => void>();
  createInterface({ input: stdout }).on('line', (line) => {
    const answer: Answer = JSON.parse(line);
    waiting.get(answer.home)?.(answer);
  });
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const started: Contender = {
    pid,
    lock: (folder) =>
      new Promise((resolve) => {
        waiting.set(folder, resolve);
        stdin.write(`${folder}\n`);
      }),
    kill: () => {
      child.kill('SIGKILL');
      return ended;
    },
  };
  contenders.push(started);
  return started;
}

const lockOf = (folder: string): string => join(folder, 'manager.lock');

/** A lock whose process is gone. */
async function writeStaleLock(folder: string): Promise<void> {
  await writeFile(lockOf(folder), JSON.stringify({ pid: 999_999_999, startTime: 'long ago' }));
}

test('one holder at a time; the other is told which process it is; a released lock is free', async () => {
  const lock = await lockHome(home.paths.home);
  expect(await readLock(home.paths.home)).toEqual({ pid: process.pid });
  const other = startContender();
  expect(await other.lock(home.paths.home)).toMatchObject({
    won: false,
    code: 'already_running',
    data: { pid: process.pid },
  });
  await lock.release();
  expect(await readLock(home.paths.home)).toBeUndefined();
  expect(await readdir(home.paths.home)).toEqual([]);
  expect(await startContender().lock(home.paths.home)).toMatchObject({ won: true });
});

test('a killed holder does not lock anybody out', async () => {
  const first = startContender();
  expect(await first.lock(home.paths.home)).toMatchObject({ won: true });
  await first.kill();
  expect(await readLock(home.paths.home)).toBeUndefined();
  await (await lockHome(home.paths.home)).release();
});

test('a number that belongs to another process now is no holder', async () => {
  // As this system writes it, of long ago.
  const startTime = process.platform === 'linux' ? '1' : '2001-01-01T00:00:00Z';
  await writeFile(lockOf(home.paths.home), JSON.stringify({ pid: process.pid, startTime }));
  expect(await readLock(home.paths.home)).toBeUndefined();
  await (await lockHome(home.paths.home)).release();
});

test('a start that cannot be compared, as an earlier version wrote it, keeps its lock', async () => {
  const startTime = 'Mon Nov 23 10:00:00 2026';
  await writeFile(lockOf(home.paths.home), JSON.stringify({ pid: process.pid, startTime }));
  await expect(lockHome(home.paths.home)).rejects.toMatchObject({
    code: 'already_running',
    message: expect.stringContaining("can't tell what it is"),
    data: { pid: process.pid },
  });
});

describe.each(['fails', 'foreign'] as const)('a process table that %s', (fault) => {
  test('takes no lock from anybody: its holder may live', async () => {
    const lock = await lockHome(home.paths.home);
    const blind = faultyProcesses(openProcesses(), { fault });
    await expect(lockHome(home.paths.home, undefined, blind)).rejects.toMatchObject({
      code: 'already_running',
      message: expect.stringContaining("can't tell what it is"),
    });
    expect(await readLock(home.paths.home, blind)).toMatchObject({ pid: process.pid });
    await lock.release();
  });

  test('does not stand in the way where there is no lock, or no process with its number', async () => {
    const blind = faultyProcesses(openProcesses(), { fault });
    await (await lockHome(home.paths.home, undefined, blind)).release();
    await writeStaleLock(home.paths.home);
    await (await lockHome(home.paths.home, undefined, blind)).release();
  });
});

test('another time zone takes no lock from a living manager, as a Mac on a journey would', async () => {
  const onMac = ['--import', at('tests/fixtures/mac-path.mjs')];
  const first = startContender(onMac, { TZ: 'Pacific/Kiritimati' });
  expect(await first.lock(home.paths.home)).toMatchObject({ won: true });
  const second = startContender(onMac, { TZ: 'America/Los_Angeles' });
  expect(await second.lock(home.paths.home)).toMatchObject({
    won: false,
    code: 'already_running',
    data: { pid: first.pid },
  });
  await first.kill();
  expect(await second.lock(home.paths.home)).toMatchObject({ won: true });
});

test('a table that answers after a while is waited for', async () => {
  const startTime = process.platform === 'linux' ? '1' : '2001-01-01T00:00:00Z';
  await writeFile(lockOf(home.paths.home), JSON.stringify({ pid: process.pid, startTime }));
  let looks = 0;
  const faults: Faults = {
    get fault() {
      looks += 1;
      return looks < 4 ? 'fails' : undefined;
    },
  };
  const processes = faultyProcesses(openProcesses(), faults);
  await (await lockHome(home.paths.home, undefined, processes)).release();
});

test.each(['', '{', 'null', '{"pid":"x"}', '\0\0'])(
  'a lock that holds %j is taken over',
  async (text) => {
    await writeFile(lockOf(home.paths.home), text);
    const lock = await lockHome(home.paths.home);
    const me = await readProcess(process.pid);
    expect(JSON.parse(await readFile(lockOf(home.paths.home), 'utf8'))).toMatchObject({
      pid: process.pid,
      startTime: me?.startTime,
    });
    await lock.release();
  },
);

test('a release by one that holds it no more leaves the next holder its lock', async () => {
  const lock = await lockHome(home.paths.home);
  await writeStaleLock(home.paths.home);
  const next = startContender();
  expect(await next.lock(home.paths.home)).toMatchObject({ won: true });
  await lock.release();
  expect(await readLock(home.paths.home)).toEqual({ pid: next.pid });
});

test('what contenders left that were killed in the middle of a takeover locks nobody out, and goes', async () => {
  const dead = (nonce: string) => JSON.stringify({ pid: 999_999_999, startTime: 'gone', nonce });
  const nameOf = (text: string) => createHash('sha256').update(text).digest('hex').slice(0, 16);
  const lock = lockOf(home.paths.home);
  const guard = `${lock}.takeover-${nameOf(dead('lock'))}`;
  await writeFile(lock, dead('lock'));
  await writeFile(guard, dead('guard'));
  await writeFile(`${guard}.takeover-${nameOf(dead('guard'))}`, '{"pid":');
  await writeFile(`${lock}.draft-999999999-0a`, dead('draft'));
  await writeFile(`${guard}.draft-999999999-0a`, dead('draft'));
  const answers = await Promise.all([1, 2, 3].map(() => startContender().lock(home.paths.home)));
  expect(answers.filter(({ won }) => won)).toHaveLength(1);
  expect(await readdir(home.paths.home)).toEqual(['manager.lock']);
});

test('many that start at once on the lock of a dead one: exactly one wins, every time', async () => {
  const many = Array.from({ length: 6 }, () => startContender());
  const first = join(home.folder, 'first');
  await mkdir(first);
  await Promise.all(many.map((one) => one.lock(first))); // all are up before it begins
  for (let round = 0; round < 40; round++) {
    const folder = join(home.folder, `round ${round}`);
    await mkdir(folder);
    if (round % 4 > 0) await writeStaleLock(folder);
    const answers = await Promise.all(many.map((one) => one.lock(folder)));
    const winner = await readLock(folder);
    expect(answers.filter(({ won }) => won)).toHaveLength(1);
    for (const { won, code, data } of answers) {
      if (!won) expect({ code, pid: data?.pid }).toEqual({ code: 'already_running', ...winner });
    }
    expect(await readdir(folder)).toEqual(['manager.lock']);
  }
});

test.skipIf(process.getuid?.() === 0)(
  'a folder that may not be written is named, with what to do (skipped for root, who may write anywhere)',
  async () => {
    await chmod(home.paths.home, 0o500);
    try {
      await expect(lockHome(home.paths.home)).rejects.toMatchObject({ code: 'permission' });
    } finally {
      await chmod(home.paths.home, 0o700);
    }
  },
);
