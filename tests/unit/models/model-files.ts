import { mkdir, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';

/** Bytes of a safetensors file with one tensor of this many bytes. */
export function safetensorsFile(bytes = 64): Buffer {
  const header = JSON.stringify({ w: { dtype: 'U8', shape: [bytes], data_offsets: [0, bytes] } });
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(header.length));
  return Buffer.concat([length, Buffer.from(header), Buffer.alloc(bytes, 7)]);
}

const CONFIG = {
  model_type: 'qwen3',
  max_position_embeddings: 40960,
  quantization: { group_size: 64, bits: 4 },
};

/** The files of a small whole model. */
export function modelFiles(changes: Record<string, string | Buffer | undefined> = {}) {
  const files: Record<string, string | Buffer | undefined> = {
    'config.json': JSON.stringify(CONFIG),
    'tokenizer.json': '{}',
    'model.safetensors': safetensorsFile(),
    ...changes,
  };
  return Object.entries(files).flatMap(([name, content]) =>
    content === undefined ? [] : [[name, content] as const],
  );
}

/** Writes a model into a plain folder; a file set to undefined is left out. */
export async function writeModel(
  folder: string,
  changes: Record<string, string | Buffer | undefined> = {},
): Promise<void> {
  await mkdir(folder, { recursive: true });
  for (const [name, content] of modelFiles(changes))
    await writeFile(path.join(folder, name), content);
}

/** Writes a model into a Hugging Face cache, as huggingface_hub lays it out: blobs and links. */
export async function writeCachedModel(
  hub: string,
  repo: string,
  changes: Record<string, string | Buffer | undefined> = {},
  commit = 'a'.repeat(40),
): Promise<string> {
  const folder = path.join(hub, `models--${repo.replace('/', '--')}`);
  const snapshot = path.join(folder, 'snapshots', commit);
  for (const part of ['blobs', 'refs', snapshot])
    await mkdir(path.resolve(folder, part), { recursive: true });
  await writeFile(path.join(folder, 'refs', 'main'), commit);
  for (const [name, content] of modelFiles(changes)) {
    const blob = `${commit.slice(0, 4)}-${name}`;
    await writeFile(path.join(folder, 'blobs', blob), content);
    await symlink(`../../blobs/${blob}`, path.join(snapshot, name));
  }
  return snapshot;
}

/** Content of an index of shards. */
export const index = (map: Record<string, string>): string =>
  JSON.stringify({ metadata: { total_size: 1 }, weight_map: map });
