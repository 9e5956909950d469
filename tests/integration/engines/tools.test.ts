import { until } from '@fixtures/until';
import { spawn } from 'node:child_process';
import { chmod, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { askPython } from '@core/engines/install/python-finder';
import { Uv } from '@core/engines/install/uv';
import { TOOL_MARK, ToolRecordError } from '@core/engines/tools/owned-tools';
import type { ToolRun } from '@core/engines/tools/tool-runner';
import type { Processes } from '@core/ports/processes';
import { openProcesses } from '@core/processes/open-processes';
import { recordingLogger } from '@fixtures/recording-logger';
import { createTempHome, processesNaming, type TempHome } from '@fixtures/temp-home';
import { createTools, type TestTools } from '@fixtures/tools';
import { afterEach, beforeEach, expect, test } from 'vitest';

let home: TempHome;
let t: TestTools;
beforeEach(async () => {
  home = await createTempHome();
  t = await createTools(home.paths.run);
});
afterEach(() => home.close());

const real = openProcesses(recordingLogger().logger);
const UNSEEN = { known: false, reason: 'the table cannot be read' } as const;
/** A machine whose processes cannot be seen. */
const blind: Processes = {
  list: async () => UNSEEN,
  read: async () => UNSEEN,
  carrying: async () => UNSEEN,
  listeners: async () => UNSEEN,
  connections: async () => UNSEEN,
  usage: async () => UNSEEN,
};

async function script(body: string): Promise<string> {
  const file = join(home.folder, `tool ${Math.random()}`);
  await writeFile(file, `#!/bin/sh\n${body}\n`);
  await chmod(file, 0o755);
  return file;
}

/** A tool that says `ready` when everything it starts is there. */
async function tool(body: string, more: Partial<ToolRun> = {}): Promise<ToolRun> {
  const env = { PATH: process.env.PATH ?? '', HOME: home.folder };
  return { what: 'a test', file: await script(body), args: [], env, ...more };
}

/** Runs it until it has said `ready`; `ended` is what the run gave. */
async function begun(run: ToolRun, tools = t) {
  const ready = Promise.withResolvers<void>();
  const stop = new AbortController();
  const onLine = (line: string): void => {
    if (line === 'ready') ready.resolve();
  };
  const ended = tools.run({ ...run, signal: stop.signal, onLine }).then(
    (result) => ({ result }),
    (error: unknown) => ({ error }),
  );
  await ready.promise;
  return { stop, ended };
}

const records = async (): Promise<string[]> =>
  (await readdir(home.paths.run)).filter((name) => name.endsWith('.tool.json'));

test('it is on record from before it begins until it has ended, with what it may write to', async () => {
  const { stop, ended } = await begun(
    await tool('echo ready; sleep 60', { folder: '/f', job: 'j' }),
  );
  await expect.poll(async () => (await t.records.readAll())[0]?.process?.pid).toBeGreaterThan(1);
  const [record] = await t.records.readAll();
  expect(record).toMatchObject({ what: 'a test', folder: '/f', job: 'j' });
  expect(record?.manager.pid).toBe(process.pid);
  const environment = await readFile(`/proc/${record?.process?.pid}/environ`, 'utf8');
  expect(environment).toContain(`${TOOL_MARK}=${record?.mark.value}`);
  stop.abort();
  expect(await ended).toMatchObject({ error: { code: 'cancelled' } });
  expect(await records()).toEqual([]);
});

test('one that ends by itself gives its code and its output, and leaves no record', async () => {
  const result = await t.run(await tool('echo out; echo err >&2; exit 3'));
  expect(result).toMatchObject({ code: 3, signal: null, stdout: 'out\n', timedOut: false });
  expect(result.output).toContain('err');
  expect(await records()).toEqual([]);
});

test('cancelling ends its children, those that ignore SIGTERM, and those that left its group', async () => {
  const deaf = await script(`trap '' TERM; echo ready; while :; do sleep 1; done`);
  const { stop, ended } = await begun(
    await tool(`sleep 60 & setsid sh -c 'setsid sleep 60 &' ; exec '${deaf}'`),
  );
  await until(
    async () => (await processesNaming(home.folder)).length >= 3 || undefined,
    'its children',
  );
  stop.abort();
  expect(await ended).toMatchObject({ error: { code: 'cancelled' } });
  expect(await processesNaming(home.folder)).toEqual([]);
  expect(await records()).toEqual([]);
});

test('the time limit ends it as well', async () => {
  const result = await t.run(await tool('sleep 60 & wait', { limitMs: 200 }));
  expect(result).toMatchObject({ timedOut: true });
  expect(await processesNaming(home.folder)).toEqual([]);
});

test('what a tool leaves in its group when it ends goes with it', async () => {
  expect(await t.run(await tool('sleep 60 > /dev/null 2>&1 & exit 0'))).toMatchObject({ code: 0 });
  expect(await processesNaming(home.folder)).toEqual([]);
});

test('a program that cannot be executed is told from one that the system could not start', async () => {
  const run = await tool('exit 0');
  await expect(t.run({ ...run, file: '/nowhere/tool' })).rejects.toMatchObject({
    code: 'engine_missing',
  });
  await chmod(run.file, 0o644);
  await expect(t.run(run)).rejects.toMatchObject({ code: 'permission' });
  const huge = { ...run.env, HUGE: 'x'.repeat(4_000_000) };
  await chmod(run.file, 0o755);
  await expect(t.run({ ...run, env: huge })).rejects.toMatchObject({ code: 'internal' });
  expect(await records()).toEqual([]);
});

test('a tool that cannot be put on record is not started, which is no word about the tool', async () => {
  const run = await tool('echo "uv 99.0.0"');
  const blocked = join(home.folder, 'a file');
  await writeFile(blocked, '');
  const one = await createTools(join(blocked, 'run'));
  await expect(one.run(run)).rejects.toThrow(ToolRecordError);
  const uv = new Uv({
    folder: home.paths.cache,
    bundled: run.file,
    requirements: '/nowhere',
    env: run.env,
    run: one.run,
    monotonic: () => 0,
  });
  await expect(uv.ensure()).rejects.toMatchObject({
    message: expect.stringContaining(`${join(blocked, 'run')} can't be used`),
  });
  await expect(askPython(run.file, run.env, one.run)).rejects.toThrow(ToolRecordError);
});

test('the folder of the records is made with the first of them', async () => {
  const one = await createTools(join(home.folder, 'not there yet'));
  await expect(one.run(await tool('exit 0'))).resolves.toMatchObject({ code: 0 });
});

test('without a sight of the processes its end is no proof, and it is tried again until there is one', async () => {
  let sees = false;
  const processes: Processes = {
    ...real,
    list: () => (sees ? real.list() : blind.list()),
    carrying: (name, value) => (sees ? real.carrying(name, value) : blind.carrying(name, value)),
  };
  let told = 0;
  const one = await createTools(home.paths.run, { processes, onLeft: () => told++ });
  const { stop, ended } = await begun(await tool('echo ready; sleep 60', { folder: '/f' }), one);
  stop.abort();
  expect(await ended).toMatchObject({
    error: {
      code: 'in_use',
      message:
        "a test couldn't be ended: can't tell what is left of it (the table cannot be read).",
    },
  });
  expect(told).toBe(1);
  expect(await records()).toHaveLength(1);
  expect(one.tools.heldBy('/f')).toMatch(/^a test may still be working in it: /);
  await one.tools.endLeft();
  expect(one.tools.isClear).toBe(false);
  sees = true;
  await one.tools.endLeft();
  expect(one.tools.isClear).toBe(true);
  expect(one.tools.heldBy('/f')).toBeUndefined();
  expect(await records()).toEqual([]);
  expect(await processesNaming(home.folder)).toEqual([]);
});

/** A process as a dead manager leaves it: with a record, or with one that lacks its identity. */
async function orphan(hasIdentity: boolean): Promise<void> {
  const mark = { name: TOOL_MARK, value: `test-${Math.random()}`.replace('.', '') };
  const env = { PATH: process.env.PATH, HOME: home.folder, [mark.name]: mark.value };
  const file = await script('sleep 60 & exec sleep 60');
  const { pid = 0 } = spawn(file, { detached: true, stdio: 'ignore', env });
  const seen = await real.read(pid);
  const startTime = seen.known ? (seen.value?.startTime ?? '') : '';
  await t.records.write({
    ...{ mark, what: 'uv pip sync', folder: '/f', boot: '' },
    manager: { pid: 999_999, startTime: 'an earlier process' },
    startedAt: '2026-11-23T10:00:00.000Z',
    ...(hasIdentity ? { process: { pid, pgid: pid, startTime } } : {}),
  });
  await expect.poll(async () => (await processesNaming(home.folder)).length).toBe(2);
}

test.each([
  ['with its identity', true],
  ['whose manager was killed before it knew the identity', false],
])('a tool of a dead manager is ended: %s', async (_name, hasIdentity) => {
  await orphan(hasIdentity);
  await t.tools.recover();
  expect(t.tools.heldBy('/f')).toBe(
    'uv pip sync may still be working in it: it was not looked for yet.',
  );
  await t.tools.endLeft();
  expect(t.tools.isClear).toBe(true);
  expect(await processesNaming(home.folder)).toEqual([]);
  expect(await records()).toEqual([]);
});

test('a tool of a manager that is still there is that one’s, and of an earlier boot nothing lives', async () => {
  const manager = spawn('sleep', ['60'], { stdio: 'ignore', env: { HOME: home.folder } });
  try {
    const seen = await real.read(manager.pid ?? 0);
    const startTime = seen.known ? (seen.value?.startTime ?? '') : '';
    const record = {
      mark: { name: TOOL_MARK, value: 'of-another-one' },
      what: 'uv pip sync',
      manager: { pid: manager.pid ?? 0, startTime },
      startedAt: '2026-11-23T10:00:00.000Z',
    };
    await t.records.write({ ...record, boot: '' });
    const old = { ...record.mark, value: 'of-another-boot' };
    await t.records.write({ ...record, mark: old, boot: 'another boot' });
    await t.tools.recover();
    await t.tools.endLeft();
    expect(await records()).toEqual(['of-another-one.tool.json']);
  } finally {
    manager.kill('SIGKILL');
    await rm(join(home.paths.run, 'of-another-one.tool.json'), { force: true });
  }
});

test('what left its group and keeps an output open is found when the tool has ended', async () => {
  const result = await t.run(await tool(`setsid sleep 60 & echo said; exit 0`));
  expect(result).toMatchObject({ code: 0, stdout: 'said\n' });
  expect(await processesNaming(home.folder)).toEqual([]);
});
