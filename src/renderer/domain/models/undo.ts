import { messageOf } from '@shared/errors';
import type { Deletion } from '@shared/domain/model';
import { formatDisk } from '@shared/format/bytes';
import { formatCount } from '@shared/format/counts';
import type { Client } from '@shared/rpc/client';

type Deleted = Pick<Deletion, 'ref' | 'name'>;

/** While many go, those that went first are held this often, ms: less than an undo lasts. */
const HOLD_MS = 4000;

/** `Deleted Qwen3-8B-4bit, 4.6 GB`, `Deleted 3 models, 12.4 GB`. */
export function undoText(deletions: readonly Deletion[], name: string | undefined): string {
  const bytes = deletions.reduce((sum, { freedBytes }) => sum + freedBytes, 0);
  const what = name ?? formatCount(deletions.length, 'model');
  return `Deleted ${what}, ${formatDisk(bytes)}`;
}

/** Keeps the undo of all of them possible; rejects where it is over for every one. */
export async function holdAll(client: Client, deletions: readonly Deleted[]): Promise<void> {
  const all = await Promise.allSettled(
    deletions.map(({ ref }) => client.call('models.holdDelete', { ref })),
  );
  const [first] = all;
  if (first?.status === 'rejected' && all.every(({ status }) => status === 'rejected')) {
    throw first.reason;
  }
}

/** Brings all of them back; rejects with each that did not come, and why. */
export async function undoAll(client: Client, deletions: readonly Deleted[]): Promise<void> {
  const failed: string[] = [];
  for (const { ref, name } of deletions) {
    try {
      await client.call('models.undoDelete', { ref });
    } catch (error) {
      if (deletions.length === 1) throw error;
      failed.push(`${name}: ${messageOf(error)}`);
    }
  }
  if (failed.length === 0) return;
  const count = formatCount(deletions.length, 'model');
  throw new Error(`${failed.length} of ${count} did not come back. ${failed.join(' ')}`);
}

/** Called after each deletion of several: those before it are held from time to time. */
export function keepHolding(client: Client): (ref: string) => Promise<void> {
  const held: Deleted[] = [];
  let heldAt = performance.now();
  return async (ref) => {
    held.push({ ref, name: ref });
    if (performance.now() - heldAt < HOLD_MS) return;
    heldAt = performance.now();
    // One that is over already is told by the undo itself.
    await holdAll(client, held).catch(() => undefined);
  };
}
