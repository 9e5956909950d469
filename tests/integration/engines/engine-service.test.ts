import { access, chmod, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';

import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { readMachineMemory } from '@core/metrics/machine-memory';
import { openProcesses } from '@core/processes/open-processes';
import { silentLogger } from '@host/host-ports';
import { engineLauncher } from '@core/servers/launch/engine-process';
import { systemClock } from '@core/ports/clock';
import { adapters, engineAdapter, requestLines } from '@core/engines/adapters';
import { EngineService } from '@core/engines/engine-service';
import { LogService } from '@core/logs';
import { writeDemoModel } from '@core/models/demo-model';
import type { DocumentStore, Ports } from '@core/ports';
import { runSelfTest } from '@core/servers/self-test';
import { NoticeBoard } from '@core/notices/notice-board';
import { createTempHome, processesNaming, type TempHome } from '@fixtures/temp-home';
import { createFileVault } from '@host/file-vault';
import type { EngineJob, Installation } from '@shared/domain/engine';
import { DomainError } from '@shared/errors';

import { quietLogger } from './quiet-logger';

let home: TempHome;
let logs: LogService;
let service: EngineService;
let used: { running: string[]; pinned: string[] } = { running: [], pinned: [] };
const published: Installation[][] = [];
const jobs: EngineJob[] = [];

/** A document as hosts keep it, without their durability. */
function fileDocument(file: string): DocumentStore {
  return {
    path: file,
    read: () => readFile(file, 'utf8').catch(() => undefined),
    write: (value) => writeFile(file, JSON.stringify(value)),
  };
}

function createService(
  env: NodeJS.ProcessEnv = process.env,
  changes: Partial<ConstructorParameters<typeof EngineService>[0]> = {},
): EngineService {
  const ports: Ports = {
    host: 'headless',
    version: '0.0.0',
    paths: home.paths,
    resources: path.resolve('resources'),
    clock: systemClock,
    logger: quietLogger,
    vault: createFileVault(path.join(home.paths.home, 'secrets.json')),
    processes: openProcesses(silentLogger),
    machineMemory: readMachineMemory,
    document: (name) => fileDocument(path.join(home.paths.documents, `${name}.json`)),
    env,
  };
  const created: EngineService = new EngineService({
    ports,
    adapters,
    document: ports.document('engines'),
    notices: new NoticeBoard({ clock: systemClock, publish: () => undefined }),
    profiles: () => [],
    selfTest: async (installation, call) => {
      const modelPath = path.join(home.paths.models, 'demo');
      await writeDemoModel(modelPath);
      return runSelfTest({
        adapter: engineAdapter(installation.engine),
        installation,
        bin: created.binOf(installation),
        known: await created.options(installation.id),
        modelPath,
        openLog: () => logs.openRun('selftest'),
        baseEnv: env,
        cwd: home.paths.home,
        clock: systemClock,
        processes: ports.processes,
        launcher: engineLauncher(ports.processes, systemClock),
        ...call,
      });
    },
    publishInstallations: (list) => published.push(list),
    publishJob: (job) => jobs.push(job),
    usedBy: () => used,
    mayWrite: () => true,
    ...changes,
  });
  return created;
}

/** The code of the DomainError that a call rejects with. */
async function codeOf(work: Promise<unknown>): Promise<string> {
  const error = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  return error instanceof DomainError ? error.code : `no DomainError: ${String(error)}`;
}

const exists = (file: string): Promise<boolean> =>
  access(file).then(
    () => true,
    () => false,
  );

async function finish(target: EngineService, job: EngineJob): Promise<EngineJob> {
  return target.waitJob(job.id);
}

beforeAll(async () => {
  home = await createTempHome();
  await mkdir(home.paths.home, { recursive: true });
  logs = new LogService({
    folder: home.paths.logs,
    settings: () => ({ logFileMegabytes: 10, logFilesKept: 5 }),
    clock: systemClock,
    logger: quietLogger,
    requestLines,
    secretsOf: () => [],
    publish: () => undefined,
    isFollowed: () => false,
  });
  service = createService();
  await service.load();
});

afterAll(async () => {
  await service.stop();
  await logs.close();
  await home.close();
});

describe('a real mlx-lm', () => {
  test('is installed, tested with real tokens and put in use', { timeout: 300_000 }, async () => {
    // The installer itself is fetched first: a slow machine has no answer of the index at once.
    const first = async () => (await service.available())[0];
    await expect
      .poll(async () => (await first())?.version ?? '', { timeout: 120_000 })
      .toMatch(/^\d+\.\d+/);
    const available = await first();
    expect(available).toMatchObject({ engine: 'mlx-lm', installed: [], recommended: true });

    const started = await service.install('mlx-lm');
    expect(started.state).toBe('running');
    expect(await codeOf(service.install('mlx-lm'))).toBe('conflict');
    const job = await finish(service, started);
    expect(job.failure).toBeUndefined();
    expect(job).toMatchObject({ state: 'done', fraction: 1, version: available?.version });
    expect(job.phases.map(({ id, state }) => `${id} ${state}`)).toEqual(
      ['tools', 'python', 'packages', 'options', 'self-test', 'use'].map((id) => `${id} done`),
    );
    expect(job.log.join('\n')).toContain('I am the built-in test model');

    const [installation] = service.list();
    expect(installation).toMatchObject({
      id: `mlx-lm-${job.version}`,
      state: 'ready',
      inUse: true,
      origin: 'managed',
      path: path.join(home.paths.engines, 'mlx-lm', job.version ?? ''),
    });
    expect(installation?.packages).toContain(`mlx-lm==${job.version}`);
    expect(installation?.sizeBytes).toBeGreaterThan(50_000_000);
    expect(installation?.optionCount).toBeGreaterThan(15);
    expect(installation?.testedAt).toBeDefined();
    expect(published.at(-1)).toEqual(service.list());
    const fractions = jobs.map(({ fraction }) => fraction);
    expect(fractions).toEqual(fractions.toSorted((a, b) => a - b));
    const options = await service.options(installation?.id ?? '');
    expect(options.find(({ key }) => key === 'max-tokens')?.default).toBe(512);
    expect((await service.usage()).bytes).toBeGreaterThan(50_000_000);
  });

  test('a version that does not exist fails and leaves the working one alone', async () => {
    const before = service.list();
    const job = await finish(service, await service.install('mlx-lm', '99.99.99'));
    expect(job).toMatchObject({ state: 'failed', failure: { code: 'not_found' } });
    expect(job.message).toContain('99.99.99');
    expect(job.phases.find(({ state }) => state === 'failed')?.id).toBe('packages');
    expect(service.list()).toEqual(before);
  });

  test('offline fails at once, says so, and leaves the working one alone', async () => {
    const before = service.list();
    const offline = createService({
      ...process.env,
      UV_DEFAULT_INDEX: 'http://user:secret@127.0.0.1:9/simple',
      UV_FIND_LINKS: '',
    });
    await offline.load();
    const job = await finish(offline, await offline.install('mlx-lm', '0.31.2'));
    expect(job).toMatchObject({ state: 'failed', failure: { code: 'offline' } });
    expect(job.message).toContain('127.0.0.1:9');
    expect(JSON.stringify(job)).not.toContain('secret');
    expect(offline.list()).toEqual(before);
    expect((await offline.available())[0]?.version).toBeNull();
  });

  test('cancelled midway leaves no folder, no entry and no process', {
    timeout: 120_000,
  }, async () => {
    const before = service.list();
    const started = await service.install('mlx-lm', '0.31.3');
    await expect.poll(() => service.list().length).toBe(before.length + 1);
    await service.cancel(started.id);
    const job = service.jobs().find(({ id }) => id === started.id);
    expect(job).toMatchObject({ state: 'cancelled' });
    expect(service.list()).toEqual(before);
    expect(await readdir(path.join(home.paths.engines, 'mlx-lm'))).toHaveLength(1);
    expect(await processesNaming(home.folder)).toEqual([]);
  });

  test('another version stands beside; a failing self-test does not replace; rollback goes back', {
    timeout: 300_000,
  }, async () => {
    const newest = service.inUse('mlx-lm');
    const doubting = createService(process.env, {
      selfTest: async () => ({ passed: false, seconds: 0, problem: 'It said nothing.' }),
    });
    await doubting.load();
    const failed = await finish(doubting, await doubting.install('mlx-lm', '0.31.3'));
    expect(failed).toMatchObject({ state: 'failed', failure: { code: 'engine_broken' } });
    expect(failed.message).toContain('It said nothing.');
    expect(failed.message).toContain(`mlx-lm ${newest?.version} stays in use`);
    expect(doubting.list().map(({ id }) => id)).toEqual([newest?.id]);

    const job = await finish(service, await service.install('mlx-lm', '0.31.3'));
    expect(job.message).toContain('0.31.3');
    expect(job.state).toBe('done');
    expect(service.inUse('mlx-lm')?.version).toBe('0.31.3');
    expect((await service.rollback('mlx-lm')).id).toBe(newest?.id);
    expect(service.inUse('mlx-lm')?.id).toBe(newest?.id);
    expect((await service.use('mlx-lm-0.31.3')).inUse).toBe(true);

    used = { running: ['A'], pinned: ['B', 'C'] };
    const refused = await service.remove('mlx-lm-0.31.3').catch((error: unknown) => error);
    expect(refused).toMatchObject({
      code: 'in_use',
      message: "mlx-lm-0.31.3 can't be removed: A uses it; B, C are pinned to it.",
    });
    used = { running: [], pinned: [] };
    await service.remove('mlx-lm-0.31.3');
    expect(await exists(path.join(home.paths.engines, 'mlx-lm', '0.31.3'))).toBe(false);
    expect(service.inUse('mlx-lm')?.id).toBe(newest?.id);
    expect(await codeOf(service.rollback('mlx-lm'))).toBe('not_found');
  });

  test('installing what is there tests it again and makes no second copy', {
    timeout: 120_000,
  }, async () => {
    const job = await finish(service, await service.update('mlx-lm'));
    expect(job).toMatchObject({ state: 'done' });
    expect(job.message).toContain('was already installed');
    expect(service.list()).toHaveLength(1);
  });

  test('an existing Python and a program of it are registered after the same test', {
    timeout: 120_000,
  }, async () => {
    const managed = service.inUse('mlx-lm');
    const bin = path.join(managed?.path ?? '', 'bin');
    expect(await codeOf(service.register({ engine: 'mlx-lm' }))).toBe('validation');
    const byPython = await service.register({ engine: 'mlx-lm', python: path.join(bin, 'python') });
    const done = await finish(service, byPython);
    expect(done).toMatchObject({ state: 'done', version: managed?.version });
    const registered = service.get(done.installationId ?? '');
    expect(registered).toMatchObject({ origin: 'registered', state: 'ready', inUse: false });

    const command = path.join(bin, 'mlx_lm.server');
    const byCommand = await finish(service, await service.register({ engine: 'mlx-lm', command }));
    expect(byCommand).toMatchObject({ state: 'done', version: managed?.version });
    expect(service.get(byCommand.installationId ?? '')?.command).toBe(command);
    for (const job of [done, byCommand]) await service.remove(job.installationId ?? '');
    expect(await exists(command)).toBe(true);
    expect(service.list()).toHaveLength(1);
  });

  test('a Python without the engine, and a path that is nothing, are refused with a reason', async () => {
    const before = service.list();
    const bare = await finish(
      service,
      await service.register({ engine: 'mlx-lm', python: '/usr/bin/python3' }),
    );
    expect(bare).toMatchObject({ state: 'failed', failure: { code: 'engine_missing' } });
    expect(bare.message).toContain("doesn't have the package mlx-lm");
    const nothing = await finish(
      service,
      await service.register({ engine: 'mlx-lm', command: '/nowhere/server' }),
    );
    expect(nothing.failure?.message).toContain("/nowhere/server isn't an executable program");
    expect(service.list()).toEqual(before);
  });

  test('a damaged installation fails its test, cannot be used, and is rebuilt under its own name', {
    timeout: 300_000,
  }, async () => {
    const before = service.inUse('mlx-lm');
    const id = before?.id ?? '';
    expect(await service.test(id)).toMatchObject({ passed: true });
    const program = path.join(before?.path ?? '', 'bin', 'mlx_lm.server');
    await writeFile(
      program,
      '#!/bin/sh\necho "ModuleNotFoundError: No module named x" >&2; exit 1\n',
    );
    await chmod(program, 0o755);
    expect(await service.test(id)).toMatchObject({ passed: false });
    expect(service.get(id)).toMatchObject({ state: 'broken', inUse: true });
    expect(await codeOf(service.use(id))).toBe('conflict');

    const job = await finish(service, await service.install('mlx-lm'));
    expect(job.state).toBe('done');
    expect(service.list()).toHaveLength(1);
    expect(service.inUse('mlx-lm')).toMatchObject({ id, state: 'ready' });
    const [folder, ...others] = await readdir(path.join(home.paths.engines, 'mlx-lm'));
    expect(others).toEqual([]);
    expect(service.get(id)?.path).toBe(path.join(home.paths.engines, 'mlx-lm', folder ?? ''));
  });

  test('one that cannot run is rebuilt: same version, same name, the old one kept until the new one works', {
    timeout: 300_000,
  }, async () => {
    const before = service.inUse('mlx-lm');
    const id = before?.id ?? '';
    await rm(path.join(before?.path ?? '', 'bin', 'python'));
    expect(await service.getChecked(id)).toMatchObject({ state: 'broken' });

    used = { running: ['A'], pinned: ['B'] };
    await expect(service.reinstall(id)).rejects.toMatchObject({
      code: 'in_use',
      message: `Stop A before reinstalling ${id}.`,
    });
    used = { running: [], pinned: ['B'] };
    const doubting = createService(process.env, {
      selfTest: async () => ({ passed: false, seconds: 0, problem: 'It said nothing.' }),
    });
    await doubting.load();
    const failed = await finish(doubting, await doubting.reinstall(id));
    expect(failed).toMatchObject({ state: 'failed', kind: 'reinstall', installationId: id });
    expect(doubting.list().map((one) => [one.id, one.path])).toEqual([[id, before?.path]]);
    expect(await exists(before?.path ?? '')).toBe(true);
    await doubting.stop();

    const job = await finish(service, await service.reinstall(id));
    expect(job).toMatchObject({ state: 'done', kind: 'reinstall', installationId: id });
    expect(job.message).toBe(`mlx-lm ${before?.version} was reinstalled and passed its self-test.`);
    const after = service.inUse('mlx-lm');
    expect(after).toMatchObject({ id, state: 'ready', version: before?.version });
    expect(after?.packages).toEqual(before?.packages);
    expect(await exists(before?.path ?? '')).toBe(false);
    expect(await service.test(id)).toMatchObject({ passed: true });
    used = { running: [], pinned: [] };
  });

  test('the next start knows everything again and cleans what a dead installer left', async () => {
    const file = path.join(home.paths.documents, 'engines.json');
    const stored = JSON.parse(await readFile(file, 'utf8'));
    const half = path.join(home.paths.engines, 'mlx-lm', '0.1.0');
    await mkdir(path.join(half, 'bin'), { recursive: true });
    const entry = {
      ...stored.installations[0],
      id: 'mlx-lm-0.1.0',
      path: half,
      state: 'installing',
    };
    entry.installer = { pid: process.pid, startTime: 'an earlier process of this number' };
    stored.installations.push(entry);
    const python = path.join(home.folder, 'python');
    await writeFile(python, '');
    stored.installations.push({ ...entry, id: 'r', origin: 'registered', path: python });
    await writeFile(file, JSON.stringify(stored));

    const next = createService();
    await next.load();
    expect(next.list()).toEqual(service.list());
    expect(await exists(half)).toBe(false);
    expect(await exists(python), 'what is registered is never deleted').toBe(true);
  });

  test('all of it can be removed', async () => {
    await service.removeAll();
    expect(service.list()).toEqual([]);
    expect(await exists(home.paths.engines)).toBe(false);
    expect(await service.usage()).toEqual({ bytes: 0, count: 0 });
  });
});
