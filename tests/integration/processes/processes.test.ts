import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFile, mkdtemp, rm } from 'node:fs/promises';
import net from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';

import { isSameProcess } from '@core/processes/identity';
import { known, processViews } from '@fixtures/process-views';
import { findFreePort } from '@fixtures/temp-home';

const { views, missing } = await processViews();
const isLinux = process.platform === 'linux';
/** Within this the system shows what has happened, on a busy machine too. */
const SOON = { timeout: 10_000 };

const children: ChildProcess[] = [];
const servers: net.Server[] = [];
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'mm-processes-'));
});

afterEach(async () => {
  for (const child of children.splice(0)) {
    if (child.exitCode !== null || child.signalCode !== null) continue;
    child.kill('SIGKILL');
    await once(child, 'exit');
  }
  await Promise.all(
    servers.splice(0).map((server) => new Promise((resolve) => server.close(resolve))),
  );
});

afterAll(() => rm(folder, { recursive: true, force: true }));

/** A program that does nothing until it is ended. */
async function idle(env: Record<string, string> = {}, ...args: string[]): Promise<number> {
  const script = 'process.stdout.write("up"); setInterval(() => undefined, 1e9)';
  const child = spawn(process.execPath, ['-e', script, ...args], {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  children.push(child);
  if (child.stdout) await once(child.stdout, 'data');
  return pidOf(child);
}

function pidOf({ pid }: ChildProcess): number {
  if (pid === undefined) throw new Error('a program could not be started');
  return pid;
}

async function listen(options: net.ListenOptions): Promise<net.Server> {
  const server = net.createServer();
  server.listen({ exclusive: true, ...options });
  await once(server, 'listening');
  servers.push(server);
  return server;
}

for (const name of missing) {
  console.log(`Not run: ${name}`);
  test.skip(`processes by ${name}`, () => undefined);
}

describe.each(views)('processes by $name', ({ processes, ...view }) => {
  test('the list has this process and its parent, and reading gives the command line', async () => {
    const table = known(await processes.list());
    const me = table.find(({ pid }) => pid === process.pid);
    expect(me?.ppid).toBe(process.ppid);
    expect(table.some(({ pid }) => pid === process.ppid)).toBe(true);
    const read = known(await processes.read(process.pid));
    expect(me && isSameProcess(me, read)).toBe(true);
    expect(read).toMatchObject({ pid: process.pid, ppid: process.ppid, pgid: me?.pgid });
    expect(read?.command).toContain(process.argv0);
  });

  test('a process that has ended is gone from all answers, which is known', async () => {
    const pid = await idle();
    const before = known(await processes.read(pid));
    expect(before?.state).toMatch(/^[RSDI]$/);
    const [child] = children;
    child?.kill('SIGKILL');
    if (child) await once(child, 'exit');
    expect(await processes.read(pid)).toEqual({ known: true, value: undefined });
    expect(known(await processes.list()).some((info) => info.pid === pid)).toBe(false);
    // Those who ask for usage have looked at the table just before, whose numbers may stand for a moment.
    await expect.poll(async () => known(await processes.usage([pid])).size, SOON).toBe(0);
    expect(known(await processes.listeners(1, [pid]))).toEqual([]);
    expect(known(await processes.connections(1, pid))).toBe(0);
  });

  test('a zombie is shown as one, and carries nothing', async () => {
    // The shell becomes a program that never collects the child.
    const child = spawn('sh', ['-c', 'sleep 0.01 & exec sleep 60'], {
      env: { ...process.env, MM_NONCE: 'of-a-zombie' },
      stdio: 'ignore',
    });
    children.push(child);
    const parent = pidOf(child);
    await expect
      .poll(
        async () => known(await processes.list()).find(({ ppid }) => ppid === parent)?.state,
        SOON,
      )
      .toBe('Z');
    const zombie = known(await processes.list()).find(({ ppid }) => ppid === parent);
    const read = known(await processes.read(zombie?.pid ?? 0));
    expect(read?.state).toBe('Z');
    expect(zombie && isSameProcess(zombie, read)).toBe(true);
    const carriers = known(await processes.carrying('MM_NONCE', 'of-a-zombie'));
    expect(carriers.some(({ pid }) => pid === zombie?.pid)).toBe(false);
  });

  test('a stopped process is shown as one', async () => {
    const pid = await idle();
    process.kill(pid, 'SIGSTOP');
    await expect.poll(async () => known(await processes.read(pid))?.state, SOON).toBe('T');
  });

  test('what carries a variable is found by its exact value, also when it made itself a daemon', async () => {
    const nonce = `n-${process.pid}-${view.name.length}`;
    const pid = await idle({ MM_NONCE: nonce });
    await idle({ MM_NONCE: `${nonce}0` });
    await idle({ MM_NONCE0: nonce });
    await idle({ OTHER: `MM_NONCE=${nonce}` });
    const daemon = spawn(process.execPath, ['-e', DAEMON, process.execPath], {
      env: { ...process.env, MM_NONCE: nonce },
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    children.push(daemon);
    if (!daemon.stdout) throw new Error('no output');
    const [text] = await once(daemon.stdout, 'data');
    const grandchild = Number(String(text));
    await once(daemon, 'exit');
    try {
      const found = known(await processes.carrying('MM_NONCE', nonce));
      expect(found.map((info) => info.pid).sort((a, b) => a - b)).toEqual(
        [pid, grandchild].sort((a, b) => a - b),
      );
      const left = found.find((info) => info.pid === grandchild);
      expect(left?.pgid).toBe(grandchild);
      expect(left?.ppid).not.toBe(pidOf(daemon));
      expect(left && isSameProcess(left, known(await processes.read(grandchild)))).toBe(true);
    } finally {
      process.kill(grandchild, 'SIGKILL');
    }
    expect(known(await processes.carrying('MM_NONCE', 'nobody'))).toEqual([]);
  });

  test('names and arguments may hold anything', async () => {
    const args = ['we ird', 'a) S 1 (b', 'two\nlines', 'ü 漢', ''];
    const pid = await idle({}, ...args);
    const read = known(await processes.read(pid));
    expect(read).toMatchObject({ pid, ppid: process.pid });
    expect(read?.command).toContain('we ird a) S 1 (b');
    if (view.keepsNames) expect(read?.command).toContain('two\nlines ü 漢');
    const table = known(await processes.list());
    expect(table.filter((info) => info.pid === pid)).toHaveLength(1);
  });

  test.runIf(isLinux)('the name of the program may hold anything', async () => {
    const program = path.join(folder, 'x) Z 1\n(ü');
    await copyFile('/bin/sleep', program);
    const child = spawn(program, ['60'], { stdio: 'ignore' });
    children.push(child);
    await once(child, 'spawn');
    const info = known(await processes.list()).find(({ pid }) => pid === pidOf(child));
    expect(info).toMatchObject({ ppid: process.pid, state: expect.stringMatching(/^[RSD]$/) });
    expect(info?.command).toContain('x) Z 1');
  });

  test.each([
    ['127.0.0.1', 'tcp4', '127.0.0.1', undefined],
    ['127.0.0.2', 'tcp4', '127.0.0.2', undefined],
    ['0.0.0.0', 'tcp4', '0.0.0.0', undefined],
    ['::1', 'tcp6', '::1', undefined],
    ['::', 'tcp6', '::', false],
    ['::ffff:127.0.0.1', 'tcp4', '127.0.0.1', undefined],
  ] as const)('who listens on %s', async (host, family, address, v6only) => {
    const port = await findFreePort();
    await listen({ host, port });
    const told = view.tellsV6only && v6only !== undefined ? { v6only } : {};
    const expected = { pid: process.pid, family, address, ...told };
    const other = await idle();
    expect(known(await processes.listeners(port))).toEqual([expect.objectContaining(expected)]);
    expect(known(await processes.listeners(port, [process.pid, other]))).toEqual([
      expect.objectContaining(expected),
    ]);
    expect(known(await processes.listeners(port, [other]))).toEqual([]);
    expect(known(await processes.listeners(port + 1))).toEqual([]);
  });

  test('a socket on :: that leaves IPv4 alone stands beside one of IPv4', async () => {
    const port = await findFreePort();
    await listen({ host: '::', port, ipv6Only: true });
    await listen({ host: '127.0.0.1', port });
    const found = known(await processes.listeners(port));
    expect(found).toHaveLength(2);
    const six = found.find(({ family }) => family === 'tcp6');
    expect(six).toMatchObject({ address: '::', v6only: view.tellsV6only ? true : undefined });
    expect(found.find(({ family }) => family === 'tcp4')?.address).toBe('127.0.0.1');
  });

  test("open connections are counted at the server's end, of both families", async () => {
    const port = await findFreePort();
    const server = await listen({ host: '::', port });
    expect(known(await processes.connections(port, process.pid))).toBe(0);
    const clients: net.Socket[] = [];
    for (const host of ['127.0.0.1', '::1', '127.0.0.1']) {
      const accepted = once(server, 'connection');
      clients.push(net.connect({ host, port }));
      await accepted;
    }
    const open = async () => known(await processes.connections(port, process.pid));
    await expect.poll(open, SOON).toBe(3);
    for (const client of clients) client.destroy();
    await expect.poll(open, SOON).toBe(0);
  });

  test('usage counts CPU time and memory; what is not there is absent', async () => {
    const busy = spawn(process.execPath, ['-e', 'for (;;);'], { stdio: 'ignore' });
    children.push(busy);
    const pid = pidOf(busy);
    const step = Math.max(100, view.cpuStepMs);
    await expect
      .poll(async () => known(await processes.usage([pid])).get(pid)?.cpuMs ?? 0)
      .toBeGreaterThanOrEqual(step);
    const usage = known(await processes.usage([pid, process.pid, 2 ** 30]));
    expect([...usage.keys()].sort()).toEqual([pid, process.pid].sort());
    const memory = usage.get(process.pid)?.memoryBytes ?? 0;
    const resident = process.memoryUsage.rss();
    expect(memory).toBeGreaterThan(resident * 0.5);
    expect(memory).toBeLessThan(resident * 2);
    // No more than has passed since it was started.
    expect(usage.get(pid)?.cpuMs).toBeLessThan(60_000);
    expect(known(await processes.usage([])).size).toBe(0);
  });

  test('neither the time zone nor the language changes who a process is', async () => {
    const pid = await idle();
    const before = known(await processes.read(pid));
    const { TZ, LC_ALL } = process.env;
    try {
      for (const zone of ['Pacific/Kiritimati', 'America/Los_Angeles']) {
        process.env.TZ = zone;
        process.env.LC_ALL = 'de_DE.UTF-8';
        const after = known(await processes.read(pid));
        expect(before && isSameProcess(before, after)).toBe(true);
        expect(known(await processes.usage([pid])).has(pid)).toBe(true);
      }
    } finally {
      restore('TZ', TZ);
      restore('LC_ALL', LC_ALL);
    }
  });
});

test('what one way wrote down is recognised by another one', async () => {
  const pid = await idle();
  const starts = await Promise.all(
    views
      .filter(({ name }) => name !== '/proc')
      .map(async ({ processes }) => known(await processes.read(pid))),
  );
  for (const one of starts) {
    for (const other of starts) expect(one && isSameProcess(one, other)).toBe(true);
  }
});

/** Starts itself twice removed, in a session of its own, and leaves: what daemon(3) does. */
const DAEMON = `
const { spawn } = require('node:child_process');
const child = spawn(process.argv[1], ['-e', 'setInterval(() => undefined, 1e9)'],
  { detached: true, stdio: 'ignore' });
child.unref();
process.stdout.write(String(child.pid));
`;

function restore(name: string, value: string | undefined): void {
  if (value === undefined) delete process.env[name];
  else process.env[name] = value;
}
