import { access, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';

import { type CliHarness, collect, createCliHarness, type Served } from '@fixtures/cli-harness';
import { FAKE_ENGINE } from '@fixtures/fake-adapter';
import { until } from '@fixtures/until';
import { ServerProfile } from '@shared/domain/profile';
import { Server } from '@shared/domain/server';

const EMPTY = { running: false };
const Status = z.object({ servers: z.array(Server) });

async function stateOf(harness: CliHarness, name: string): Promise<string | undefined> {
  const [status] = await harness.json('status');
  return Status.parse(status).servers.find((server) => server.name === name)?.state;
}

describe('where no manager runs', () => {
  let harness: CliHarness;
  beforeAll(async () => {
    harness = await createCliHarness();
  });
  afterAll(() => harness.close());

  it('status answers from disk', async () => {
    const [status] = await harness.json('status');
    expect(status).toMatchObject({
      manager: { ...EMPTY, home: harness.home.paths.home },
      gateway: null,
      servers: [],
    });
  });

  it('looking makes no file and no folder', async () => {
    await rm(harness.home.paths.home, { recursive: true, force: true });
    for (const command of [['status'], ['profile', 'list'], ['engine', 'list']])
      await harness.json(...command);
    await expect(access(harness.home.paths.home)).rejects.toThrow('ENOENT');
  });

  it.each([
    ['start', 'nobody'],
    ['restart', 'nobody'],
    ['stop', 'nobody'],
    ['stop', '--all'],
    ['chat', 'nobody', 'hi'],
    ['logs', 'nobody', '-f'],
  ])('%s says not_running before it looks up names', async (...words) => {
    const { code, error } = await harness.failure(...words);
    expect(code).toBe(1);
    expect(error).toMatchObject({ code: 'not_running' });
    expect(JSON.stringify(error)).toContain('mlx-manager serve');
  });

  it('profiles are created, edited, copied and deleted', async () => {
    const [created] = await harness.json(
      ...['profile', 'create', 'Alone', '--model', 'demo', '--set', 'max_tokens=7'],
      ...['--env', 'A=b=c', '--arg', '--log-level', '--arg', 'DEBUG', '--start', 'app'],
    );
    const profile = ServerProfile.parse(created);
    expect(profile).toMatchObject({
      name: 'Alone',
      options: { 'max-tokens': 7 },
      env: { A: 'b=c' },
      extraArgs: ['--log-level', 'DEBUG'],
      start: 'app',
      restart: 'on-failure',
    });
    const [edited] = await harness.json(
      ...['profile', 'edit', profile.id.slice(0, 6), '--name', 'Renamed', '--restart', 'never'],
      ...['--unset', 'max-tokens', '--unset', 'A', '--unset', 'args'],
    );
    expect(edited).toMatchObject({
      name: 'Renamed',
      options: {},
      env: {},
      extraArgs: [],
      restartNeeded: false,
    });
    await harness.json('profile', 'duplicate', 'renamed', 'Second');
    const [list] = await harness.json('profile', 'list');
    expect(
      z
        .array(ServerProfile)
        .parse(list)
        .map(({ name }) => name),
    ).toEqual(['Renamed', 'Second']);
    expect(await harness.json('profile', 'delete', 'RENAMED')).toEqual([{ deleted: profile.id }]);
    expect((await harness.failure('profile', 'show', 'Secnd')).error).toMatchObject({
      code: 'not_found',
      data: { near: ['Second'] },
    });
  });

  it('what is refused names its field', async () => {
    const port = await harness.failure('profile', 'create', 'X', '--model', 'demo', '--port', '80');
    expect(port).toMatchObject({ code: 1, error: { code: 'validation' } });
    const folder = await harness.failure('profile', 'create', 'X', '--model', './no-such-folder');
    expect(folder).toMatchObject({ code: 1, error: { code: 'validation' } });
  });

  it('settings are kept', async () => {
    await harness.json('settings', 'set', 'sampleSeconds', '5');
    expect(await harness.json('settings', 'get', 'sampleseconds')).toEqual([5]);
    await harness.json('settings', 'reset', 'sampleSeconds');
    expect(await harness.json('settings', 'get', 'sampleSeconds')).toEqual([2]);
    expect((await harness.failure('settings', 'get', 'nothing')).error).toMatchObject({
      code: 'not_found',
    });
  });

  it('the built-in model is there before any engine', async () => {
    const [models] = await harness.json('model', 'list');
    expect(models).toMatchObject([{ ref: 'demo', complete: true }]);
    expect(await harness.json('engine', 'list')).toEqual([[]]);
  });

  it('doctor exits 1 for a problem, without an error', async () => {
    const { code, stdout } = await harness.run('doctor', '--json');
    const { checks } = z
      .object({ checks: z.array(z.object({ state: z.string() })) })
      .parse(JSON.parse(stdout));
    expect(code).toBe(checks.some(({ state }) => state === 'problem') ? 1 : 0);
  });

  it('Ctrl-C ends an installation that the command does itself, and gives the folder back', async () => {
    const child = harness.spawn('engine', 'register', 'mlx-lm', '--command', FAKE_ENGINE, '--json');
    const ended = collect(child);
    await new Promise((resolve) => child.stdout?.once('data', resolve));
    child.kill('SIGINT');
    expect((await ended).code).toBe(130);
    await expect(access(join(harness.home.paths.home, 'manager.lock'))).rejects.toThrow();
    expect(await harness.json('engine', 'list')).toEqual([[]]);
  });

  it('two commands at once both do their work', async () => {
    const names = ['One', 'Two', 'Three'];
    await Promise.all(
      names.map((name) => harness.json('profile', 'create', name, '--model', 'demo')),
    );
    const [list] = await harness.json('profile', 'list');
    const found = z.array(ServerProfile).parse(list);
    expect(found.map(({ name }) => name)).toEqual(expect.arrayContaining(names));
    expect(new Set(found.map(({ port }) => port)).size).toBe(found.length);
  });
});

describe('with a running manager', () => {
  let harness: CliHarness;
  let served: Served;
  beforeAll(async () => {
    harness = await createCliHarness();
    served = await harness.serve();
    await harness.json('engine', 'register', 'mlx-lm', '--command', FAKE_ENGINE);
    await harness.createProfile('Good');
    await harness.createProfile('Slow', '--env', 'FAKE_LOAD_MS=60000');
    await harness.createProfile('Bad', '--arg', '--no-such-option');
  });
  afterAll(() => harness.close());

  it('status has its place, and the token only where it is asked for', async () => {
    const [status] = await harness.json('status');
    expect(status).toMatchObject({
      manager: { running: true, pid: served.ready.pid, host: 'headless', url: served.ready.url },
    });
    expect(JSON.stringify(status)).not.toContain(served.ready.token);
    const [shown] = await harness.json('status', '--show-token');
    expect(shown).toMatchObject({ manager: { token: served.ready.token } });
    const { stdout } = await harness.run('status');
    expect(stdout).not.toContain(served.ready.token);
  });

  it('a job shows its phases, the installation last', async () => {
    const lines = await harness.json('engine', 'register', 'mlx-lm', '--command', FAKE_ENGINE);
    expect(lines.length).toBeGreaterThanOrEqual(4);
    for (const line of lines.slice(0, -1)) {
      expect(line).toMatchObject({ event: 'progress', phase: expect.any(String) });
    }
    expect(lines.at(-1)).toMatchObject({ event: 'done', installation: { state: 'ready' } });
  });

  it('start says why it does not fit and what would help; --force starts it anyway', async () => {
    await harness.json('settings', 'set', 'serverMemoryLimitGib', '0.1');
    const [sum] = await harness.json('fit', '--profile', 'good');
    expect(sum).toMatchObject({ verdict: 'no', limitSource: 'setting', concurrency: 1 });
    const [more] = await harness.json('fit', '--profile', 'good', '--concurrency', '4');
    expect(more).toMatchObject({ verdict: 'no', concurrency: 4 });
    const ignored = await harness.run('fit', '--profile', 'good', '--context', '512');
    expect(ignored.stderr).toContain('--context has no effect');
    expect(await harness.failure('fit')).toMatchObject({ code: 2, error: { code: 'usage' } });
    expect(await harness.failure('fit', 'demo', '--profile', 'good')).toMatchObject({ code: 2 });
    const { code, error } = await harness.failure('start', 'Good');
    expect(code).toBe(1);
    expect(error).toMatchObject({
      code: 'does_not_fit',
      message: expect.stringMatching(
        /^Good doesn't fit: it needs 0\.\d GiB, 0\.1 GiB of your 0\.1 GiB limit for servers is free\.$/,
      ),
      action: { id: 'make_room' },
      data: { fit: { limitSource: 'setting' }, stoppable: [], contexts: [{ verdict: 'no' }] },
    });
    const { stderr } = await harness.run('start', 'Good');
    expect(stderr).toMatch(/^Error: Good doesn't fit/m);
    expect(stderr).toMatch(/^ {2}0\.\d GiB short\.$/m);
    expect(stderr).toContain('--force, to start it anyway');
    const { stdout } = await harness.run('status');
    expect(stdout).toMatch(/Good +stopped .*not started, 0\.\d GiB short/);
    const [forced] = await harness.json('start', 'Good', '--force', '--wait');
    expect(Server.parse(forced)).toMatchObject({ state: 'ready' });
    expect(await harness.failure('restart', 'Good')).toMatchObject({
      error: { code: 'does_not_fit' },
    });
    await harness.json('restart', 'Good', '--force', '--wait');
    await harness.json('stop', 'Good');
    await harness.json('settings', 'reset', 'serverMemoryLimitGib');
  });

  it('start --wait returns at ready; a running one is returned as it is', async () => {
    const [first] = await harness.json('start', 'Good', '--wait');
    const server = Server.parse(first);
    expect(server.state).toBe('ready');
    const [again] = await harness.json('start', 'good');
    expect(Server.parse(again).pid).toBe(server.pid);
    const [status] = await harness.json('status');
    expect(status).toMatchObject({
      servers: expect.arrayContaining([expect.objectContaining({ name: 'Good', state: 'ready' })]),
    });
  });

  it('a chat streams, its usage last', async () => {
    const lines = await harness.json('chat', 'Good', 'hello');
    expect(lines[0]).toMatchObject({ event: 'delta', text: expect.any(String) });
    expect(lines.at(-1)).toMatchObject({ event: 'done' });
    const { stdout, code } = await harness.run('chat', 'Good', 'hello');
    expect([code, stdout.length > 5]).toEqual([0, true]);
  });

  it('an edit of a running one says that a restart is needed, and the restart applies it', async () => {
    const [edited] = await harness.json('profile', 'edit', 'Good', '--set', 'max-tokens=3');
    expect(edited).toMatchObject({ restartNeeded: true, options: { 'max-tokens': 3 } });
    const [server] = await harness.json('restart', 'Good', '--wait');
    expect(server).toMatchObject({ state: 'ready', restartNeeded: false });
    const [command] = await harness.json('profile', 'command', 'Good');
    expect(command).toMatchObject({ argv: expect.arrayContaining(['--max-tokens', '3']) });
  });

  it('a start that fails exits 1 with its code and evidence', async () => {
    const { code, error } = await harness.failure('start', 'Bad', '--wait');
    expect(code).toBe(1);
    expect(error).toMatchObject({ code: 'bad_option', data: { evidence: expect.any(Array) } });
  });

  it('a limit ends the waiting, not the start; Ctrl-C likewise, with 130', async () => {
    const { code, error } = await harness.failure('start', 'Slow', '--wait', '--timeout', '0.5');
    expect([code, error]).toMatchObject([1, { code: 'timeout' }]);
    expect(await stateOf(harness, 'Slow')).toBe('loading');
    await harness.json('stop', 'Slow');
    const child = harness.spawn('start', 'Slow', '--wait');
    const ended = collect(child);
    await until(async () => (await stateOf(harness, 'Slow')) === 'loading', 'Slow to load');
    child.kill('SIGINT');
    expect((await ended).code).toBe(130);
    expect(await stateOf(harness, 'Slow')).toBe('loading');
    expect(await harness.json('stop', 'Slow')).toMatchObject([{ name: 'Slow', state: 'stopped' }]);
  });

  it('logs are lines of time, source and text; -f goes on with what comes', async () => {
    const lines = await harness.json('logs', 'Good', '-n', '5');
    expect(lines.length).toBeGreaterThan(0);
    for (const line of lines) {
      expect(Object.keys(line as object).sort()).toEqual(['source', 'text', 'time']);
    }
    const child = harness.spawn('logs', 'Good', '-n', '1', '-f', '--json');
    if (child.stdout === null) throw new Error('no output');
    const seen: string[] = [];
    createInterface({ input: child.stdout }).on('line', (line) => seen.push(JSON.parse(line).text));
    await until(() => seen.length > 0, 'the newest line');
    const known = seen.length;
    await harness.json('chat', 'Good', 'hello');
    await until(() => seen.slice(known).some((text) => text.includes('POST')), 'the request');
    const ended = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGINT');
    expect(await ended).toBe(130);
  });

  it('lines about the manager’s own requests are left out of the newest, and shown with --checks', async () => {
    type Line = { source: string; text: string };
    const all = (await harness.json('logs', 'Good', '-n', '100', '--checks')) as Line[];
    expect(all.filter(({ source }) => source === 'probe').length).toBeGreaterThan(1);
    const others = all.filter(({ source }) => source !== 'probe');
    expect(await harness.json('logs', 'Good', '-n', '100')).toEqual(others);
    expect(await harness.json('logs', 'Good', '-n', '3')).toEqual(others.slice(-3));
  });

  it('several names give an array, in the order given', async () => {
    const [servers] = await harness.json('stop', 'Good', 'Slow');
    expect(servers).toMatchObject([
      { name: 'Good', state: 'stopped' },
      { name: 'Slow', state: 'stopped' },
    ]);
    const [one] = await harness.json('stop', 'Good');
    expect(one).toMatchObject({ name: 'Good', state: 'stopped' });
    expect((await harness.json('stop', '--all'))[0]).toBeInstanceOf(Array);
    expect((await harness.failure('start', 'Good', 'Gone')).error).toMatchObject({
      code: 'not_found',
    });
    const [status] = await harness.json('status');
    expect(status).toMatchObject({
      servers: expect.arrayContaining([
        expect.objectContaining({ name: 'Good', state: 'stopped' }),
      ]),
    });
  });

  it('delete refuses a running one without --stop', async () => {
    await harness.json('start', 'Good', '--wait');
    expect(await harness.failure('profile', 'delete', 'Good')).toMatchObject({
      code: 1,
      error: { code: 'in_use' },
    });
    expect(await harness.json('profile', 'delete', 'Good', '--stop')).toMatchObject([
      { deleted: expect.any(String) },
    ]);
  });
});

it('a command that waits ends with 1 when its manager dies', async () => {
  const harness = await createCliHarness();
  try {
    const served = await harness.serve();
    await harness.json('engine', 'register', 'mlx-lm', '--command', FAKE_ENGINE);
    await harness.createProfile('Slow', '--env', 'FAKE_LOAD_MS=60000');
    const waiting = collect(harness.spawn('start', 'Slow', '--wait', '--json'));
    await until(async () => (await stateOf(harness, 'Slow')) === 'loading', 'Slow to load');
    await served.end('SIGKILL');
    const { code, stdout } = await waiting;
    expect(code).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({ error: { code: 'not_running' } });
    // The next manager finds the server that the dead one left, and ends it with itself.
    const next = await harness.serve();
    expect(await next.end()).toBe(0);
  } finally {
    await harness.close();
  }
});
