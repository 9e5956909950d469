import { GatewayMetrics } from '@core/gateway/records/histograms';
import { aRecord } from '@fixtures/gateway-records';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

/** Samples of a text in Prometheus's format, by name and labels; throws where a line is none. */
function samplesOf(text: string): Map<string, number> {
  const samples = new Map<string, number>();
  for (const line of text.trimEnd().split('\n')) {
    if (/^# (?:HELP|TYPE) \w+ /.test(line)) continue;
    const [, series = '', value = ''] =
      /^(\w+\{(?:\w+="(?:[^"\\\n]|\\["\\n])*",?)+\}) ([\d.eE+-]+)$/.exec(line) ?? [];
    if (series === '') throw new Error(`not a sample: ${line}`);
    expect(samples.has(series), series).toBe(false);
    samples.set(series, Number(value));
  }
  return samples;
}

const NAMES: Readonly<Record<string, string>> = { p: 'Qwen "8B"\\\n' };
const nameOf = (id: string): string | undefined => NAMES[id];

describe('GatewayMetrics', () => {
  it('counts requests, tokens and times', () => {
    const metrics = new GatewayMetrics();
    metrics.take([
      aRecord(0, { profileId: 'p' }),
      aRecord(1, { profileId: 'p', status: 503, firstTokenMs: undefined, queueMs: 4000 }),
      aRecord(2, { profileId: undefined, status: 404 }),
    ]);
    metrics.setUnderWay('p', 3);
    const text = metrics.text(nameOf);
    const samples = samplesOf(text);
    const of = (name: string, more = ''): number | undefined =>
      samples.get(
        `mlx_manager_gateway_${name}{profile="Qwen \\"8B\\"\\\\\\n",profile_id="p"${more}}`,
      );
    expect(of('requests_total', ',dialect="responses",status="2xx"')).toBe(1);
    expect(of('requests_total', ',dialect="responses",status="5xx"')).toBe(1);
    expect(of('tokens_total', ',kind="cached"')).toBe(1800);
    expect(of('requests_under_way')).toBe(3);
    expect(of('first_token_seconds_bucket', ',le="0.1"')).toBe(0);
    expect(of('first_token_seconds_bucket', ',le="0.25"')).toBe(1);
    expect(of('first_token_seconds_bucket', ',le="+Inf"')).toBe(1);
    expect(of('first_token_seconds_sum')).toBe(0.2);
    expect(of('queue_seconds_bucket', ',le="5"')).toBe(2);
    expect(of('queue_seconds_count')).toBe(2);
    expect(text).toContain('# TYPE mlx_manager_gateway_duration_seconds histogram\n');
    expect(text).toContain('profile="",profile_id="",dialect="responses",status="4xx"} 1\n');
  });

  it('has buckets that add up, and stays bounded, whatever comes', () => {
    const metrics = new GatewayMetrics();
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.nat(1e7), (profileId, totalMs) => {
        metrics.take([aRecord(0, { profileId, totalMs })]);
      }),
      { numRuns: 500 },
    );
    const samples = samplesOf(metrics.text(() => undefined));
    const counts = [...samples].filter(([series]) => series.includes('duration_seconds_count'));
    expect(counts.length).toBeLessThanOrEqual(101);
    expect(counts.reduce((sum, [, count]) => sum + count, 0)).toBe(500);
    for (const [series, count] of counts) {
      const last = series.replace('_count{', '_bucket{').replace(/\}$/, ',le="+Inf"}');
      expect(samples.get(last)).toBe(count);
    }
  });
});
