import { randomUUID } from 'node:crypto';
import { cp, mkdir, readFile, truncate, writeFile } from 'node:fs/promises';
import http from 'node:http';
import { join } from 'node:path';

import { systemClock } from '@core/ports/clock';
import { adapters, engineAdapter, requestLines } from '@core/engines/adapters';
import type { EngineAdapter } from '@core/engines/adapters/adapter';
import { parseOptions } from '@core/engines/options/options-parser';
import { LogService } from '@core/logs';
import { engineLauncher } from '@core/servers/launch/engine-process';
import { openProcesses } from '@core/processes/open-processes';
import { buildLaunch } from '@core/servers/launch/launch';
import { proveReady } from '@core/servers/health/readiness';
import { type CoreHarness, createCoreHarness, jobEnd } from '@fixtures/core-harness';
import { silentLogger } from '@fixtures/server-harness';
import type { Installation } from '@shared/domain/engine';
import type { ServerProfile } from '@shared/domain/profile';
import type { FailureCode } from '@shared/errors';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ProcessInfo } from '@core/ports/processes';
import { findListeners, readProcess, readTree } from '@fixtures/see-processes';

/** All four engines from the package index, each from the locked list that ships, in one manager. */
let h: CoreHarness;
const installed = new Map<string, Installation>();

beforeAll(async () => {
  h = await createCoreHarness();
});
afterAll(() => h.close());

const ENGINES = adapters.map((adapter) => adapter.id);

/** Options that each tested version understands, all of them; a new version changes these numbers. */
const OPTION_COUNTS: Readonly<Record<string, number>> = {
  'mlx-lm': 26,
  'mlx-vlm': 40,
  'vllm-mlx': 77,
  'mlx-openai-server': 46,
};

