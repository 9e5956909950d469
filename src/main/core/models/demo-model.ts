import { randomBytes } from 'node:crypto';
import { mkdir, open, readFile, rename, rm } from 'node:fs/promises';
import path from 'node:path';

import {
  demoTokenizer,
  demoTokenizerConfig,
  END_OF_TEXT_ID,
  END_OF_TURN_ID,
  nextToken,
  VOCABULARY_SIZE,
} from './demo-tokenizer';

export { DEMO_SENTENCE } from './demo-tokenizer';

/**
 * One llama layer. The hidden size is at least the vocabulary, so that every token has a dimension of
 * its own; attention and MLP are zero, so that a token reaches the head unchanged and the head says
 * the next word. Any engine that runs llama says the same sentence, greedily and without end.
 */
const HIDDEN = 320;
/** All heads together; two, so that two ranks can share the model. */
const HEAD = 32;
const HEADS = 2;
const FEED_FORWARD = 16;
const CONTEXT = 32_768;

/** 1.0 in IEEE 754 half precision. */
const HALF_ONE = 0x3c00;

interface Tensor {
  readonly name: string;
  readonly shape: readonly number[];
  readonly data: Buffer;
}

/** The files of the built-in model by name; the same bytes every time. */
export function demoModelFiles(): ReadonlyMap<string, Buffer> {
  return new Map([
    ['config.json', json(config())],
    ['tokenizer.json', json(demoTokenizer())],
    ['tokenizer_config.json', json(demoTokenizerConfig(CONTEXT))],
    ['model.safetensors', safetensors(weights())],
  ]);
}

/**
 * Makes sure that `folder` holds the built-in model: leaves an intact one alone, replaces a damaged
 * one. The folder appears whole or not at all.
 * @returns whether anything was written.
 */
export async function writeDemoModel(folder: string): Promise<boolean> {
  const files = demoModelFiles();
  await mkdir(path.dirname(folder), { recursive: true });
  for (let attempt = 1; !(await isIntact(folder, files)); attempt++) {
    try {
      await replaceFolder(folder, files);
      return true;
    } catch (error) {
      // Another program writes the same folder at the same time: one of the two puts it there whole.
      if (attempt === ATTEMPTS) throw error;
    }
  }
  return false;
}

const ATTEMPTS = 5;

async function replaceFolder(folder: string, files: ReadonlyMap<string, Buffer>): Promise<void> {
  const suffix = randomBytes(6).toString('hex');
  const fresh = `${folder}.${suffix}.new`;
  const old = `${folder}.${suffix}.old`;
  try {
    await mkdir(fresh);
    for (const [name, content] of files) await writeDurably(path.join(fresh, name), content);
    await rename(folder, old).catch(ignoreMissing);
    await rename(fresh, folder);
  } finally {
    await rm(fresh, { recursive: true, force: true });
    await rm(old, { recursive: true, force: true });
  }
}

async function isIntact(folder: string, files: ReadonlyMap<string, Buffer>): Promise<boolean> {
  for (const [name, content] of files) {
    const found = await readFile(path.join(folder, name)).catch(() => undefined);
    if (!found?.equals(content)) return false;
  }
  return true;
}

async function writeDurably(file: string, content: Buffer): Promise<void> {
  const handle = await open(file, 'wx', 0o644);
  try {
    await handle.writeFile(content);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

function ignoreMissing(error: NodeJS.ErrnoException): void {
  if (error.code !== 'ENOENT') throw error;
}

function config(): unknown {
  return {
    architectures: ['LlamaForCausalLM'],
    model_type: 'llama',
    hidden_size: HIDDEN,
    num_hidden_layers: 1,
    intermediate_size: FEED_FORWARD,
    num_attention_heads: HEADS,
    num_key_value_heads: HEADS,
    head_dim: HEAD / HEADS,
    rms_norm_eps: 1e-5,
    vocab_size: VOCABULARY_SIZE,
    max_position_embeddings: CONTEXT,
    rope_theta: 10_000,
    tie_word_embeddings: false,
    pad_token_id: END_OF_TEXT_ID,
    eos_token_id: END_OF_TURN_ID,
    torch_dtype: 'float16',
  };
}

function weights(): readonly Tensor[] {
  const layer = 'model.layers.0';
  return [
    matrix('model.embed_tokens.weight', VOCABULARY_SIZE, HIDDEN, (token) => [token, token]),
    matrix('lm_head.weight', VOCABULARY_SIZE, HIDDEN, (token) => [nextToken(token), token]),
    matrix(`${layer}.self_attn.q_proj.weight`, HEAD, HIDDEN),
    matrix(`${layer}.self_attn.k_proj.weight`, HEAD, HIDDEN),
    matrix(`${layer}.self_attn.v_proj.weight`, HEAD, HIDDEN),
    matrix(`${layer}.self_attn.o_proj.weight`, HIDDEN, HEAD),
    matrix(`${layer}.mlp.gate_proj.weight`, FEED_FORWARD, HIDDEN),
    matrix(`${layer}.mlp.up_proj.weight`, FEED_FORWARD, HIDDEN),
    matrix(`${layer}.mlp.down_proj.weight`, HIDDEN, FEED_FORWARD),
    ones(`${layer}.input_layernorm.weight`),
    ones(`${layer}.post_attention_layernorm.weight`),
    ones('model.norm.weight'),
  ];
}

/** A matrix of zeros; `cell` names, for each token, the row and column that hold a one. */
function matrix(
  name: string,
  rows: number,
  columns: number,
  cell?: (token: number) => readonly [number, number],
): Tensor {
  const data = Buffer.alloc(rows * columns * 2);
  for (let token = 0; cell && token < VOCABULARY_SIZE; token++) {
    const [row, column] = cell(token);
    data.writeUInt16LE(HALF_ONE, (row * columns + column) * 2);
  }
  return { name, shape: [rows, columns], data };
}

function ones(name: string): Tensor {
  const data = Buffer.alloc(HIDDEN * 2);
  for (let index = 0; index < HIDDEN; index++) data.writeUInt16LE(HALF_ONE, index * 2);
  return { name, shape: [HIDDEN], data };
}

/** Length of the header (8 bytes, little endian), JSON header padded to 8 bytes, data (safetensors format). */
function safetensors(tensors: readonly Tensor[]): Buffer {
  const header: Record<string, unknown> = { __metadata__: { format: 'mlx' } };
  let offset = 0;
  for (const { name, shape, data } of tensors) {
    header[name] = { dtype: 'F16', shape, data_offsets: [offset, offset + data.length] };
    offset += data.length;
  }
  const text = JSON.stringify(header);
  const padded = text.padEnd(Math.ceil(text.length / 8) * 8, ' ');
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(padded.length));
  return Buffer.concat([length, Buffer.from(padded), ...tensors.map((tensor) => tensor.data)]);
}

function json(value: unknown): Buffer {
  return Buffer.from(`${JSON.stringify(value, null, 1)}\n`);
}
