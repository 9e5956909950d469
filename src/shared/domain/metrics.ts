import { z } from 'zod';

/** What the machine has and uses, bytes. */
export const Machine = z.object({
  memoryTotal: z.number(),
  memoryFree: z.number(),
  /** GPU working-set limit; only where it can be read. */
  gpuLimit: z.number().optional(),
  /** What a server may still take: the number that a start is decided by, the same in every place. */
  memoryLeft: z.number().optional(),
  /** What that is left of: the person's own limit, that of the GPU, or the memory. */
  memoryLimit: z.number().optional(),
  /** Name of the memory figure: phys_footprint on macOS, rss on Linux. */
  memoryFigure: z.enum(['phys_footprint', 'rss']),
  platform: z.string(),
  arch: z.string(),
  cores: z.number(),
});
export type Machine = z.infer<typeof Machine>;

/** One measurement of one server's process tree. */
export const ServerSample = z.object({
  profileId: z.string(),
  memoryBytes: z.number().optional(),
  /** 100 is one core. */
  cpuPercent: z.number().optional(),
  processes: z.number(),
  /** Open connections to its port: of an engine that ends idle ones, requests under way. */
  connections: z.number().optional(),
});
export type ServerSample = z.infer<typeof ServerSample>;

export const MetricsTick = z.object({
  time: z.string(),
  machine: Machine,
  servers: z.array(ServerSample),
});
export type MetricsTick = z.infer<typeof MetricsTick>;

/** The last hour of one server or the machine; null where nothing was measured. */
export const MetricsHistory = z.object({
  /** Unix time in seconds of each point. */
  times: z.array(z.number()),
  memoryBytes: z.array(z.number().nullable()),
  cpuPercent: z.array(z.number().nullable()),
  peakMemoryBytes: z.number().optional(),
});
export type MetricsHistory = z.infer<typeof MetricsHistory>;