/** What each engine is asked for in requests of its own. */
async function chat(server: { url: string; requestModel: string }, stream: boolean) {
  const response = await fetch(`${server.url}/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      model: server.requestModel,
      messages: [{ role: 'user', content: 'hi' }],
      max_tokens: 20,
      stream,
    }),
  });
  return { status: response.status, body: await response.text() };
}

async function treeFrom(pid: number) {
  return await readTree(pid);
}

/** Those that have not ended; one that nobody has waited for yet has. */
async function stillThere(tree: readonly ProcessInfo[]): Promise<string[]> {
  const now = await Promise.all(tree.map(({ pid }) => readProcess(pid)));
  return now.flatMap((info, index) =>
    info && info.state !== 'Z' && info.startTime === tree[index]?.startTime ? [info.command] : [],
  );
}

describe.each(ENGINES)('%s', (engine) => {
  let profile: ServerProfile;

  test('installs from its locked list, passes its self-test, and is in use', async () => {
    const { id } = await h.client.call('engines.install', { engine: engine as 'mlx-lm' });
    await jobEnd(h.client, id);
    const found = (await h.client.call('engines.list')).find((one) => one.engine === engine);
    expect(found).toMatchObject({ state: 'ready', inUse: true, origin: 'managed' });
    const [offered] = (await h.client.call('engines.available', { quick: true })).filter(
      (one) => one.engine === engine,
    );
    expect(found?.version).toBe(offered?.tested);
    const job = (await h.client.call('app.snapshot')).engineJobs.find((one) => one.id === id);
    expect(job?.log.join('\n')).toContain('from its locked list');
    installed.set(engine, found as Installation);
    const lock = join('resources', 'engines', engine, 'linux-x64.txt');
    if (process.platform === 'linux' && process.arch === 'x64') {
      const exact = (await readFile(lock, 'utf8')).match(/^[\w.-]+==[^\s\\;]+/gm) ?? [];
      expect(new Set(found?.packages)).toEqual(new Set(exact));
    }
  }, 900_000);

  test('every option of its --help is read', async () => {
    const installationId = installed.get(engine)?.id ?? '';
    const options = await h.client.call('engines.options', { installationId });
    expect(options).toHaveLength(OPTION_COUNTS[engine] ?? 0);
    const names = Object.keys(engineAdapter(engine).common);
    expect(options.map(({ key }) => key)).toEqual(expect.arrayContaining(names));
    expect(options.every(({ help }) => help !== '' || engine === 'mlx-lm')).toBe(true);
  });

  test('starts, answers plainly and streamed, and stops with nothing left', async () => {
    profile = await h.createProfile({ name: `Chat ${engine}`, engine: engine as 'mlx-lm' });
    await h.client.call('servers.start', { profileId: profile.id });
    const ready = await h.waitFor(profile.id, 'ready', 120_000);
    const tree = await treeFrom(ready.pid ?? 0);
    const listeners = await findListeners(profile.port);
    expect(tree.map(({ pid }) => pid)).toEqual(expect.arrayContaining(listeners));
    expect((await chat(ready, false)).body).toContain('I am the built-in test model');
    const streamed = await chat(ready, true);
    expect(streamed.body.split('data:').length).toBeGreaterThan(5);
    expect((await h.client.call('servers.test', { profileId: profile.id })).text).toContain('I am');
    await h.client.call('servers.stop', { profileId: profile.id });
    expect(await findListeners(profile.port)).toEqual([]);
    expect(await stillThere(tree)).toEqual([]);
  }, 180_000);

  test('with its common options set it still starts, and is given each in its own words', async () => {
    const adapter = engineAdapter(engine);
    const wanted = {
      'max-tokens': 64,
      temperature: 0.5,
      'parallel-requests': 2,
      'prompt-cache-memory': '100MB',
      'context-length': 256,
    };
    const options = Object.fromEntries(
      Object.entries(wanted).filter(([key]) => key in adapter.common),
    );
    await h.client.call('profiles.update', { profileId: profile.id, changes: { options } });
    const { argv } = await h.client.call('profiles.command', { profileId: profile.id });
    for (const key of Object.keys(options)) {
      const flag = adapter.common[key as keyof typeof adapter.common]?.flag;
      expect(argv).toContain(`--${flag}`);
    }
    await h.client.call('servers.start', { profileId: profile.id });
    const ready = await h.waitFor(profile.id, 'ready', 120_000);
    expect((await chat(ready, false)).status).toBe(200);
    await h.client.call('profiles.delete', { profileId: profile.id, stop: true });
  }, 180_000);
});

/** What is wrong in each column of the table, and what must be said of it. */
interface Fault {
  readonly code: FailureCode;
  readonly says: RegExp;
  readonly prepare: (
    port: number,
  ) => Promise<{ model?: string; args?: string[]; end?: () => void }>;
}

const FAULTS: Readonly<Record<string, Fault>> = {
  'the port is taken by another program': {
    code: 'port_in_use',
    says: /port/i,
    prepare: async (port) => {
      const stranger = http.createServer((_, response) => response.end('{}'));
      await new Promise<void>((resolve) => stranger.listen(port, '127.0.0.1', resolve));
      return {
        end: () => {
          stranger.closeAllConnections();
          stranger.close();
        },
      };
    },
  },
  'the model folder is missing': {
    code: 'model_missing',
    says: /no model in the folder|isn't on this machine/,
    prepare: async () => ({ model: join(h.home.folder, 'no such folder') }),
  },
  'the weights are cut off': {
    code: 'model_incomplete',
    says: /damaged/,
    prepare: async () => {
      const model = await copyOfModel('cut off');
      await truncate(join(model, 'model.safetensors'), 100_000);
      return { model };
    },
  },
  'the architecture is unknown': {
    code: 'unsupported_architecture',
    says: /architecture nonsense/,
    prepare: async () => {
      const model = await copyOfModel('unknown');
      const file = join(model, 'config.json');
      const config = JSON.parse(await readFile(file, 'utf8'));
      await writeFile(file, JSON.stringify({ ...config, model_type: 'nonsense' }));
      return { model };
    },
  },
  'an option is unknown': {
    code: 'bad_option',
    says: /--nope/,
    prepare: async () => ({ args: ['--nope'] }),
  },
};

async function copyOfModel(name: string): Promise<string> {
  const source = await h.client.call('models.show', { ref: 'demo' });
  const folder = join(h.home.folder, 'broken models', name);
  await mkdir(folder, { recursive: true });
  await cp(source.path, folder, { recursive: true });
  return folder;
}

/**
 * The engine itself with the fault, without the checks that come before a start in the product (those
 * would answer most of these at once): what is seen is how its own words and exit are understood.
 */
async function runBare(adapter: EngineAdapter, fault: Fault) {
  const installation = installed.get(adapter.id);
  if (!installation) throw new Error(`${adapter.id} was not installed`);
  const port = await h.home.freePort();
  const { model, args = [], end } = await fault.prepare(port);
  const demo = await h.client.call('models.show', { ref: 'demo' });
  const logs = new LogService({
    folder: join(h.home.folder, 'bare logs'),
    settings: () => ({ logFileMegabytes: 10, logFilesKept: 50 }),
    clock: systemClock,
    logger: silentLogger,
    requestLines,
    secretsOf: () => [],
    publish: () => undefined,
    isFollowed: () => false,
  });
  const log = await logs.openRun(adapter.id);
  const modelPath = model ?? demo.path;
  const launch = buildLaunch({
    profile: { host: '127.0.0.1', port, options: {}, env: {}, extraArgs: args },
    adapter,
    installation,
    bin: join(installation.path, 'bin'),
    known: await h.client.call('engines.options', { installationId: installation.id }),
    modelPath,
    baseEnv: { ...process.env, HF_HOME: join(h.home.folder, 'hugging face') },
    cwd: h.home.folder,
  });
  const processes = openProcesses(silentLogger);
  const launcher = engineLauncher(processes, systemClock);
  const child = await launcher.spawn(launch, { logPath: log.path, nonce: randomUUID() });
  try {
    return await proveReady({
      ...{ adapter, process: child, processes, log, host: '127.0.0.1', port, modelPath },
      ...{ deadlineMs: 120_000, clock: systemClock, signal: new AbortController().signal },
      onPhase: () => undefined,
    });
  } finally {
    end?.();
    const { kind } = await child.stop(10_000);
    await log.end('stopped', 'failed');
    await logs.close();
    expect(kind).toBe('gone');
  }
}

describe.each(ENGINES)('%s with a fault of its own', (engine) => {
  test.each(Object.entries(FAULTS))(
    '%s',
    async (_, fault) => {
      const began = performance.now();
      const outcome = await runBare(engineAdapter(engine), fault);
      const seconds = (performance.now() - began) / 1000;
      expect(outcome).toMatchObject({ kind: 'failed', failure: { code: fault.code } });
      if (outcome.kind !== 'failed') return;
      expect(outcome.failure.message).toMatch(fault.says);
      expect(outcome.failure.action).toBeDefined();
      // Not by the deadline: the text or the exit told it.
      expect(seconds).toBeLessThan(60);
    },
    150_000,
  );
});

describe('mlx-openai-server', () => {
  test('its child for the model is measured, noticed when it is killed, and stopped with the rest', async () => {
    const profile = await h.createProfile({ name: 'Family', engine: 'mlx-openai-server' });
    await h.client.call('servers.start', { profileId: profile.id });
    const ready = await h.waitFor(profile.id, 'ready', 120_000);
    const tree = await treeFrom(ready.pid ?? 0);
    expect(tree.length).toBeGreaterThanOrEqual(3);
    const commands = await Promise.all(tree.map(({ pid }) => readProcess(pid)));
    const worker = commands.find((info) => info?.command.includes('spawn_main'));
    if (!worker) throw new Error('there is no child for the model');
    await expect
      .poll(
        async () =>
          (await h.client.call('servers.list')).find(({ profileId }) => profileId === profile.id)
            ?.memoryBytes,
        { timeout: 20_000 },
      )
      .toBeGreaterThan(400_000_000);
    const [first] = await h.client.call('logs.runs', { profileId: profile.id });
    process.kill(worker.pid, 'SIGKILL');
    await h.waitFor(profile.id, 'degraded', 10_000);
    // It makes a new child with the next request, or else is held to be hung and is begun again.
    await h.waitFor(profile.id, 'ready', 150_000);
    const page = await h.client.call('logs.read', {
      profileId: profile.id,
      run: first?.run,
      from: -500,
      limit: 500,
    });
    // The list whole, so that a failure shows what happened instead.
    console.log(
      page.lines
        .map((l) => `${l.time} ${l.text}`)
        .slice(-60)
        .join('\n'),
    );
    expect(page.lines.map(({ text }) => text)).toContainEqual(
      expect.stringMatching(/model process.* ended/),
    );
    const after = await treeFrom(ready.pid ?? 0);
    await h.client.call('servers.stop', { profileId: profile.id });
    expect(await stillThere([...tree, ...after])).toEqual([]);
    expect(await findListeners(profile.port)).toEqual([]);
  }, 300_000);
});

test('the options of every engine are told apart: common ones by one name', async () => {
  const temperature = await Promise.all(
    ENGINES.map(async (engine) => {
      const installationId = installed.get(engine)?.id ?? '';
      const options = await h.client.call('engines.options', { installationId });
      return options.find(({ key }) => key === 'temperature')?.flag;
    }),
  );
  expect(temperature).toEqual(['--temp', undefined, '--default-temperature', '--temperature']);
  expect(parseOptions('', engineAdapter('mlx-lm'))).toEqual([]);
});
