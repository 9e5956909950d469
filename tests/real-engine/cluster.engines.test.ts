import { randomUUID } from 'node:crypto';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { execa } from 'execa';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';

import { systemClock } from '@core/ports/clock';
import { clusterLaunch, startingPortOf } from '@core/servers/cluster/cluster-launch';
import { checkHosts, type HostCheckInput } from '@core/servers/cluster/host-check';
import { type HostShell, openHostShell } from '@core/servers/cluster/host-shell';
import { findClusterFailure } from '@core/engines/adapters/rank-log';
import { endRanks, findRanks, type HostRanks } from '@core/servers/cluster/remote-ranks';
import { mlxLm } from '@core/engines/adapters/mlx-lm';
import { demoModelFiles } from '@core/models/demo-model';
import { engineLauncher } from '@core/servers/launch/engine-process';
import type { ServerProcess } from '@core/servers/launch/server-process';
import { openProcesses } from '@core/processes/open-processes';
import { silentLogger } from '@host/host-ports';
import { buildLaunch, ownEnv } from '@core/servers/launch/launch';
import { type CoreHarness, createCoreHarness, jobEnd } from '@fixtures/core-harness';
import { createTwoHosts, type TwoHosts, whyNoTwoHosts } from '@fixtures/two-hosts';
import { Cluster, machinesOf } from '@shared/domain/cluster';

/** mlx.launch and mlx_lm.server from the package index, over two ranks here and over two hosts. */
let h: CoreHarness;
let bin: string;
let model: string;
/** Where the launcher makes its small files; it cannot cope with a space in the path. */
let temporary: string;

beforeAll(async () => {
  h = await createCoreHarness();
  temporary = await mkdtemp(join(tmpdir(), 'mm-ranks-'));
  const job = await h.client.call('engines.install', { engine: 'mlx-lm' });
  await jobEnd(h.client, job.id);
  const installed = await h.client.call('engines.list');
  const engine = installed.find((one) => one.inUse && one.engine === 'mlx-lm');
  if (!engine) throw new Error('mlx-lm was not installed.');
  bin = join(engine.path, 'bin');
  model = await writeModel(join(h.home.folder, 'a $(model) folder'), 2);
}, 600_000);

afterAll(async () => {
  await h.close();
  await rm(temporary, { recursive: true, force: true });
});

/** The built-in model with so many attention heads: tensor parallelism shares them out. */
async function writeModel(folder: string, heads: number): Promise<string> {
  await mkdir(folder, { recursive: true });
  for (const [name, content] of demoModelFiles()) await writeFile(join(folder, name), content);
  const file = join(folder, 'config.json');
  const config = JSON.parse(await readFile(file, 'utf8')) as { head_dim: number } & Record<
    string,
    number
  >;
  const size = config.head_dim * (config.num_attention_heads ?? 1);
  const changed = {
    num_attention_heads: heads,
    num_key_value_heads: heads,
    head_dim: size / heads,
  };
  await writeFile(file, JSON.stringify({ ...config, ...changed }));
  return folder;
}

interface Run {
  readonly process: ServerProcess;
  readonly nonce: string;
  readonly port: number;
  readonly cluster: Cluster;
  /** What it says to a chat; `no answer` when there is none. */
  chat(): Promise<string>;
  /** The cause in its log; empty when it names none. */
  failure(): Promise<string>;
}

interface Place {
  readonly cluster: Cluster;
  readonly shell: HostShell;
  /** Words before every command. */
  readonly near: readonly string[];
  readonly env: Record<string, string>;
}

const runs: (Run & { readonly place: Place })[] = [];

