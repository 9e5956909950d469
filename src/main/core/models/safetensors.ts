import { open } from 'node:fs/promises';

const LENGTH_BYTES = 8;
/** A header larger than this is no header (the format's own limit is 100 MB). */
const MAX_HEADER_BYTES = 100_000_000;

/**
 * What is wrong with a weights file, or undefined. Only its header is read: 8 bytes of length (little
 * endian), then JSON whose `data_offsets` must end where the file does (safetensors format).
 */
export async function findDamage(file: string): Promise<string | undefined> {
  const handle = await open(file, 'r').catch(() => undefined);
  if (!handle) return 'cannot be read';
  try {
    const { size } = await handle.stat();
    const length = Buffer.alloc(LENGTH_BYTES);
    const { bytesRead } = await handle.read(length, 0, LENGTH_BYTES, 0);
    if (bytesRead < LENGTH_BYTES) return 'is empty or cut off';
    const headerBytes = Number(length.readBigUInt64LE());
    if (headerBytes > MAX_HEADER_BYTES) return 'is no safetensors file';
    if (LENGTH_BYTES + headerBytes > size) return 'is cut off';
    const header = Buffer.alloc(headerBytes);
    await handle.read(header, 0, headerBytes, LENGTH_BYTES);
    const end = dataEnd(header.toString('utf8'));
    if (end === undefined) return 'is no safetensors file';
    return LENGTH_BYTES + headerBytes + end > size ? 'is cut off' : undefined;
  } finally {
    await handle.close();
  }
}

function dataEnd(header: string): number | undefined {
  try {
    const tensors: Record<string, { data_offsets?: unknown }> = JSON.parse(header);
    let end = 0;
    for (const [name, tensor] of Object.entries(tensors)) {
      if (name === '__metadata__') continue;
      const offsets = tensor.data_offsets;
      if (!Array.isArray(offsets) || typeof offsets[1] !== 'number') return undefined;
      end = Math.max(end, offsets[1]);
    }
    return end;
  } catch {
    return undefined; // no JSON: reported as not being of this format
  }
}
