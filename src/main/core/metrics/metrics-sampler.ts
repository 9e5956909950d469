import os from 'node:os';
import type { Machine, MetricsHistory, MetricsTick, ServerSample } from '@shared/domain/metrics';
import type { Clock, Logger } from '../ports';
import { Background } from '../ports/background';
import { sleep } from '../ports/clock';
import type { ProcessInfo, Processes, Seen, Usage } from '../ports/processes';
import { History } from './history';
import type { MachineMemory } from '../ports';

export interface MetricsSamplerOptions {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly sampleSeconds: () => number;
  /** The limit for servers and what is in use of it, as a start is decided by. */
  readonly budget?: () => { readonly limit: number; readonly inUse: number };
  readonly machineMemory: () => Promise<MachineMemory>;
  readonly processes: Processes;
  /** Whether open connections are counted: cheap with macOS's own library, and on Linux dearer than all the rest. */
  readonly countsConnections?: boolean;
  /** The trees under watch, each picked out of the table of all processes. */
  readonly targets: () => {
    profileId: string;
    port: number;
    treeOf: (table: readonly ProcessInfo[]) => readonly ProcessInfo[];
  }[];
  readonly publish: (tick: MetricsTick) => void;
}

/** The machine alone is looked at this often: nothing runs that could change quickly. */
const IDLE_SECONDS = 5;

/** CPU and memory of every server's process tree, all of them from one look per tick. */
export class MetricsSampler {
  readonly #options: MetricsSamplerOptions;
  readonly #histories = new Map<string, History>();
  readonly #machineHistory = new History();
  #latest = new Map<string, ServerSample>();
  /** Whether the last look could not tell: said once. */
  #isBlind = false;
  #isMemoryUnknown = false;
  #memory: MachineMemory = { total: os.totalmem(), free: os.freemem() };
  #cpu: ReadonlyMap<string, CpuReading> = new Map();
  readonly #background: Background;
  #running = false;
  #measuring: Promise<void> = Promise.resolve();
  #next: Promise<void> | undefined;

  constructor(options: MetricsSamplerOptions) {
    this.#options = options;
    this.#background = new Background(options.logger);
  }

  async start(): Promise<void> {
    this.#running = true;
    await this.look();
    this.#background.run('measure', (signal) => this.#measureUntil(signal));
  }

