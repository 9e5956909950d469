import { createHash, randomFillSync } from 'node:crypto';
import {
  mkdir,
  mkdtemp,
  open,
  readdir,
  realpath,
  rename,
  rm,
  stat,
  statfs,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { type FakeHub, startFakeHub } from '../fixtures/fake-hub/hub';
import { type HubFile, hubFile, type HubRepo, newRepo } from '../fixtures/fake-hub/repos';
import { findFreePort } from '../fixtures/temp-home';
import { aria2, type Downloader, huggingFace, ourselves, serveBytes } from './download-peers';
import { type BenchTable, median, spread } from './measure';
import type { Took } from './peer-run';

const ROUNDS = 5;
const GB = 1e9;
/** Bytes per second of each connection in the second half. */
const CAP = 20_000_000;
/** For these the bench needs room twice. */
const BYTES = 2 * GB;
/** What `hf` fetches in the second half: with 2 GB one round of it takes 100 s. */
const CAPPED_HF_BYTES = 0.4 * GB;

/** What someone took for each round, with the bytes that came. */
interface Rounds {
  readonly name: string;
  readonly gb: number;
  readonly took: Took[];
}

/**
 * A model of 2 GB and 12 files from a hub on this machine, against aria2 and `hf download`. The API and
 * small files come from the stand-in hub in this process, all large files from nginx. Everybody writes to
 * the same disk, in memory where there is room, so that its moods do not count.
 */
export async function run(): Promise<BenchTable> {
  const disk = await chooseDisk();
  const folder = await mkdtemp(join(disk, 'mm-bench-downloads-'));
  const closers: (() => Promise<unknown>)[] = [];
  try {
    const large = join(folder, 'large');
    await mkdir(large);
    const small = await smallFiles();
    const shards = await weights(large, [400, 400, 400, 400, 400]);
    const whole = await weights(large, [BYTES / 1e6]);
    const short = await weights(large, [CAPPED_HF_BYTES / 1e6]);
    const repos = {
      shards: newRepo('bench/five-shards', [...small.slice(0, 7), ...shards]),
      whole: newRepo('bench/one-file', [...small, ...whole]),
      short: newRepo('bench/one-short-file', [...small, ...short]),
    };
    const plain = await serveBytes(large, join(folder, 'nginx'), await findFreePort());
    const capped = await serveBytes(large, join(folder, 'nginx-capped'), await findFreePort(), CAP);
    const name = `Downloads: ${BYTES / GB} GB in 12 files over loopback, ${ROUNDS} rounds; written to ${disk}`;
    if (typeof plain === 'string') return { name, rows: [['not measured', plain]] };
    if (typeof capped === 'string') return { name, rows: [['not measured', capped]] };
    closers.push(plain.close, capped.close);
    const all = Object.values(repos);
    const fast = await startFakeHub({ repos: all, cdn: plain.url });
    const slow = await startFakeHub({ repos: all, cdn: capped.url });
    closers.push(fast.close, slow.close);
    const us = ourselves(folder);
    const [peer, hf] = [await aria2(folder), await huggingFace(folder)];
    const hfRepo = (repo: HubRepo): HubRepo => (repo === repos.whole ? repos.short : repo);
    const measure = async (title: string, hub: FakeHub, repo: HubRepo, limits: Limits) => {
      const rounds = await compare(us, [peer, hf], (who) => {
        const wanted = who === hf && hub === slow ? hfRepo(repo) : repo;
        return fetchProven(who, wanted, hub, join(folder, 'out'));
      });
      return rowsOf(title, rounds, limits);
    };
    return {
      name,
      rows: [
        ['measure', 'target', 'measured'],
        ...(await measure('no cap', fast, repos.shards, { aria2: '0.9', hf: '1.3' })),
        ...(await measure('20 MB/s per connection, one weights file', slow, repos.whole, {
          aria2: '0.95',
          hf: '10',
        })),
        ['hf fetches 0.4 GB there', '', 'nobody but us proves hashes or syncs to disk'],
      ],
    };
  } finally {
    for (const close of closers.reverse()) await close();
    await rm(folder, { recursive: true, force: true });
  }
}

interface Limits {
  readonly aria2: string;
  readonly hf: string;
}

/** Turn about, the order reversed each time; the first round is left out. Aria2 goes twice, against itself. */
async function compare(
  us: Downloader,
  peers: readonly (Downloader | string)[],
  fetch: (who: Downloader) => Promise<{ took: Took; gb: number }>,
): Promise<(Rounds | string)[]> {
  const [peer] = peers;
  const everybody = [us, ...peers, ...(peer === undefined ? [] : [peer])];
  const rounds = everybody.map((who): Rounds | string =>
    typeof who === 'string' ? who : { name: who.name, gb: 0, took: [] },
  );
  for (let round = 0; round <= ROUNDS; round++) {
    const order = [...everybody.keys()];
    for (const at of round % 2 === 0 ? order : order.toReversed()) {
      const [who, kept] = [everybody[at], rounds[at]];
      if (who === undefined || kept === undefined) continue;
      if (typeof who === 'string' || typeof kept === 'string') continue;
      const { took, gb } = await fetch(who);
      if (round > 0) kept.took.push(took);
      rounds[at] = { ...kept, gb };
    }
  }
  return rounds;
}

function rowsOf(title: string, rounds: readonly (Rounds | string)[], limits: Limits): string[][] {
  const [us, peer, hf, again] = rounds;
  if (!us || typeof us === 'string') return [];
  const rate = ({ gb, took }: Rounds, at: number): number => (gb * 1000) / (took[at]?.seconds ?? 1);
  const ratios = (a: Rounds, b: Rounds): number[] =>
    a.took.map((_, at) => rate(a, at) / rate(b, at));
  const costs = (who: Rounds | string | undefined): string[][] =>
    who === undefined || typeof who === 'string'
      ? []
      : [
          [
            `  MB/s, ${who.name}`,
            '',
            spread(
              who.took.map((_, at) => rate(who, at)),
              0,
            ),
          ],
          [
            `  CPU s per GB, ${who.name}`,
            '',
            spread(
              who.took.map((t) => t.cpuSeconds / who.gb),
              2,
            ),
          ],
        ];
  const against = (who: Rounds | string | undefined, name: string, limit: string): string[] =>
    who === undefined || typeof who === 'string'
      ? [`${title}: throughput, ours/${name}`, limit, `not measured: ${who ?? 'not there'}`]
      : [`${title}: throughput, ours/${name}`, limit, spread(ratios(us, who), 2)];
  return [
    against(peer, 'aria2', limits.aria2),
    against(hf, 'hf', limits.hf),
    ...(peer && again && typeof peer !== 'string' && typeof again !== 'string'
      ? [['  aria2 against itself', '0.9 to 1.1', judged(ratios(again, peer))]]
      : []),
    ...[us, peer, hf].flatMap(costs),
  ];
}

/** A run in which a peer does not equal itself says nothing. */
function judged(ratios: readonly number[]): string {
  const isVoid = Math.abs(median(ratios) - 1) > 0.1;
  return `${spread(ratios, 2)}${isVoid ? ', this run is void' : ''}`;
}

/** Downloads to an empty folder, looks whether all is there, and empties it again. */
async function fetchProven(
  who: Downloader,
  repo: HubRepo,
  hub: FakeHub,
  out: string,
): Promise<{ took: Took; gb: number }> {
  await mkdir(out, { recursive: true });
  const took = await who.fetch(repo, hub.url, out);
  const wanted = [...(repo.commits[0]?.files.values() ?? [])];
  const sizes = await fileSizes(out);
  for (const { path, size } of wanted) {
    if (!sizes.has(`${path} ${size}`)) throw new Error(`${who.name} did not bring ${path}`);
  }
  await rm(out, { recursive: true });
  hub.forget();
  return { took, gb: wanted.reduce((sum, { size }) => sum + size, 0) / GB };
}

async function fileSizes(folder: string): Promise<Set<string>> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const named = entries
    .filter((entry) => !entry.isDirectory())
    .map(async ({ name, parentPath }) => {
      const { size } = await stat(await realpath(join(parentPath, name)));
      return `${name} ${size}`;
    });
  return new Set(await Promise.all(named));
}

