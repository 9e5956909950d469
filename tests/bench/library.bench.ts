import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { monitorEventLoopDelay, performance } from 'node:perf_hooks';

import { systemClock } from '@core/ports/clock';
import { LibraryScan } from '@core/models/library-scan';
import { WeightsCheck } from '@core/models/weights-check';
import { silentLogger } from '@host/host-ports';

import { type BenchTable, pause, spread } from './measure';

const MODELS = 1000;
const ROUNDS = 5;

/** A thousand models on disk, half in a Hugging Face cache and half in a folder: what a look at them costs. */
export async function run(): Promise<BenchTable> {
  const root = await mkdtemp(join(tmpdir(), 'mm-bench-library-'));
  try {
    await writeModels(root);
    const cold: number[] = [];
    const warm: number[] = [];
    const quiet: number[] = [];
    const changed: number[] = [];
    const stalls: number[] = [];
    for (let round = 0; round < ROUNDS; round++) {
      await rm(join(root, 'cache'), { recursive: true, force: true });
      // Files of this very moment are not trusted to be as they look.
      await pause(200);
      const first = await look(root, { watch: false });
      cold.push(first.ms);
      stalls.push(first.stallMs);
      const second = await look(root, { watch: false });
      warm.push(second.ms);
      stalls.push(second.stallMs);
      const third = await look(root, { watch: true });
      quiet.push(third.quietMs);
      changed.push(third.changedMs);
      stalls.push(third.stallMs);
    }
    return {
      name: `A library of ${MODELS} models, ${ROUNDS} rounds`,
      rows: [
        ['measure', 'limit', 'measured'],
        ['first look ever, ms', '1500', spread(cold, 0)],
        ['look after a start, nothing changed, ms', '100', spread(warm, 0)],
        ['look while watching, nothing changed, ms', '100', spread(quiet, 1)],
        ['look while watching, one model changed, ms', '100', spread(changed, 1)],
        ['longest stall of the event loop, ms', '50', spread(stalls, 0)],
      ],
    };
  } finally {
    await rm(root, { recursive: true, force: true });
  }
}

async function look(
  root: string,
  { watch }: { watch: boolean },
): Promise<{ ms: number; quietMs: number; changedMs: number; stallMs: number }> {
  const delay = monitorEventLoopDelay({ resolution: 1 });
  const place = { home: root, documents: root, engines: root, logs: root, models: root, run: root };
  const scan = new LibraryScan({
    ports: {
      clock: systemClock,
      env: { HF_HUB_CACHE: join(root, 'hub'), HOME: join(root, 'nobody') },
      paths: { ...place, cache: join(root, 'cache'), socket: '' },
    },
    logger: silentLogger,
    weights: new WeightsCheck(),
    folders: () => [join(root, 'folder')],
    mayWrite: () => true,
    scanned: () => undefined,
  });
  await pause(50);
  delay.enable();
  const ms = await timed(async () => {
    const { results } = watch ? await startAndSettle(scan) : await scan.current();
    const found = results.flatMap(({ models }) => models);
    const whole = found.filter(({ complete }) => complete).length;
    if (whole !== MODELS) throw new Error(`found ${whole} whole models of ${found.length}`);
  });
  const quietMs = watch ? await timed(() => scan.scan()) : 0;
  if (watch) await writeFile(join(root, 'folder', 'org1', 'model-1', 'README.md'), `# ${ms}\n`);
  if (watch) await pause(50);
  const changedMs = watch ? await timed(() => scan.scan()) : 0;
  await scan.stop();
  delay.disable();
  return { ms, quietMs, changedMs, stallMs: delay.max / 1e6 };
}

/** Until every folder is watched and nothing more is to be read. */
async function startAndSettle(scan: LibraryScan): ReturnType<LibraryScan['scan']> {
  scan.start();
  await scan.current();
  await pause(1500);
  return scan.current();
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const began = performance.now();
  await work();
  return performance.now() - began;
}

async function writeModels(root: string): Promise<void> {
  for (let index = 0; index < MODELS / 2; index++) {
    const folder = join(root, 'folder', `org${index % 20}`, `model-${index}`);
    await mkdir(folder, { recursive: true });
    for (const [name, content] of files(index)) await writeFile(join(folder, name), content);
    await writeCached(join(root, 'hub'), index);
  }
}

async function writeCached(hub: string, index: number): Promise<void> {
  const repo = join(hub, `models--org${index % 20}--model-${index}`);
  const commit = index.toString(16).padStart(40, 'c');
  const snapshot = join(repo, 'snapshots', commit);
  for (const folder of [join(repo, 'blobs'), join(repo, 'refs'), snapshot]) {
    await mkdir(folder, { recursive: true });
  }
  await writeFile(join(repo, 'refs', 'main'), commit);
  for (const [at, [name, content]] of files(index + MODELS).entries()) {
    const etag = `${index.toString(16)}${at}`.padStart(
      name.endsWith('.safetensors') ? 64 : 40,
      'e',
    );
    await writeFile(join(repo, 'blobs', etag), content);
    await symlink(join('..', '..', 'blobs', etag), join(snapshot, name));
  }
}

/** As a model of 36 layers has them, with one value in each tensor. */
function files(seed: number): [string, string | Buffer][] {
  const layers = Array.from({ length: 36 }, (_, layer) =>
    ['q_proj', 'k_proj', 'v_proj', 'o_proj', 'gate_proj', 'up_proj', 'down_proj'].flatMap((part) =>
      ['weight', 'scales', 'biases'].map((kind) => `model.layers.${layer}.${part}.${kind}`),
    ),
  ).flat();
  const config = {
    model_type: 'qwen3',
    max_position_embeddings: 40_960,
    num_hidden_layers: 36,
    num_key_value_heads: 8,
    quantization: { group_size: 64, bits: 4 },
    seed,
  };
  const tokenizer = { chat_template: '{% if tools %}{{ tools }}{% endif %}'.repeat(100) };
  return [
    ['config.json', JSON.stringify(config)],
    ['tokenizer.json', '{}'],
    ['tokenizer_config.json', JSON.stringify(tokenizer)],
    ['README.md', '---\nlicense: apache-2.0\n---\n# A model\n'],
    ['model.safetensors', safetensors(layers, seed)],
  ];
}

function safetensors(names: readonly string[], seed: number): Buffer {
  const tensors = names.map((name, at) => [
    name,
    { dtype: 'U8', shape: [1], data_offsets: [at, at + 1] },
  ]);
  const header = JSON.stringify({
    __metadata__: { seed: String(seed) },
    ...Object.fromEntries(tensors),
  });
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(header.length));
  return Buffer.concat([length, Buffer.from(header), Buffer.alloc(names.length, seed % 251)]);
}
