import { StartGuard } from '@core/servers/start-guard';
import { silentLogger } from '@host/host-ports';
import type { ServerProfile } from '@shared/domain/profile';
import { DomainError } from '@shared/errors';
import { makeAction } from '@shared/errors/action';
import { expect, it } from 'vitest';

const profile = (name: string, updatedAt = '1') =>
  ({ id: name.toLowerCase(), name, updatedAt }) as ServerProfile;

/** A gate that has its word, and servers of which some cannot be stopped. */
function harness({ fits = true, stuck = [] as string[] } = {}) {
  const done: string[] = [];
  const refusal = new DomainError('does_not_fit', 'It does not fit.', {
    action: makeAction('make_room', { profileId: 'a' }),
  });
  const judge = (what: string) => async () => {
    done.push(what);
    if (!fits) throw refusal;
  };
  const guard = new StartGuard({
    gate: { admit: judge('admit'), check: judge('check'), release: () => undefined },
    clock: { monotonic: () => 0, now: () => 0, setTimeout: () => () => undefined },
    logger: silentLogger,
    async stop(id) {
      done.push(`stop ${id}`);
      if (stuck.includes(id)) throw new DomainError('not_answering', 'Process 7 is still there.');
    },
    refused: (id) => done.push(`refused ${id}`),
  });
  return { guard, done };
}

const how = { safeMode: false, force: false, stopFirst: [] };

it('looks whether it is enough before it stops anything', async () => {
  const enough = harness();
  await enough.guard.admit(profile('A'), { ...how, stopFirst: [profile('B'), profile('C')] });
  expect(enough.done).toEqual(['check', 'stop b', 'stop c', 'admit']);
  const short = harness({ fits: false });
  const work = short.guard.admit(profile('A'), { ...how, stopFirst: [profile('B')] });
  await expect(work).rejects.toMatchObject({ code: 'does_not_fit' });
  expect(short.done).toEqual(['check', 'refused a']);
});

it('asks nobody whether it is enough where it is to start anyway', async () => {
  const { guard, done } = harness();
  await guard.admit(profile('A'), { ...how, force: true, stopFirst: [profile('B')] });
  expect(done).toEqual(['stop b', 'admit']);
});

it('starts nothing where one of them cannot be stopped, and names it', async () => {
  const { guard, done } = harness({ stuck: ['b'] });
  const work = guard.admit(profile('A'), { ...how, stopFirst: [profile('B'), profile('C')] });
  await expect(work).rejects.toMatchObject({
    code: 'not_answering',
    message:
      "A wasn't started because not every server could be stopped. B: Process 7 is still there.",
  });
  expect(done).toEqual(['check', 'stop b', 'stop c']);
  expect(guard.refusalOf(profile('A'))).toBeUndefined();
});

it('keeps a refusal until the next start, or until the profile is another one', async () => {
  const { guard } = harness({ fits: false });
  await expect(guard.admit(profile('A'), how)).rejects.toThrow();
  expect(guard.refusalOf(profile('A'))).toEqual({
    at: '1970-01-01T00:00:00.000Z',
    message: 'It does not fit.',
    shortBytes: 0,
  });
  expect(guard.refusalOf(profile('A', '2'))).toBeUndefined();
  guard.forget('a');
  expect(guard.refusalOf(profile('A'))).toBeUndefined();
});

it('what starts again by itself gets a failure, not an error', async () => {
  expect(await harness().guard.readmit(profile('A'), how)).toBeUndefined();
  expect(await harness({ fits: false }).guard.readmit(profile('A'), how)).toMatchObject({
    code: 'out_of_memory',
    message: 'Not restarted: It does not fit.',
    action: { id: 'make_room' },
  });
});