async function start(
  place: Place,
  changes: { model?: string; program?: string } = {},
): Promise<Run> {
  const port = await h.home.freePort();
  const nonce = randomUUID();
  const profile = { host: '127.0.0.1', port, options: {}, env: {}, extraArgs: [] };
  const single = buildLaunch({
    profile,
    adapter: mlxLm,
    installation: changes.program === undefined ? {} : { command: changes.program },
    bin,
    known: [],
    modelPath: changes.model ?? model,
    baseEnv: { ...process.env, TMPDIR: temporary, ...place.env },
    cwd: h.home.folder,
  });
  const { launch, hostfile } = clusterLaunch({
    launch: single,
    cluster: place.cluster,
    bin,
    env: ownEnv({ adapter: mlxLm, profile }),
    nonce,
    hostfile: join(h.home.folder, `hosts ${port}.json`),
    startingPort: startingPortOf(port),
  });
  if (hostfile) await writeFile(hostfile.path, hostfile.content);
  const log = join(h.home.folder, `${port}.log`);
  const [file = launch.file, ...args] = [...place.near, launch.file, ...launch.args];
  const run: Run = {
    process: await engineLauncher(openProcesses(silentLogger), systemClock).spawn(
      { ...launch, file, args },
      { logPath: log, nonce: randomUUID() },
    ),
    nonce,
    port,
    cluster: place.cluster,
    chat: () => chat(place.near, port),
    failure: async () => {
      const text = stripVTControlCharacters(await readFile(log, 'utf8'));
      const lines = text.split('\n').map((line, n) => {
        return { n, time: '', source: 'engine' as const, text: line };
      });
      return findClusterFailure(place.cluster, mlxLm.failures, lines)?.message ?? '';
    },
  };
  runs.push({ ...run, place });
  return run;
}

const CHAT = `
  const body = JSON.stringify({ messages: [{ role: 'user', content: 'hi' }], max_tokens: 20 });
  const url = 'http://127.0.0.1:' + process.argv[1] + '/v1/chat/completions';
  const headers = { 'content-type': 'application/json' };
  const answer = await fetch(url, { method: 'POST', headers, body, signal: AbortSignal.timeout(5000) });
  console.log((await answer.json()).choices[0].message.content);
`;

async function chat(near: readonly string[], port: number): Promise<string> {
  const node = [process.execPath, '--input-type=module', '-e', CHAT, String(port)];
  const [file = '', ...args] = [...near, ...node];
  const { exitCode, stdout } = await execa(file, args, { reject: false });
  return exitCode === 0 ? stdout : 'no answer';
}

async function ready(run: Run): Promise<void> {
  await expect.poll(run.chat, { timeout: 90_000, interval: 500 }).toContain('built-in test model');
}

const machines = (run: Run) => machinesOf(run.cluster);

/** Processes by machine. */
async function found(run: Run, shell: HostShell): Promise<string[][]> {
  const hosts = await findRanks(machines(run), run.nonce, { shell });
  return hosts.map((host: HostRanks) => {
    if (!host.reached) throw new Error(host.text);
    return host.processes.map(({ command }) => command);
  });
}

const isLauncher = (command: string): boolean => command.includes('mlx.launch');
const isRank = (command: string): boolean =>
  /mlx_lm\.server/.test(command) && !isLauncher(command) && !command.includes('LogLevel=QUIET');
const ofServer = (commands: readonly string[] | undefined): string[] =>
  (commands ?? []).filter(isRank);

/** Sends the signal to the processes of one machine that fit, as somebody else would. */
async function kill(
  run: Run,
  shell: HostShell,
  near: readonly (readonly string[])[],
  machine: number,
  which: (command: string) => boolean,
): Promise<number> {
  const [host] = (await findRanks(machines(run), run.nonce, { shell })).slice(machine, machine + 1);
  if (!host?.reached) throw new Error('not reached');
  const pids = host.processes.filter(({ command }) => which(command)).map(({ pid }) => String(pid));
  const [file = '', ...args] = [...(near[machine] ?? []), 'kill', '-9', ...pids];
  await execa(file, args);
  return pids.length;
}

async function stopAll(): Promise<void> {
  for (const run of runs.splice(0)) {
    await run.process.stop(3000);
    const ends = await endRanks(machines(run), run.nonce, 3000, { shell: run.place.shell });
    expect(ends.map(({ gone, text }) => (gone ? 'gone' : text))).toEqual(ends.map(() => 'gone'));
  }
}

