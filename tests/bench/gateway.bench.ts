import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';
import { performance } from 'node:perf_hooks';

import type { Client } from '@shared/rpc/client';

import { jobEnd } from '../fixtures/core-harness';
import { type ManagerProcess, startManager } from '../fixtures/manager-process';
import { loadRequests, loadStreams, pin, type StreamsResult, unpin } from './gateway/load';
import { type Peers, type Passer, startPeers } from './gateway/peers';
import { type BenchTable, median, pause, spread, usageOf } from './measure';

const ENGINE = resolve('tests/bench/gateway/engine.mjs');
const BLOCK = resolve('tests/bench/gateway/block-loop.mjs');
/** The first of them warms up and does not count. */
const ROUNDS = Number(process.env.GATEWAY_BENCH_ROUNDS ?? 6);
const SECONDS = 2;

/** The manager as `serve` runs it, with a key, records and a context limit, before an engine that costs next to nothing. */
interface Bench {
  readonly manager: ManagerProcess;
  readonly client: Client;
  readonly enginePort: number;
  readonly enginePid: number;
  readonly headers: Readonly<Record<string, string>>;
  /** The engine itself, ours, and the peers; the first of the peers twice, to tell what a difference of nothing is. */
  readonly proxies: readonly Passer[];
  readonly peers: Peers;
}

/** The gateway's cost against other proxies before the same engine. */
export async function run(): Promise<BenchTable> {
  const manager = await startManager({
    offline: true,
    gatewayPort: 0,
    env: { NODE_OPTIONS: `--import=${BLOCK}` },
  });
  try {
    const bench = await prepare(manager);
    try {
      return await measure(bench);
    } finally {
      await bench.peers.close();
    }
  } finally {
    await manager.close();
  }
}

async function measure(bench: Bench): Promise<BenchTable> {
  const isPinned = await pin(bench.manager.pid, bench.enginePid);
  const rows = [
    ...(await requests(bench, 32, 'json')),
    ...(await requests(bench, 1, 'json')),
    ...(await requests(bench, 32, undefined)),
    ...(await requests(bench, 32, 'stream')),
    ...(await streams(bench, 1, 300, 5)),
    ...(await streams(bench, 32, 150, 20)),
    ...(await ours(bench)),
  ];
  const absent = bench.peers.absent;
  return {
    name: [
      `Gateway before a quick engine (${ROUNDS - 1} rounds, median and range; ratios are ours/peer of the same round;`,
      `${isPinned ? 'measured program on one core, engine and load on another' : 'not pinned: no taskset here'};`,
      `absent: ${absent.length === 0 ? 'none' : absent.join(', ')})`,
    ].join(' '),
    rows: [['load', 'measure', 'of', 'measured', 'ours/it'], ...rows],
  };
}

async function prepare(manager: ManagerProcess): Promise<Bench> {
  const client = await manager.client();
  const job = await client.call('engines.register', { engine: 'mlx-lm', command: ENGINE });
  await jobEnd(client, job.id);
  const { profile } = await client.call('profiles.createLocal', {
    name: 'bench',
    model: 'demo',
    start: 'request',
  });
  const { key } = await client.call('gateway.addKey', { name: 'bench' });
  const headers = { Authorization: `Bearer ${key}`, 'User-Agent': 'OpenAI/Python 3.57.0' };
  const port = await gatewayPort(client);
  // Also the request that starts it.
  const first = { port, headers, body: bodyOf('json'), connections: 1, seconds: 0 };
  const { errors, sample } = await loadRequests(first);
  if (errors > 0) throw new Error(sample);
  const server = (await client.call('servers.list')).find((one) => one.profileId === profile.id);
  if (server?.pid === undefined) throw new Error(`The engine is ${server?.state}.`);
  const peers = await startPeers(`${manager.home.folder}/peers`, profile.port);
  const direct = { name: 'engine itself', port: profile.port, pid: undefined };
  const own = { name: 'gateway', port, pid: manager.pid };
  const [peer] = peers.proxies;
  const again = peer ? [{ ...peer, name: `${peer.name} again` }] : [];
  const proxies = [direct, own, ...peers.proxies, ...again];
  return {
    manager,
    client,
    headers,
    proxies,
    peers,
    enginePort: profile.port,
    enginePid: server.pid,
  };
}

