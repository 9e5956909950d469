import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, constants, openSync, writeSync } from 'node:fs';
import { readdir, readFile, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { text } from 'node:stream/consumers';

import { type CliHarness, createCliHarness } from '@fixtures/cli-harness';
import { COMMAND } from '@fixtures/command';
import { FAKE_ENGINE } from '@fixtures/fake-adapter';
import { isListening } from '@fixtures/temp-home';
import { until } from '@fixtures/until';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

const [FILE, ...FIRST] = COMMAND;

/** Nobody reads any more what a command says: `| head`, a terminal that was closed, a log collector that hangs. */
let harness: CliHarness;
const open: number[] = [];
beforeEach(async () => {
  harness = await createCliHarness({
    NODE_OPTIONS: `--import=${resolve('tests/fixtures/faults-inside.mjs')}`,
    FAULT_INSIDE: 'throw',
  });
});
afterEach(async () => {
  for (const fd of open.splice(0)) closeSync(fd);
  await harness.close();
});

const SERVE = ['serve', '--port', '0', '--no-demo'] as const;

const managerLog = (): Promise<string> =>
  readFile(join(harness.home.paths.logs, 'manager.log'), 'utf8');

const answers = async (): Promise<boolean> => {
  const { code, stdout } = await harness.run('status', '--json');
  return code === 0 && JSON.parse(stdout).manager.running === true;
};

/** Starts a server; gives its port. */
async function startOne(...words: readonly string[]): Promise<number> {
  await until(answers, 'the manager to answer');
  await harness.json('engine', 'register', 'mlx-lm', '--command', FAKE_ENGINE);
  await harness.createProfile('A', ...words);
  const [server] = await harness.json('start', 'A', '--wait');
  return (server as { port: number }).port;
}

/** It is asked to quit: in order means that its server is gone, and its log says so to the end. */
async function expectOrderlyEnd(child: ChildProcess, port: number, code: number): Promise<void> {
  const ended = once(child, 'exit');
  child.kill('SIGTERM');
  expect(await ended).toEqual([code, null]);
  expect((await managerLog()).trimEnd().split('\n').at(-1)).toMatch(/Ended$/);
  expect(await isListening(port)).toBe(false);
}

/** A command of which one stream, or both, has no reader from its first moment. */
function spawnUnread(streams: readonly ('stdout' | 'stderr')[], ...words: readonly string[]) {
  const child = harness.spawn(...words);
  for (const name of streams) child[name]?.destroy();
  return child;
}

/** A pipe that takes nothing: it is full, it is held open, and nobody reads it. */
function fullPipe(name: string): number {
  const path = join(harness.home.folder, name);
  spawnSync('mkfifo', [path]);
  const filler = openSync(path, constants.O_RDWR | constants.O_NONBLOCK);
  open.push(filler);
  for (const size of [4096, 1]) {
    try {
      for (;;) writeSync(filler, Buffer.alloc(size, '.'));
    } catch {
      // It takes no more of this size.
    }
  }
  const writer = openSync(path, constants.O_WRONLY);
  open.push(writer);
  return writer;
}

/** A command whose output both goes into full pipes. */
function spawnBlocked(...words: readonly string[]): ChildProcess {
  const { home } = harness;
  const env = { ...process.env, MLX_MANAGER_HOME: home.paths.home };
  return spawn(FILE, [...FIRST, ...words], {
    env,
    cwd: home.folder,
    stdio: ['ignore', fullPipe('out'), fullPipe('err')],
  });
}

describe('serve', () => {
  it.each([[['stdout']], [['stderr']], [['stdout', 'stderr']]] as const)(
    'goes on without a reader of %s, and quits in order',
    async (streams) => {
      const child = spawnUnread(streams, ...SERVE);
      const port = await startOne();
      await expectOrderlyEnd(child, port, 0);
    },
  );

  it('goes on behind head -1, and quits in order', async () => {
    const line = [FILE, ...FIRST, ...SERVE].map((word) => `'${word}'`).join(' ');
    const { home } = harness;
    const shell = spawn('sh', ['-c', `${line} | head -1`], {
      env: { ...process.env, MLX_MANAGER_HOME: home.paths.home },
      cwd: home.folder,
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const said = text(shell.stdout);
    const port = await startOne();
    const [status] = await harness.json('status');
    const { pid } = (status as { manager: { pid: number } }).manager;
    const ended = once(shell, 'exit');
    process.kill(pid, 'SIGTERM');
    await ended;
    expect(await said).toMatch(/^MLX Manager \S+ is running \(pid \d+\), data in .*\n$/);
    expect((await managerLog()).trimEnd().split('\n').at(-1)).toMatch(/Ended$/);
    expect(await isListening(port)).toBe(false);
  });

  it('goes down in order at an error of its own that it can tell nobody', async () => {
    const child = spawnUnread(['stdout', 'stderr'], ...SERVE);
    const port = await startOne();
    const ended = once(child, 'exit');
    child.kill('SIGUSR2');
    expect(await ended).toEqual([1, null]);
    const log = await managerLog();
    expect(log).toContain('a fault of the test');
    expect(log).not.toContain('EPIPE');
    expect(log.trimEnd().split('\n').at(-1)).toMatch(/Ended$/);
    expect(await isListening(port)).toBe(false);
  });

  it('goes on before a full pipe that nobody reads, and quits in order', async () => {
    const child = spawnBlocked(...SERVE);
    const port = await startOne();
    await expectOrderlyEnd(child, port, 0);
  });
});

describe('a command that only tells something', () => {
  it.each([['status'], ['profile list --json'], ['engine list'], ['help']])(
    'ends without a word where nobody reads it: %s',
    async (line) => {
      const child = spawnUnread(['stdout'], ...line.split(' '));
      expect(await collectUnread(child)).toEqual({ code: 0, stderr: '' });
    },
  );

  it.each([[[]], [['--json']]])('fails as it fails where nobody reads why %s', async (words) => {
    const child = spawnUnread(['stdout', 'stderr'], 'profile', 'show', 'Nobody', ...words);
    expect(await once(child, 'exit')).toEqual([1, null]);
  });

  it('logs -f ends when its reader has had enough; the server does not', async () => {
    const { child: manager } = await harness.serve('--no-demo');
    const port = await startOne();
    const logs = harness.spawn('logs', 'A', '-f', '--checks', '-n', '1');
    if (logs.stdout === null) throw new Error('no output');
    await once(logs.stdout, 'data');
    const ended = collectUnread(logs);
    logs.stdout.destroy();
    // What comes next finds nobody.
    await harness.run('chat', 'A', 'hello');
    expect(await ended).toEqual({ code: 0, stderr: '' });
    expect(await isListening(port)).toBe(true);
    await expectOrderlyEnd(manager, port, 0);
  });

  it('logs -f ends by Ctrl-C before a full pipe that nobody reads', async () => {
    await harness.serve('--no-demo');
    await startOne('--env', 'FAKE_LONG_LINES=many ');
    const logs = harness.spawn('logs', 'A', '-f');
    if (logs.stdout === null) throw new Error('no output');
    await once(logs.stdout, 'data');
    logs.stdout.pause();
    const before = await logBytes();
    await until(async () => (await logBytes()) > before + 2e6, 'more than a pipe holds');
    const ended = once(logs, 'exit');
    logs.kill('SIGINT');
    expect(await ended).toEqual([130, null]);
  });
});

async function logBytes(): Promise<number> {
  const { logs } = harness.home.paths;
  const names = (await readdir(logs, { recursive: true })).filter((name) => name.endsWith('.log'));
  const sizes = await Promise.all(names.map(async (name) => (await stat(join(logs, name))).size));
  return sizes.reduce((sum, size) => sum + size, 0);
}

/** The exit code of a command whose standard output has no reader, and what it says on standard error. */
async function collectUnread(
  child: ChildProcess,
): Promise<{ code: number | null; stderr: string }> {
  if (child.stderr === null) throw new Error('no output to read');
  const [stderr, [code]] = await Promise.all([text(child.stderr), once(child, 'exit')]);
  return { code, stderr };
}