describe('two ranks on this machine', () => {
  const cluster = Cluster.parse({ ranks: 2 });
  const shell = openHostShell({ env: process.env });
  const place: Place = { cluster, shell, near: [], env: {} };
  afterEach(stopAll);

  test('start, chat, stop: nothing is left', async () => {
    const run = await start(place);
    await ready(run);
    const [here] = await found(run, shell);
    expect(here?.filter(isLauncher)).toHaveLength(1);
    expect(ofServer(here)).toHaveLength(2);
    expect(await run.failure()).toBe('');
    await run.process.stop(3000);
    expect(await found(run, shell)).toEqual([[]]);
  });

  test('a rank killed: the launcher exits 0 and ends the other, the log names the rank', async () => {
    const run = await start(place);
    await ready(run);
    const [first] = (await findRanks(machines(run), run.nonce, { shell })).flatMap((host) =>
      host.reached ? host.processes.filter(({ command }) => isRank(command)) : [],
    );
    process.kill(first?.pid ?? 0, 'SIGKILL');
    expect(await run.process.exited).toEqual({ code: 0, signal: null });
    expect(await run.failure()).toMatch(/^Rank [01] on this machine was killed/);
    expect(await found(run, shell)).toEqual([[]]);
  });

  test('the launcher killed: the ranks stay, and are found and ended', async () => {
    const run = await start(place);
    await ready(run);
    await kill(run, shell, [], 0, isLauncher);
    await run.process.exited;
    // They hold memory and the port, but cannot answer: what they log to is gone.
    expect(await run.chat()).toBe('no answer');
    expect(ofServer((await found(run, shell))[0])).toHaveLength(2);
    const [end] = await endRanks(machines(run), run.nonce, 3000, { shell });
    expect(end).toMatchObject({ gone: true, killed: false });
  });

  test('more ranks than attention heads: said in words', async () => {
    const run = await start(place, { model: await writeModel(join(h.home.folder, 'one head'), 1) });
    await expect
      .poll(
        async () => {
          await run.chat();
          return run.failure();
        },
        { timeout: 60_000, interval: 500 },
      )
      .toContain('fewer attention heads than ranks');
  });

  test('a stranger with another nonce is left alone', async () => {
    const other = randomUUID();
    const stranger = execa('sleep', ['60'], {
      env: { MLX_MANAGER_SERVER: other },
      reject: false,
    });
    try {
      const run = await start(place);
      await endRanks(machines(run), run.nonce, 1000, { shell });
      expect(await found(run, shell)).toEqual([[]]);
      expect(await found({ ...run, nonce: other }, shell)).toEqual([['sleep 60']]);
    } finally {
      stranger.kill();
      await stranger;
    }
  });
});

const blocked = whyNoTwoHosts();
if (blocked !== undefined) console.log(`Two hosts are not tested: ${blocked}.`);