async function gatewayPort(client: Client): Promise<number> {
  for (;;) {
    const { state, port } = await client.call('gateway.status');
    if (state === 'listening') return port;
    await pause(20);
  }
}

const WORDS =
  'Tell me in a few words what a gateway is good for, and what it should never do. '.repeat(2);

/** A body of about 400 bytes. */
function bodyOf(bench: unknown, isStream = false): string {
  return JSON.stringify({
    model: 'bench',
    messages: [
      { role: 'system', content: 'You are brief.' },
      { role: 'user', content: WORDS },
    ],
    temperature: 0.5,
    max_tokens: 64,
    stream: isStream,
    bench,
  });
}

/** One number of each proxy, round after round. */
class Rounds {
  readonly #values = new Map<string, number[]>();

  add(proxy: Passer, value: number): void {
    const values = this.#values.get(proxy.name) ?? [];
    this.#values.set(proxy.name, [...values, value]);
  }

  /** Without the round that warms up; `less` is taken from each, as what the way without a proxy takes. */
  rows(load: string, measure: string, bench: Bench, digits: number, less?: string): string[][] {
    const of = (name: string): number[] => {
      const base = less === undefined ? [] : (this.#values.get(less) ?? []);
      return (this.#values.get(name) ?? [])
        .map((value, round) => value - (base[round] ?? 0))
        .slice(1);
    };
    const own = of('gateway');
    return bench.proxies.flatMap(({ name }) => {
      const values = of(name);
      if (values.length === 0 || name === less) return [];
      const isAgain = name.endsWith(' again');
      const compared = isAgain ? of(name.slice(0, -' again'.length)) : own;
      const ratios = values.map((value, round) => (compared[round] ?? Number.NaN) / value);
      const ratio = name === 'gateway' ? '' : spread(ratios, 2);
      return [[load, measure, name, spread(values, digits), isAgain ? `A/A ${ratio}` : ratio]];
    });
  }
}

async function requests(
  bench: Bench,
  connections: number,
  kind: 'json' | 'stream' | undefined,
): Promise<string[][]> {
  const cpu = new Rounds();
  const time = new Rounds();
  const body = kind === 'stream' ? bodyOf(undefined, true) : bodyOf(kind);
  for (let round = 0; round < ROUNDS; round++) {
    for (const proxy of bench.proxies) {
      await pin(proxy.pid, bench.enginePid);
      const { port, pid } = proxy;
      const before = pid === undefined ? undefined : await usageOf(pid);
      const order = { port, headers: bench.headers, body, connections, seconds: SECONDS };
      const result = await loadRequests(order);
      if (result.errors > 0) throw new Error(`${proxy.name}: ${result.sample}`);
      time.add(proxy, result.p50Us);
      if (pid === undefined || before === undefined) continue;
      cpu.add(proxy, (1000 * ((await usageOf(pid)).cpuMs - before.cpuMs)) / result.requests);
    }
  }
  const what = {
    json: 'answers of one piece',
    stream: 'streams of 8 tokens in one piece',
    none: 'whole answers (the engine streams 8 tokens to us)',
  }[kind ?? 'none'];
  const load = `${what}, ${connections} at once`;
  return [
    ...cpu.rows(load, 'CPU us', bench, 0),
    ...time.rows(load, 'added p50 us', bench, 0, 'engine itself'),
  ];
}

async function streams(
  bench: Bench,
  count: number,
  chunks: number,
  gapMs: number,
): Promise<string[][]> {
  const [p50, p99, cpu] = [new Rounds(), new Rounds(), new Rounds()];
  const body = bodyOf({ chunks, gapMs }, true);
  for (let round = 0; round < ROUNDS; round++) {
    for (const proxy of bench.proxies) {
      await pin(proxy.pid, bench.enginePid);
      const { port, pid } = proxy;
      const before = pid === undefined ? undefined : await usageOf(pid);
      const order = { port, headers: bench.headers, body, streams: count, gapMs };
      const result = await loadStreams(order);
      complete(result, count * chunks, proxy.name);
      p50.add(proxy, result.p50Us);
      p99.add(proxy, result.p99Us / 1000);
      if (pid === undefined || before === undefined) continue;
      cpu.add(proxy, (1000 * ((await usageOf(pid)).cpuMs - before.cpuMs)) / result.chunks);
    }
  }
  const load = `${count} streams, a token each ${gapMs} ms`;
  return [
    ...p50.rows(load, 'delay p50 us', bench, 0, 'engine itself'),
    ...p99.rows(load, 'delay p99 ms', bench, 2),
    ...cpu.rows(load, 'CPU us a token', bench, 0),
  ];
}

/** Every chunk came, in its order. */
function complete(result: StreamsResult, chunks: number | undefined, name: string): void {
  const { errors, disorder, idleLost } = result;
  const isShort = chunks !== undefined && result.chunks !== chunks;
  if (errors + disorder + idleLost > 0 || isShort)
    throw new Error(`${name}: ${JSON.stringify(result)}`);
}

/** What has no peer: limits of our own. */
async function ours(bench: Bench): Promise<string[][]> {
  const { manager, headers, client } = bench;
  const port = await gatewayPort(client);
  const rows: string[][] = [];
  const row = (load: string, measure: string, measured: string, limit: string): void => {
    rows.push([load, measure, 'gateway', measured, limit]);
  };
  const run = (
    streams: number,
    chunks: number,
    gapMs: number,
    more = {},
  ): Promise<StreamsResult> => {
    const body = bodyOf({ chunks, gapMs }, true);
    return loadStreams({ port, headers, body, streams, gapMs, ...more }, false);
  };

  const many = await run(1, 10_000, 1);
  complete(many, 10_000, '10,000 chunks');
  const apart = `${many.reads - many.severalAtOnce} of ${many.reads} reads had one`;
  row('one stream of 10,000 tokens, 1 ms apart', 'all, in order', apart, '');

  // From here on the manager's two loops may have a core each, as they have where people run it.
  await unpin(manager.pid, bench.enginePid);
  const [quiet, blocked]: [number[], number[]] = [[], []];
  for (let round = 0; round < ROUNDS; round++) {
    const still = await run(32, 150, 20);
    const busy = run(32, 150, 20);
    await pause(500);
    process.kill(manager.pid, 'SIGUSR2');
    const result = await busy;
    for (const one of [still, result]) complete(one, 32 * 150, 'while the loop is blocked');
    quiet.push(still.p99Us / 1000);
    blocked.push(result.p99Us / 1000);
  }
  const ratios = blocked.slice(1).map((value, index) => value / (quiet[index + 1] ?? Number.NaN));
  row('32 streams', 'delay p99 ms', spread(quiet.slice(1), 2), '');
  row(
    "the same, the manager's own loop busy for 2 of 3 s",
    'delay p99 ms',
    spread(blocked.slice(1), 2),
    '',
  );
  row('', 'against the quiet one', spread(ratios, 2), 'limit 1.5');

  const before = await usageOf(manager.pid);
  const seconds = Number(process.env.GATEWAY_BENCH_CROWD_S ?? 60);
  const crowd = await run(200, 100, 50, { idle: 1000, loopSeconds: seconds });
  complete(crowd, undefined, 'the crowd');
  const growth = (await usageOf(manager.pid)).residentMb - before.residentMb;
  row(`1,000 idle connections and 200 streams, ${seconds} s`, 'errors', '0', 'limit 0');
  row('', 'memory growth, MB', growth.toFixed(0), 'limit 80');

  rows.push(...(await longPrompt(bench, port)));
  rows.push(...(await onDemand(bench, port)));
  return rows;
}

/** A prompt of 100,000 tokens that must be counted exactly, beside streams. */
async function longPrompt({ headers }: Bench, port: number): Promise<string[][]> {
  const content = 'What the gateway counts must not keep anybody waiting. '.repeat(9000);
  const body = JSON.stringify({ model: 'bench', messages: [{ role: 'user', content }] });
  const streams = { port, headers, body: bodyOf({ chunks: 300, gapMs: 10 }, true) };
  const order = { ...streams, streams: 8, gapMs: 10 };
  const quiet: StreamsResult[] = [];
  const beside: StreamsResult[] = [];
  const times: number[] = [];
  let said = '';
  for (let round = 0; round < ROUNDS; round++) {
    quiet.push(await loadStreams(order, false));
    const counted = loadStreams(order, false);
    await pause(500);
    const began = performance.now();
    const answer = await fetch(`http://127.0.0.1:${port}/v1/messages/count_tokens`, {
      method: 'POST',
      headers: { ...headers, 'Content-Type': 'application/json' },
      body,
    });
    said = await answer.text();
    times.push(performance.now() - began);
    beside.push(await counted);
  }
  const load = `8 streams beside a count of a long prompt (${body.length >> 10} KB, ${said.trim()})`;
  const worst = (results: readonly StreamsResult[]): string =>
    spread(
      results.slice(1).map(({ maxUs }) => maxUs / 1000),
      1,
    );
  return [
    [load, 'the count, ms', 'gateway', spread(times.slice(1), 0), ''],
    ['', 'longest delay without, ms', 'gateway', worst(quiet), ''],
    ['', 'longest delay beside it, ms', 'gateway', worst(beside), 'limit 10 more'],
  ];
}

/** From a request for a stopped profile to its answer, against the engine started by hand and asked as soon as it listens. */
async function onDemand({ client, headers, enginePort }: Bench, port: number): Promise<string[][]> {
  const server = (await client.call('servers.list')).find((one) => one.port === enginePort);
  if (server === undefined) throw new Error('The profile is gone.');
  const { profileId } = server;
  const { argv, env } = await client.call('profiles.command', { profileId });
  const [bare, asked]: [number[], number[]] = [[], []];
  for (let round = 0; round < 2 * ROUNDS; round++) {
    await client.call('servers.stop', { profileId });
    bare.push(await bareStart(argv, env, enginePort));
    const began = performance.now();
    const answer = await fetch(`http://127.0.0.1:${port}/v1/chat/completions`, {
      method: 'POST',
      headers: { ...headers, 'Content-Type': 'application/json' },
      body: bodyOf('json'),
    });
    if (answer.status !== 200) throw new Error(await answer.text());
    await answer.text();
    asked.push(performance.now() - began);
  }
  const added = asked.slice(1).map((value, index) => value - (bare[index + 1] ?? Number.NaN));
  return [
    [
      'first request to a stopped profile',
      'to its answer, ms',
      'engine itself',
      spread(bare.slice(1), 0),
      '',
    ],
    ['', 'to its answer, ms', 'gateway', spread(asked.slice(1), 0), ''],
    [
      '',
      'added, ms',
      'gateway',
      `${spread(added, 0)}, median ${median(added).toFixed(0)}`,
      'limit 30',
    ],
  ];
}

async function bareStart(
  argv: readonly string[],
  env: Readonly<Record<string, string>>,
  port: number,
): Promise<number> {
  const [file = '', ...args] = argv;
  const began = performance.now();
  const child = spawn(file, args, { env: { ...process.env, ...env }, stdio: 'ignore' });
  try {
    for (;;) {
      const answer = await fetch(`http://127.0.0.1:${port}/v1/chat/completions`, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json' },
        body: bodyOf('json'),
      }).catch(() => undefined);
      if (answer) {
        await answer.text();
        return performance.now() - began;
      }
      await pause(1);
    }
  } finally {
    const ended = once(child, 'exit');
    child.kill('SIGTERM');
    await ended;
  }
}
