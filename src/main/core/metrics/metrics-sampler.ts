import os from 'node:os';
import type { Machine, MetricsHistory, MetricsTick, ServerSample } from '@shared/domain/metrics';
import pidusage from 'pidusage';
import type { Clock, Logger } from '../ports';
import { Background } from '../ports/background';
import { sleep } from '../ports/clock';
import { readProcessTable, treeOf } from '../processes/process-table';
import { History } from './history';
import type { MachineMemory } from '../ports';
import { openFootprint, type ReadFootprint } from './phys-footprint';

export interface MetricsSamplerOptions {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly sampleSeconds: () => number;
  readonly machineMemory: () => Promise<MachineMemory>;
  readonly targets: () => { profileId: string; pid: number; pgid: number }[];
  readonly publish: (tick: MetricsTick) => void;
}

/** The machine alone is looked at this often: nothing runs that could change quickly. */
const IDLE_SECONDS = 5;

/** CPU and memory of every server's process tree, in one batched call per tick (O2). */
export class MetricsSampler {
  readonly #options: MetricsSamplerOptions;
  readonly #histories = new Map<string, History>();
  readonly #machineHistory = new History();
  #latest = new Map<string, ServerSample>();
  #memory: MachineMemory = { total: os.totalmem(), free: os.freemem() };
  #footprint: ReadFootprint | undefined;
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
    this.#footprint = await openFootprint(this.#options.logger);
    await this.look();
    this.#background.run('measure', (signal) => this.#measureUntil(signal));
  }

  /** Looks at the machine once, where nothing runs that would be measured again. */
  async look(): Promise<void> {
    this.#memory = await this.#options.machineMemory();
  }

  async stop(): Promise<void> {
    this.#running = false;
    await this.#background.stop();
    pidusage.clear();
  }

  latest(profileId: string): ServerSample | undefined {
    return this.#latest.get(profileId);
  }

  history(profileId?: string): MetricsHistory {
    const history = profileId === undefined ? this.#machineHistory : this.#histories.get(profileId);
    return (history ?? new History()).read();
  }

  /** As it was measured last. */
  memory(): MachineMemory {
    return this.#memory;
  }

  machine(): Machine {
    const { total, free, gpuLimit } = this.#memory;
    return {
      memoryTotal: total,
      memoryFree: free,
      ...(gpuLimit === undefined ? {} : { gpuLimit }),
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
    const time = this.#options.clock.now();
    this.#memory = await this.#options.machineMemory();
    const samples = await this.#sampleServers();
    if (!this.#running) return;
    this.#latest = new Map(samples.map((sample) => [sample.profileId, sample]));
    for (const { profileId, memoryBytes, cpuPercent } of samples) {
      this.#historyOf(profileId).add({ time, memoryBytes, cpuPercent });
    }
    const used = this.#memory.total - this.#memory.free;
    this.#machineHistory.add({ time, memoryBytes: used, cpuPercent: undefined });
    this.#options.publish({
      time: new Date(time).toISOString(),
      machine: this.machine(),
      servers: samples,
    });
  }

  async #sampleServers(): Promise<ServerSample[]> {
    const targets = this.#options.targets();
    if (targets.length === 0) return [];
    const table = await readProcessTable();
    const trees = targets.map(({ profileId, pid, pgid }) => ({
      profileId,
      pids: treeOf(table, pid, pgid).map((info) => info.pid),
    }));
    const usage = await measure(trees.flatMap((tree) => tree.pids));
    return trees.map(({ profileId, pids }) => this.#sum(profileId, pids, usage));
  }

  #sum(profileId: string, pids: readonly number[], usage: Usage): ServerSample {
    const known = pids.flatMap((pid) => usage[pid] ?? []);
    const memory = pids.flatMap((pid) => this.#memoryOf(pid, usage) ?? []);
    return {
      profileId,
      processes: pids.length,
      ...(known.length === 0 ? {} : { cpuPercent: total(known.map((stat) => stat.cpu)) }),
      ...(memory.length === 0 ? {} : { memoryBytes: total(memory) }),
    };
  }

  /** The footprint on macOS, never its resident size; the resident size on Linux. */
  #memoryOf(pid: number, usage: Usage): number | undefined {
    return process.platform === 'darwin' ? this.#footprint?.(pid) : usage[pid]?.memory;
  }

  #historyOf(profileId: string): History {
    const existing = this.#histories.get(profileId);
    if (existing) return existing;
    const history = new History();
    this.#histories.set(profileId, history);
    return history;
  }
}

type Usage = Readonly<Record<number, { readonly cpu: number; readonly memory: number } | null>>;

/** One call for all; a process that has just ended is null in the answer. */
async function measure(pids: readonly number[]): Promise<Usage> {
  if (pids.length === 0) return {};
  try {
    return await pidusage([...pids]);
  } catch {
    return {}; // all of them ended between the table and this call: nothing was measured
  }
}

function total(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0);
}
