import { PieceWriter } from '@core/downloads/piece-writer';
import { BufferPool } from '@core/hub/buffer-pool';
import { expect, it } from 'vitest';

const size = 100_000_000;
const task = {
  file: { path: 'a', size, etag: 'a'.repeat(64) },
  restarted: new AbortController().signal,
  write: async () => undefined,
};

/** The memory that the next connection would read into. */
function nextOf(memory: BufferPool): Buffer {
  const { buffer } = memory.readerOf(() => undefined);
  return Buffer.from((typeof buffer === 'function' ? buffer() : buffer).buffer);
}

it('gives memory back once the connection has gone on to other memory, and not before', async () => {
  const memory = new BufferPool();
  const [first, second] = [nextOf(memory), nextOf(memory)];
  const writer = new PieceWriter(task, { start: 0, end: size }, memory);
  const add = async (chunk: Buffer): Promise<void> => {
    await writer.add(chunk);
    await new Promise((resolve) => setImmediate(resolve));
  };
  await add(first.subarray(0, 100_000));
  // Two reads that waited together come as a copy, and the connection goes on in the same memory.
  await add(Buffer.alloc(100_000));
  await add(first.subarray(300_000, 400_000));
  expect(nextOf(memory).buffer).not.toBe(first.buffer);
  await add(second.subarray(0, 100_000));
  expect(nextOf(memory).buffer).toBe(first.buffer);
  await writer.flush();
  expect(nextOf(memory).buffer).not.toBe(second.buffer);
});