/** Memory where there is room for everything twice and more; else the disk of temporary files. */
async function chooseDisk(): Promise<string> {
  const memory = '/dev/shm';
  const info = await statfs(memory).catch(() => undefined);
  const isRoomy = info !== undefined && info.bavail * info.bsize > 4 * BYTES;
  return process.env.MLX_MANAGER_BENCH_FOLDER ?? (isRoomy ? memory : tmpdir());
}

/** Eleven small files, as a model has them. */
async function smallFiles(): Promise<HubFile[]> {
  const names = [
    'config.json',
    'generation_config.json',
    'special_tokens_map.json',
    'tokenizer_config.json',
    'model.safetensors.index.json',
    'README.md',
    'LICENSE',
    'added_tokens.json',
    'vocab.json',
    'merges.txt',
    'chat_template.jinja',
  ];
  return Promise.all(names.map((name) => hubFile(name, `{"file":"${name}"}`.padEnd(4000))));
}

/** Weights files of so many megabytes, named by their hash in the folder. */
async function weights(folder: string, megabytes: readonly number[]): Promise<HubFile[]> {
  const files: HubFile[] = [];
  for (const [at, size] of megabytes.entries()) {
    const draft = join(folder, `draft-${at}`);
    const sha256 = await writeRandom(draft, size);
    await rename(draft, join(folder, sha256));
    const of = String(megabytes.length).padStart(5, '0');
    const number = String(at + 1).padStart(5, '0');
    const path =
      megabytes.length === 1 ? 'model.safetensors' : `model-${number}-of-${of}.safetensors`;
    const oid = createHash('sha1').update(sha256).digest('hex');
    files.push({ path, size: size * 1e6, content: { file: join(folder, sha256) }, oid, sha256 });
  }
  return files;
}

async function writeRandom(file: string, megabytes: number): Promise<string> {
  const hash = createHash('sha256');
  const handle = await open(file, 'wx');
  const block = Buffer.alloc(1e6);
  randomFillSync(block);
  for (let at = 0; at < megabytes; at++) {
    // Cheaper than new random bytes, and no two blocks are the same.
    block.writeUInt32LE(at, 0);
    hash.update(block);
    await handle.write(block);
  }
  await handle.close();
  return hash.digest('hex');
}