describe.skipIf(blocked !== undefined)(`two hosts${blocked ? ` (${blocked})` : ''}`, () => {
  let hosts: TwoHosts;
  let place: Place;
  let shell: HostShell;
  /** Looks at the far machine without ssh. */
  let inside: HostShell;
  let input: HostCheckInput;

  beforeAll(async () => {
    hosts = await createTwoHosts();
    shell = openHostShell({ env: process.env, ssh: hosts.ssh, sh: hosts.sh });
    inside = openHostShell({ env: process.env, sh: [...hosts.far, 'sh'] });
    const cluster = clusterWith('studio');
    const path = `${hosts.bin}:${process.env.PATH ?? ''}`;
    place = { cluster, shell, near: hosts.near, env: { PATH: path } };
    input = {
      cluster,
      program: join(bin, 'mlx_lm.server'),
      python: join(bin, 'python'),
      packages: ['mlx-lm', 'mlx'],
      modelPath: model,
    };
  });
  afterEach(stopAll);
  afterAll(async () => {
    await hosts?.close();
  });

  const clusterWith = (ssh: string, address = hosts.addresses.far): Cluster =>
    Cluster.parse({
      hosts: [
        { name: 'This Mac', ssh: null, addresses: [hosts.addresses.near] },
        { name: 'Studio', ssh, addresses: [address] },
      ],
    });

  const onFar = async (...words: string[]): Promise<void> => {
    const [file = '', ...args] = [...hosts.far, ...words];
    await execa(file, args);
  };

  const checkFar = async (changes: Partial<HostCheckInput> = {}) => {
    const [here, there] = await checkHosts({ ...input, ...changes }, { shell });
    return { here, there, failed: there?.checks.find(({ ok }) => !ok) };
  };

  /** Without asking over ssh: what really runs on the far machine. */
  const reallyThere = async (run: Run): Promise<number> => {
    const [host] = await findRanks([{ name: 'Studio', ssh: null }], run.nonce, { shell: inside });
    return host?.reached ? host.processes.length : -1;
  };

  describe('the check before a start', () => {
    test('all is well', async () => {
      const { here, there } = await checkFar();
      expect(here).toMatchObject({ host: 'This Mac', ok: true });
      expect(there).toMatchObject({ host: 'Studio', ok: true });
      expect(there?.checks.map(({ id }) => id)).toEqual([
        'reachable',
        'address',
        'engine',
        'model',
      ]);
    });

    test.each([
      ['unknown-key', "isn't known to this machine yet", 'ssh unknown-key once in a terminal'],
      ['changed-key', 'has a different host key', 'ssh-keygen -R changed-key'],
      ['no-key', "doesn't accept this machine's ssh keys", 'ssh-copy-id no-key'],
      ['refused', "doesn't accept ssh connections", 'Remote Login'],
      ['absent', 'No network route', 'on, awake'],
      ['silent', "didn't respond in time", 'on, awake'],
      ['no-name', "can't be found", 'IP address'],
    ])('%s', async (ssh, text, fix) => {
      const { here, there } = await checkFar({ cluster: clusterWith(ssh) });
      expect(here?.ok).toBe(true);
      expect(there?.checks).toHaveLength(1);
      expect(there?.checks[0]).toMatchObject({ id: 'reachable', ok: false });
      expect(there?.checks[0]?.text).toContain(text);
      expect(there?.checks[0]?.fix).toContain(fix);
    });

    test('the model is missing, or another one', async () => {
      await onFar('mount', '-t', 'tmpfs', 'tmpfs', model);
      try {
        expect((await checkFar()).failed?.text).toContain('0 bytes in 0 files');
        await onFar(
          'sh',
          '-c',
          `echo half > '${model.replaceAll("'", `'\\''`)}/model.safetensors'`,
        );
        expect((await checkFar()).failed).toMatchObject({ id: 'model', fix: expect.any(String) });
      } finally {
        await onFar('umount', model);
      }
      const nowhere = await checkFar({ modelPath: `${model} which is not` });
      expect(nowhere.failed?.text).toBe("The model isn't on this machine.");
    });

    test('the engine is missing', async () => {
      await onFar('mount', '-t', 'tmpfs', 'tmpfs', bin);
      try {
        const { failed } = await checkFar();
        expect(failed).toMatchObject({ id: 'engine' });
        expect(failed?.fix).toMatch(/^Install mlx-lm \d/);
      } finally {
        await onFar('umount', bin);
      }
    });

    test('another address', async () => {
      const { failed } = await checkFar({ cluster: clusterWith('studio', '10.77.31.7') });
      expect(failed?.text).toBe("10.77.31.7 doesn't belong to Studio.");
      expect(failed?.fix).toBe(`It has ${hosts.addresses.far}.`);
    });

    test('can be cancelled, and has a limit', async () => {
      const cluster = clusterWith('silent');
      const abort = new AbortController();
      // While the machine is asked that says nothing.
      const asked: HostShell = (machine, ...rest) => {
        if (machine.ssh !== null) setImmediate(() => abort.abort());
        return shell(machine, ...rest);
      };
      const check = checkHosts({ ...input, cluster }, { shell: asked, signal: abort.signal });
      await expect(check).rejects.toMatchObject({ code: 'cancelled' });
      const began = Date.now();
      const [, there] = await checkHosts({ ...input, cluster }, { shell, limitMs: 300 });
      expect(there?.checks[0]?.text).toContain("didn't respond in time");
      // Before ssh gives up by itself.
      expect(Date.now() - began).toBeLessThan(5000);
    });
  });

  test('start, chat, stop: nothing is left on either', async () => {
    const run = await start(place);
    await ready(run);
    const [near, far] = await found(run, shell);
    expect(ofServer(near)).toHaveLength(1);
    expect(ofServer(far)).toHaveLength(1);
    await run.process.stop(3000);
    const ends = await endRanks(machines(run), run.nonce, 3000, { shell });
    expect(ends.map(({ host, gone }) => [host, gone])).toEqual([
      ['This Mac', true],
      ['Studio', true],
    ]);
    expect(await reallyThere(run)).toBe(0);
    expect(await found(run, shell)).toEqual([[], []]);
  });

  test('the far rank killed: the near one ends, and the log names the host', async () => {
    const run = await start(place);
    await ready(run);
    expect(await kill(run, shell, [hosts.near, hosts.far], 1, isRank)).toBe(1);
    expect((await run.process.exited).code).toBe(0);
    expect(await run.failure()).toBe('Rank 1 on Studio ended, or the ssh connection to it broke.');
    expect(await found(run, shell)).toEqual([[], []]);
  });

  test('the launcher killed: both ranks stay, and are ended on both', async () => {
    const run = await start(place);
    await ready(run);
    await kill(run, shell, [hosts.near, hosts.far], 0, isLauncher);
    const [near, far] = await found(run, shell);
    expect([ofServer(near).length, ofServer(far).length]).toEqual([1, 1]);
    const ends = await endRanks(machines(run), run.nonce, 3000, { shell });
    expect(ends.every(({ gone }) => gone)).toBe(true);
    expect(await reallyThere(run)).toBe(0);
  });

  test('the cable pulled: the stop says what it could not prove, and proves it later', async () => {
    const run = await start(place);
    await ready(run);
    hosts.link(false);
    try {
      await run.process.stop(3000);
      const [near, far] = await endRanks(machines(run), run.nonce, 3000, { shell });
      expect(near?.gone).toBe(true);
      expect(far).toMatchObject({ host: 'Studio', gone: false });
      expect(far?.text).toContain("Can't tell whether processes of this server are left on Studio");
      expect(await reallyThere(run)).toBeGreaterThan(0);
    } finally {
      hosts.link(true);
    }
    const [, far] = await endRanks(machines(run), run.nonce, 3000, { shell });
    expect(far).toMatchObject({ host: 'Studio', gone: true });
    expect(await reallyThere(run)).toBe(0);
  });

  test('a stopped rank is killed', async () => {
    const run = await start(place);
    await ready(run);
    const [, far] = await findRanks(machines(run), run.nonce, { shell });
    if (!far?.reached) throw new Error('not reached');
    await onFar('kill', '-STOP', ...far.processes.map(({ pid }) => String(pid)));
    await run.process.stop(3000);
    const ends = await endRanks(machines(run), run.nonce, 2000, { shell });
    expect(ends.every(({ gone }) => gone)).toBe(true);
    expect(await reallyThere(run)).toBe(0);
  });

  test('ssh that cannot get there ends the start, and says so', async () => {
    const run = await start({ ...place, cluster: clusterWith('unknown-key') });
    expect((await run.process.exited).code).toBe(0);
    expect(await run.failure()).toBe("Couldn't reach Studio over ssh to start rank 1.");
    runs.splice(0);
    const near = { name: 'This Mac', ssh: null };
    expect(await found({ ...run, cluster: place.cluster }, shell)).toEqual([[], []]);
    expect((await endRanks([near], run.nonce, 1000, { shell }))[0]?.gone).toBe(true);
  });

  test('the model is not on the far machine', async () => {
    await onFar('mount', '-t', 'tmpfs', 'tmpfs', model);
    try {
      const run = await start(place);
      await expect.poll(run.failure, { timeout: 60_000, interval: 500 }).toContain('config.json');
    } finally {
      await onFar('umount', '-l', model);
    }
  });
});
