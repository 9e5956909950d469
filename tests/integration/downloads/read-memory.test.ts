import { once } from 'node:events';
import net, { type AddressInfo } from 'node:net';

import { BufferPool } from '@core/hub/buffer-pool';
import { afterEach, beforeEach, expect, test } from 'vitest';

let server: net.Server;
let sender: net.Socket;
let receiver: net.Socket;
let memory: BufferPool;

beforeEach(async () => {
  memory = new BufferPool();
  server = net.createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const accepted = once(server, 'connection');
  receiver = net.connect({ port, onread: memory.readerOf(() => receiver) });
  [sender] = await accepted;
});
afterEach(() => {
  receiver.destroy();
  sender.destroy();
  server.close();
});

/** So many bytes of one value, as they arrive. */
async function receive(bytes: number, value: number): Promise<Buffer[]> {
  sender.write(Buffer.alloc(bytes, value));
  const chunks: Buffer[] = [];
  for (let left = bytes; left > 0; ) {
    const chunk: Buffer | null = receiver.read();
    if (chunk === null) {
      await once(receiver, 'readable');
      continue;
    }
    chunks.push(chunk);
    left -= chunk.length;
  }
  return chunks;
}

test('what was released is read into again, and nothing else', async () => {
  const first = await receive(3_000_000, 1);
  const places = [...new Set(first.map(({ buffer }) => buffer))];
  // The last piece is still being filled.
  const [one, two, ...others] = places;
  expect(one && two && others.length).toBeGreaterThan(0);
  if (one) memory.release(one);
  if (two) {
    memory.leave(two);
    memory.release(two);
  }
  const second = await receive(3_000_000, 2);
  const again = new Set(second.map(({ buffer }) => buffer));
  expect(one && again.has(one)).toBe(true);
  expect(two && again.has(two)).toBe(false);
  expect(second.every((chunk) => chunk.every((byte) => byte === 2))).toBe(true);
  const kept = first.filter(({ buffer }) => buffer !== one);
  expect(kept.every((chunk) => chunk.every((byte) => byte === 1))).toBe(true);
});

test('memory of others is not taken for ours', async () => {
  const foreign = Buffer.alloc(1 << 20).buffer;
  memory.release(foreign);
  const got = await receive(3_000_000, 3);
  expect(got.some(({ buffer }) => buffer === foreign)).toBe(false);
});
