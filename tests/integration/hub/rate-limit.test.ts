import { modelRepo } from '@fixtures/download-harness';
import type { FaultPlan } from '@fixtures/fake-hub/faults';
import { createHubHarness, type HubHarness } from '@fixtures/hub-harness';
import { HubSearch } from '@shared/domain/hub';
import { afterEach, beforeEach, expect, it } from 'vitest';

const REFS = Array.from({ length: 30 }, (_, index) => `org/Model-${index}`);

let harness: HubHarness;
beforeEach(async () => {
  harness = await createHubHarness(await Promise.all(REFS.map((ref) => modelRepo(ref))));
});
afterEach(() => harness.close());

/** The hub refuses one request, and would answer those after it: nobody should ask. */
function refuse(wanted: number): FaultPlan {
  let count = 0;
  return () => {
    count += 1;
    const headers = { 'retry-after': '60' };
    return count === wanted ? { kind: 'answer', status: 429, headers } : undefined;
  };
}

/** Requests that may be under way at the same time: the hub sees them, whatever it has said meanwhile. */
const UNDER_WAY = 8;

const WAYS: readonly (readonly [string, () => Promise<unknown>])[] = [
  ['the facts of thirty models', () => harness.service.facts(REFS)],
  ['a search that reads the files of each', () => harness.search({ maxBytes: 1 })],
  [
    'what each filter leaves out',
    () => harness.service.without(HubSearch.parse({ maxBytes: 1, author: 'org', fits: true })),
  ],
];

it.each(WAYS.flatMap(([what, work]) => [2, 9].map((at) => [what, at, work] as const)))(
  'after a refusal, of %s nothing more is asked (request %i is refused)',
  async (_, at, work) => {
    const { hub } = harness;
    hub.plan = refuse(at);
    const asked = (): number => hub.requests.filter(({ path }) => path !== '/last').length;
    await expect(work()).rejects.toMatchObject({ code: 'rate_limited' });
    const before = asked();
    // Each of these comes after all that were begun before it.
    for (let round = 0; round < 30; round++) await (await fetch(`${hub.url}/last`)).text();
    expect(asked() - before).toBeLessThan(UNDER_WAY);
  },
);
