import { adapters } from '@core/engines/adapters';
import { NewestVersions } from '@core/engines/install/newest-versions';
import type { Uv } from '@core/engines/install/uv';
import { createManualClock } from '@fixtures/manual-clock';
import { recordingLogger } from '@fixtures/recording-logger';
import { expect, test } from 'vitest';

const [adapter] = adapters;

test('a view does not wait for an index that hangs: not a moment of its clock passes', async () => {
  let asked = 0;
  const uv = {
    localPython: () => {
      asked += 1;
      return new Promise(() => undefined);
    },
  } as unknown as Uv;
  const newest = new NewestVersions({
    ...{ uv, clock: createManualClock(), folder: '/nowhere', logger: recordingLogger().logger },
    packages: () => Promise.reject(new Error('Nobody gets so far.')),
    onNews: () => undefined,
  });
  if (adapter === undefined) throw new Error('There is no engine.');
  expect(await newest.of(adapter, true)).toBeNull();
  expect(await newest.of(adapter, true)).toBeNull();
  // It was asked nevertheless, and once.
  expect(asked).toBe(1);
});