  /** Looks at the machine once, where nothing runs that would be measured again. */
  async look(): Promise<void> {
    const { machineMemory, logger } = this.#options;
    try {
      this.#memory = await machineMemory();
      this.#isMemoryUnknown = false;
    } catch (error) {
      // As it was seen last; before a first look, what the machine has, which may be more than there is for us.
      if (!this.#isMemoryUnknown)
        logger.warn('The memory cannot be measured now', { reason: String(error) });
      this.#isMemoryUnknown = true;
    }
  }

  async stop(): Promise<void> {
    this.#running = false;
    await this.#background.stop();
  }

  latest(profileId: string): ServerSample | undefined {
    return this.#latest.get(profileId);
  }

  history(profileId?: string): MetricsHistory {
    const history = profileId === undefined ? this.#machineHistory : this.#histories.get(profileId);
    const { clock } = this.#options;
    return (history ?? new History()).read(clock.now() - clock.monotonic());
  }

  /** As it was measured last. */
  memory(): MachineMemory {
    return this.#memory;
  }

  machine(): Machine {
    const { total, free, gpuLimit } = this.#memory;
    const budget = this.#options.budget?.();
    return {
      memoryTotal: total,
      memoryFree: free,
      ...(gpuLimit === undefined ? {} : { gpuLimit }),
      ...(budget && { memoryLeft: budget.limit - budget.inUse, memoryLimit: budget.limit }),
      memoryFigure: process.platform === 'darwin' ? 'phys_footprint' : 'rss',
      platform: process.platform,
      arch: process.arch,
      cores: os.availableParallelism(),
    };
  }

  forget(profileId: string): void {
    this.#histories.delete(profileId);
    this.#latest.delete(profileId);
  }

  /** Measures machine and servers anew; who asks while that waits for its turn shares it. */
  measure(): Promise<void> {
    this.#next ??= this.#measuring.then(() => {
      const tick = this.#tick();
      this.#measuring = tick.catch(() => undefined);
      this.#next = undefined;
      return tick;
    });
    return this.#next;
  }

  async #measureUntil(signal: AbortSignal): Promise<void> {
    const { clock, logger, targets, sampleSeconds } = this.#options;
    for (;;) {
      const seconds = targets().length > 0 ? sampleSeconds() : IDLE_SECONDS;
      await sleep(clock, seconds * 1000, signal);
      if (signal.aborted) return;
      try {
        await this.measure();
      } catch (error) {
        // The next look may succeed.
        logger.warn('Measuring failed', { error: String(error) });
      }
    }
  }

  async #tick(): Promise<void> {
    const { clock } = this.#options;
    const time = clock.now();
    const at = clock.monotonic();
    await this.look();
    const seen = await this.#sampleServers();
    if (!this.#running) return;
    if (!seen.known && !this.#isBlind) {
      this.#options.logger.warn('Servers cannot be measured now', { reason: seen.reason });
    }
    this.#isBlind = !seen.known;
    // What could not be measured now stands as it was seen last, and is no point of a history.
    const samples = seen.known ? seen.value : this.#stillThere();
    this.#latest = new Map(samples.map((sample) => [sample.profileId, sample]));
    for (const { profileId, memoryBytes, cpuPercent } of seen.known ? samples : []) {
      this.#historyOf(profileId).add({ at, memoryBytes, cpuPercent });
    }
    const used = this.#memory.total - this.#memory.free;
    this.#machineHistory.add({ at, memoryBytes: used, cpuPercent: undefined });
    this.#options.publish({
      time: new Date(time).toISOString(),
      machine: this.machine(),
      servers: samples,
    });
  }

  async #sampleServers(): Promise<Seen<ServerSample[]>> {
    const { processes, clock } = this.#options;
    const targets = this.#options.targets();
    if (targets.length === 0) return { known: true, value: [] };
    const table = await processes.list();
    if (!table.known) return table;
    const trees = await Promise.all(
      targets.map(async ({ profileId, port, treeOf }) => {
        const tree = treeOf(table.value);
        return { profileId, tree, connections: await this.#connectionsOf(port, tree) };
      }),
    );
    const all = trees.flatMap(({ tree }) => tree);
    const usage = await processes.usage(all.map(({ pid }) => pid));
    if (!usage.known) return usage;
    const at = clock.monotonic();
    const before = this.#cpu;
    this.#cpu = new Map(
      all.flatMap((info): [string, CpuReading][] => {
        const used = usage.value.get(info.pid);
        return used ? [[keyOf(info), { cpuMs: used.cpuMs, at }]] : [];
      }),
    );
    return {
      known: true,
      value: trees.map(({ profileId, tree, connections }) => ({
        ...this.#sum(profileId, tree, usage.value, before),
        ...(connections === undefined ? {} : { connections }),
      })),
    };
  }

  /** Counted at the process that has them, whichever of the tree that is; undefined where it cannot be told. */
  async #connectionsOf(port: number, tree: readonly ProcessInfo[]): Promise<number | undefined> {
    const { processes, countsConnections } = this.#options;
    if (!countsConnections) return undefined;
    const counts = await Promise.all(tree.map(({ pid }) => processes.connections(port, pid)));
    const known = counts.flatMap((count) => (count.known ? [count.value] : []));
    return known.length === 0 ? undefined : Math.max(...known);
  }

  #sum(
    profileId: string,
    tree: readonly ProcessInfo[],
    usage: ReadonlyMap<number, Usage>,
    before: ReadonlyMap<string, CpuReading>,
  ): ServerSample {
    const memory = tree.flatMap(({ pid }) => usage.get(pid)?.memoryBytes ?? []);
    const shares = tree.flatMap((info) => {
      const key = keyOf(info);
      return cpuPercent(before.get(key), this.#cpu.get(key)) ?? [];
    });
    return {
      profileId,
      processes: tree.length,
      ...(shares.length === 0 ? {} : { cpuPercent: total(shares) }),
      ...(memory.length === 0 ? {} : { memoryBytes: total(memory) }),
    };
  }

  #stillThere(): ServerSample[] {
    return this.#options.targets().flatMap(({ profileId }) => this.#latest.get(profileId) ?? []);
  }

  #historyOf(profileId: string): History {
    const existing = this.#histories.get(profileId);
    if (existing) return existing;
    const history = new History();
    this.#histories.set(profileId, history);
    return history;
  }
}

/** CPU time of one process at a monotonic time. */
interface CpuReading {
  readonly cpuMs: number;
  readonly at: number;
}

/** A number that is used again is another process. */
function keyOf({ pid, startTime }: ProcessInfo): string {
  return `${pid} ${startTime}`;
}

/** Of one core, between two readings; undefined before the second one. */
function cpuPercent(
  before: CpuReading | undefined,
  now: CpuReading | undefined,
): number | undefined {
  if (!before || !now || now.at <= before.at) return undefined;
  return (Math.max(0, now.cpuMs - before.cpuMs) * 100) / (now.at - before.at);
}

function total(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0);
}
