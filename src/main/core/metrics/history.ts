import type { MetricsHistory } from '@shared/domain/metrics';

const HOUR_MS = 3_600_000;
const POINTS = 720;
/** Points closer together than this are one: an hour has at most {@link POINTS}. */
const STEP_MS = HOUR_MS / POINTS;

export interface Point {
  /** By the monotonic clock, ms: a step of the other one would mix up the order, and what is older than an hour. */
  readonly at: number;
  readonly memoryBytes: number | undefined;
  readonly cpuPercent: number | undefined;
}

/** The last hour of one server or of the machine. */
export class History {
  #points: Point[] = [];
  #peak: number | undefined;

  /** Within one step the newest measurement stands. */
  add(point: Point): void {
    const last = this.#points.at(-1);
    if (last && Math.floor(last.at / STEP_MS) === Math.floor(point.at / STEP_MS)) {
      this.#points[this.#points.length - 1] = point;
    } else this.#points.push(point);
    while ((this.#points[0]?.at ?? point.at) < point.at - HOUR_MS) this.#points.shift();
    if (point.memoryBytes !== undefined) this.#peak = Math.max(this.#peak ?? 0, point.memoryBytes);
  }

  /** @param wallStart Unix ms at which the monotonic clock stood at 0, as people's clocks have it now. */
  read(wallStart: number): MetricsHistory {
    return {
      times: this.#points.map((point) => Math.round((wallStart + point.at) / 1000)),
      memoryBytes: this.#points.map((point) => point.memoryBytes ?? null),
      cpuPercent: this.#points.map((point) => point.cpuPercent ?? null),
      ...(this.#peak === undefined ? {} : { peakMemoryBytes: this.#peak }),
    };
  }
}
