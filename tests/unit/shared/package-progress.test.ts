import { amountText, leftText, packagesText, progressText } from '@shared/domain/package-progress';
import { expect, test } from 'vitest';

test('as much as is known, and no more', () => {
  const all = { done: 14, total: 38, bytes: 84e6, totalBytes: 221e6 };
  const fast = { ...all, bytesPerSecond: 4.4e6, secondsLeft: 30.2 };
  expect(packagesText(all)).toBe('14 of 38');
  expect(amountText(all)).toBe('84 of 221 MB');
  expect(amountText(fast)).toBe('84 of 221 MB, 4.4 MB/s');
  expect(leftText(fast)).toBe('31 s left');
  expect(leftText({ ...fast, secondsLeft: 0 })).toBe('1 s left');
  expect(leftText(all)).toBe('');
  expect(progressText(fast)).toBe('14 of 38, 84 of 221 MB, 4.4 MB/s, 31 s left');
  expect(progressText({ done: 3, total: 38 })).toBe('3 of 38');
  expect(progressText({ done: 3, total: 38, bytes: 84e6, bytesPerSecond: 4e6 })).toBe(
    '3 of 38, 84 MB, 4.0 MB/s',
  );
});
