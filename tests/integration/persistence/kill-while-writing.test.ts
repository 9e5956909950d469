import { expect, test } from 'vitest';

import { killWhileWriting } from '@fixtures/kill-while-writing';

const KILLS = 12;

test(`${KILLS} kills of the manager while profiles are written: nothing acknowledged is lost`, async () => {
  const { acknowledged, lost, damaged } = await killWhileWriting(KILLS);
  expect(acknowledged).toBeGreaterThan(KILLS / 2);
  expect({ lost, damaged }).toEqual({ lost: [], damaged: [] });
});
