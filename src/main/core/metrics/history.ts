import type { MetricsHistory } from '@shared/domain/metrics';

const HOUR_MS = 3_600_000;
const POINTS = 720;
/** Points closer together than this are one: an hour has at most {@link POINTS}. */
const STEP_MS = HOUR_MS / POINTS;

export interface Point {
  readonly time: number;
  readonly memoryBytes: number | undefined;
  readonly cpuPercent: number | undefined;
}

/** The last hour of one server or of the machine. */
export class History {
  #points: Point[] = [];
  #peak: number | undefined;

  /** `time` is Unix ms; within one step the newest measurement stands. */
  add(point: Point): void {
    const last = this.#points.at(-1);
    if (last && Math.floor(last.time / STEP_MS) === Math.floor(point.time / STEP_MS)) {
      this.#points[this.#points.length - 1] = point;
    } else this.#points.push(point);
    while ((this.#points[0]?.time ?? point.time) < point.time - HOUR_MS) this.#points.shift();
    if (point.memoryBytes !== undefined) this.#peak = Math.max(this.#peak ?? 0, point.memoryBytes);
  }

  read(): MetricsHistory {
    return {
      times: this.#points.map((point) => Math.round(point.time / 1000)),
      memoryBytes: this.#points.map((point) => point.memoryBytes ?? null),
      cpuPercent: this.#points.map((point) => point.cpuPercent ?? null),
      ...(this.#peak === undefined ? {} : { peakMemoryBytes: this.#peak }),
    };
  }
}
