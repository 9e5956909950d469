import net from 'node:net';
import fc from 'fast-check';
import { expect, test } from 'vitest';

import { copyName, sameName } from '@core/profiles/names';
import { nextFreePort } from '@core/profiles/ports';
import { ProfileName } from '@shared/domain/profile';

test('names are equal without regard to case, spaces around them and Unicode form', () => {
  expect(sameName(' Qwen ', 'qwEN')).toBe(true);
  expect(sameName('Café', 'Cafe\u0301')).toBe(true);
  expect(sameName('Qwen 1', 'Qwen 2')).toBe(false);
});

test('a copy has a free name of at most 80 characters, whatever the original', () => {
  const name = fc.string({ minLength: 1, maxLength: 80, unit: 'grapheme' });
  fc.assert(
    fc.property(name, fc.nat(4), (original, copies) => {
      const taken = [original];
      for (let copy = 0; copy < copies; copy++) taken.push(copyName(original, taken));
      const next = copyName(original, taken);
      expect([...next].length).toBeLessThanOrEqual(80);
      expect(taken.some((other) => sameName(other, next))).toBe(false);
    }),
  );
});

test.each(['', '   ', 'x'.repeat(81), 'a\nb', 'a\u0000b', 7, null])('%j is no name', (name) => {
  expect(ProfileName.safeParse(name).success).toBe(false);
});

test.each(['x'.repeat(80), 'It\'s "quoted"', '模型 🚀', 'a b', '😀'.repeat(80)])(
  '%j is a name',
  (name) => {
    expect(ProfileName.parse(` ${name} `)).toBe(name.normalize('NFC'));
  },
);

test('the next port is the lowest free one; gaps are used again, busy ones passed over', async () => {
  const first = await nextFreePort([]);
  const second = await nextFreePort([first]);
  expect(second).toBeGreaterThan(first);
  expect(await nextFreePort([second])).toBe(first);
  const holder = net.createServer();
  await new Promise<void>((resolve) => holder.listen(first, '0.0.0.0', resolve));
  try {
    expect(await nextFreePort([])).toBeGreaterThan(first);
  } finally {
    await new Promise((resolve) => holder.close(resolve));
  }
});
