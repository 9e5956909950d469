import { readdir, rm, stat } from 'node:fs/promises';
import path from 'node:path';

/** What is known of a run's failure lies beside its log. */
export function failureFile(log: string): string {
  return log.replace(/\.log$/, '.failure.json');
}

/** Numbers of the runs that are kept in a server's folder. */
export async function runNumbers(folder: string): Promise<number[]> {
  const names = await readdir(folder).catch(() => []);
  return names.flatMap((name) => {
    const match = /^(\d+)\.meta\.jsonl$/.exec(name);
    return match ? [Number(match[1])] : [];
  });
}

/**
 * Keeps the newest files of a server over all its runs, and what stands beside them. Returns the runs of
 * which nothing is left.
 */
export async function pruneFiles(folder: string, kept: number): Promise<number[]> {
  const files = (await readdir(folder).catch(() => [])).filter((name) => name.endsWith('.log'));
  const sorted = files.sort((a, b) => compareFiles(b, a));
  for (const name of sorted.slice(kept)) await rm(path.join(folder, name), { force: true });
  const runs = new Set(sorted.slice(0, kept).map(runOf));
  const gone = (await runNumbers(folder)).filter((run) => !runs.has(run));
  for (const run of gone) {
    for (const name of [`${run}.meta.jsonl`, `${run}.failure.json`])
      await rm(path.join(folder, name), { force: true });
  }
  return gone;
}

/** Bytes and files of all logs below a folder. */
export async function measureFiles(folder: string): Promise<{ bytes: number; count: number }> {
  const found = { bytes: 0, count: 0 };
  const entries = await readdir(folder, { recursive: true }).catch(() => []);
  for (const name of entries.filter((entry) => /\.(log|jsonl?)$/.test(entry))) {
    // A file that was rotated away while it is counted holds nothing any more.
    const info = await stat(path.join(folder, name)).catch(() => undefined);
    found.bytes += info?.size ?? 0;
    if (name.endsWith('.log')) found.count += 1;
  }
  return found;
}

const runOf = (name: string): number => Number(name.split('.')[0]);

/** By run, then by segment; the file of a run that is written to is its newest. */
function compareFiles(a: string, b: string): number {
  const key = (name: string): [number, number] => {
    const [run, segment] = name.split('.');
    return [Number(run), segment === 'log' ? Number.POSITIVE_INFINITY : Number(segment)];
  };
  const [runA, segmentA] = key(a);
  const [runB, segmentB] = key(b);
  return runA - runB || (segmentA === segmentB ? 0 : segmentA - segmentB);
}
