import { type FileHandle, open } from 'node:fs/promises';

import { z } from 'zod';

/** The format's own limit for the header (safetensors, `MAX_HEADER_SIZE`). */
const MAX_HEADER_BYTES = 100_000_000;

const Header = z.record(
  z.string(),
  z.object({ data_offsets: z.tuple([z.number(), z.number()]).optional() }),
);

/** What a file is, without reading it: the same three facts mean the same content. */
export interface FileFacts {
  readonly realPath: string;
  readonly size: number;
  readonly modifiedMs: number;
}

/** Judges weights files by their headers; remembers each verdict until the file changes. */
export class WeightsCheck {
  readonly #verdicts = new Map<
    string,
    { readonly stamp: string; readonly problem: string | undefined }
  >();

  /** What is wrong with a safetensors file, or undefined. */
  async problem(file: FileFacts): Promise<string | undefined> {
    const stamp = `${file.size} ${file.modifiedMs}`;
    const known = this.#verdicts.get(file.realPath);
    if (known?.stamp === stamp) return known.problem;
    const problem = await weightsProblem(file);
    this.#verdicts.set(file.realPath, { stamp, problem });
    return problem;
  }
}

/** Compares the length that the header promises with the file's. */
async function weightsProblem({ realPath, size }: FileFacts): Promise<string | undefined> {
  if (size < 8) return 'is empty or cut off';
  let handle: FileHandle;
  try {
    handle = await open(realPath, 'r');
  } catch (error) {
    return `cannot be read (${(error as NodeJS.ErrnoException).code ?? String(error)})`;
  }
  try {
    const length = Number((await read(handle, 0, 8)).readBigUInt64LE(0));
    if (length > MAX_HEADER_BYTES) return 'is damaged: it is no safetensors file';
    if (8 + length > size) return `is cut off: even its header needs ${8 + length} bytes`;
    const header = Header.safeParse(JSON.parse((await read(handle, 8, length)).toString('utf8')));
    if (!header.success) return 'is damaged: its header cannot be read';
    let end = 0;
    for (const tensor of Object.values(header.data))
      end = Math.max(end, tensor.data_offsets?.[1] ?? 0);
    const needed = 8 + length + end;
    return needed > size ? `is cut off: ${size} of ${needed} bytes` : undefined;
  } catch {
    return 'is damaged: its header cannot be read';
  } finally {
    await handle.close();
  }
}

async function read(handle: FileHandle, position: number, length: number): Promise<Buffer> {
  const buffer = Buffer.alloc(length);
  const { bytesRead } = await handle.read(buffer, 0, length, position);
  return buffer.subarray(0, bytesRead);
}
