import type { Clock } from '../../ports';
import { sleep } from '../../ports/clock';
import { CacheGrowth } from './cache-growth';
import type { PhaseReport } from './engine-job';
import { type DiskLook, packageProgress } from './package-progress';
import { type PackageSizes, sumOfSizes } from './package-sizes';
import { SyncPlan } from './sync-plan';
import type { Uv, UvCall } from './uv';

/** How often the disk is looked at, ms. */
const EVERY_MS = 1000;

export interface SyncWatchInput {
  readonly uv: Uv;
  readonly clock: Clock;
  readonly call: UvCall;
  readonly report: PhaseReport;
  /** How many packages belong into the environment. */
  readonly total: number;
  /** What each of them weighs, where that is known. */
  readonly sizes: PackageSizes | undefined;
  /** How many are in it now. */
  readonly installed: () => Promise<number>;
}

/**
 * Tells how far an installation is while it runs, by what the disk shows: uv prints nothing of it where nobody sits
 * at a terminal.
 * @param sync runs `uv pip sync` with these settings.
 */
export async function watchSync<T>(
  input: SyncWatchInput,
  sync: (call: UvCall) => Promise<T>,
): Promise<T> {
  const { call } = input;
  const plan = new SyncPlan();
  const growth = await growthOf(input);
  const over = new AbortController();
  const watching = watch(input, plan, growth, over.signal);
  try {
    return await sync({
      ...call,
      onLine: (line) => {
        if (!plan.read(line)) call.onLine?.(line);
      },
      env: { ...call.env, ...SyncPlan.env },
    });
  } finally {
    over.abort();
    await watching;
  }
}

/** Undefined where uv does not tell where its cache is, or that cannot be read: then nothing is said of bytes. */
async function growthOf({ uv, call }: SyncWatchInput): Promise<CacheGrowth | undefined> {
  const { code, stdout } = await uv.run(['cache', 'dir'], { ...call, onLine: undefined });
  if (code !== 0) return undefined;
  return CacheGrowth.since(stdout.trim()).catch(() => undefined);
}

async function watch(
  { clock, report, total, sizes, installed }: SyncWatchInput,
  plan: SyncPlan,
  growth: CacheGrowth | undefined,
  over: AbortSignal,
): Promise<void> {
  const looks: DiskLook[] = [];
  while (!over.aborted) {
    await sleep(clock, EVERY_MS, over);
    // A disk that does not answer shows nothing: uv says what is wrong with it.
    const look = await Promise.all([growth?.look(), installed()]).catch(() => undefined);
    if (over.aborted || look === undefined) continue;
    const [fetched, there] = look;
    looks.push({ at: clock.monotonic(), fetched, installed: there });
    const { toFetch } = plan;
    const totalBytes = toFetch && sizes && sumOfSizes(sizes, toFetch)?.disk;
    report.progress(packageProgress({ total, toFetch: toFetch?.length, totalBytes }, looks));
  }
}
