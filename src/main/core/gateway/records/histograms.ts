import type { RequestRecord } from '@shared/gateway/record';
import type { NameOf } from './shown-records';

/** Upper bounds of buckets, seconds. */
const FIRST_TOKEN = [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120];
const DURATION = [0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 600];
const WAITING = [0.1, 1, 5, 10, 30, 60, 120, 300];

/** Profiles that are told apart; the rest are one. Each is some fifty lines. */
const MAX_PROFILES = 100;
/** Label of requests that no profile took. */
const NONE = '';
const REST = '(others)';

const PREFIX = 'mlx_manager_gateway';

class Histogram {
  readonly #bounds: readonly number[];
  readonly #counts: number[];
  #sum = 0;

  constructor(bounds: readonly number[]) {
    this.#bounds = bounds;
    // The last one is of what is above every bound.
    this.#counts = new Array<number>(bounds.length + 1).fill(0);
  }

  observe(seconds: number): void {
    const at = this.#bounds.findIndex((bound) => seconds <= bound);
    const index = at === -1 ? this.#bounds.length : at;
    this.#counts[index] = (this.#counts[index] ?? 0) + 1;
    this.#sum += seconds;
  }

  lines(name: string, labels: string): string[] {
    let count = 0;
    const buckets = this.#counts.map((own, index) => {
      count += own;
      return `${name}_bucket{${labels},le="${this.#bounds[index] ?? '+Inf'}"} ${count}`;
    });
    return [...buckets, `${name}_sum{${labels}} ${this.#sum}`, `${name}_count{${labels}} ${count}`];
  }
}

/** Everything that is counted of one profile. */
class ProfileCounts {
  /** By dialect and the status's first digit: a few dozen at most. */
  readonly requests = new Map<string, number>();
  readonly tokens = { prompt: 0, cached: 0, answer: 0 };
  readonly firstToken = new Histogram(FIRST_TOKEN);
  readonly duration = new Histogram(DURATION);
  readonly queue = new Histogram(WAITING);
  readonly load = new Histogram(WAITING);
  underWay = 0;

  take(record: RequestRecord): void {
    const status = `${Math.floor(record.status / 100)}xx`;
    const kind = `dialect="${record.dialect}",status="${status}"`;
    this.requests.set(kind, (this.requests.get(kind) ?? 0) + 1);
    this.tokens.prompt += record.promptTokens ?? 0;
    this.tokens.cached += record.cachedTokens ?? 0;
    this.tokens.answer += record.answerTokens ?? 0;
    if (record.firstTokenMs !== undefined) this.firstToken.observe(record.firstTokenMs / 1000);
    this.duration.observe(record.totalMs / 1000);
    this.queue.observe(record.queueMs / 1000);
    this.load.observe(record.loadMs / 1000);
  }
}

/** Counts of the gateway's requests since the manager started, for Prometheus. */
export class GatewayMetrics {
  readonly #profiles = new Map<string, ProfileCounts>();

  take(records: readonly RequestRecord[]): void {
    for (const record of records) this.#of(record.profileId ?? NONE).take(record);
  }

  /** How many requests of a profile are under way now. */
  setUnderWay(profileId: string, count: number): void {
    this.#of(profileId).underWay = count;
  }

  /**
   * The counts in Prometheus's text format, version 0.0.4
   * (https://prometheus.io/docs/instrumenting/exposition_formats/).
   */
  text(nameOf: NameOf): string {
    const all = [...this.#profiles].map(([profileId, counts]) => ({
      labels: `profile="${escaped(nameOf(profileId) ?? profileId)}",profile_id="${escaped(profileId)}"`,
      counts,
    }));
    const histogram = (
      name: string,
      help: string,
      of: (counts: ProfileCounts) => Histogram,
    ): string[] => [
      ...head(name, 'histogram', help),
      ...all.flatMap(({ labels, counts }) => of(counts).lines(`${PREFIX}_${name}`, labels)),
    ];
    const lines = [
      ...head('requests_total', 'counter', 'Requests that have ended.'),
      ...all.flatMap(({ labels, counts }) =>
        [...counts.requests].map(
          ([kind, count]) => `${PREFIX}_requests_total{${labels},${kind}} ${count}`,
        ),
      ),
      ...head('tokens_total', 'counter', 'Tokens, as engines counted them.'),
      ...all.flatMap(({ labels, counts }) =>
        Object.entries(counts.tokens).map(
          ([kind, count]) => `${PREFIX}_tokens_total{${labels},kind="${kind}"} ${count}`,
        ),
      ),
      ...head('requests_under_way', 'gauge', 'Requests that have not ended.'),
      ...all.map(
        ({ labels, counts }) => `${PREFIX}_requests_under_way{${labels}} ${counts.underWay}`,
      ),
      ...histogram(
        'first_token_seconds',
        "Time to the engine's first token, without queue and load.",
        ({ firstToken }) => firstToken,
      ),
      ...histogram('duration_seconds', 'Time of whole requests.', ({ duration }) => duration),
      ...histogram('queue_seconds', 'Time in the queue.', ({ queue }) => queue),
      ...histogram('load_seconds', 'Time for which a model was loaded.', ({ load }) => load),
    ];
    return `${lines.join('\n')}\n`;
  }

  #of(profileId: string): ProfileCounts {
    const isKnown = this.#profiles.has(profileId) || this.#profiles.size < MAX_PROFILES;
    const key = isKnown ? profileId : REST;
    const counts = this.#profiles.get(key) ?? new ProfileCounts();
    this.#profiles.set(key, counts);
    return counts;
  }
}

function head(name: string, type: 'counter' | 'gauge' | 'histogram', help: string): string[] {
  return [`# HELP ${PREFIX}_${name} ${help}`, `# TYPE ${PREFIX}_${name} ${type}`];
}

/** A label's value, as the format wants it. */
function escaped(value: string): string {
  return value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
}
