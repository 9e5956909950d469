import { privacyAdvice } from '@core/storage/privacy';
import { expect, test } from 'vitest';

const mac = { platform: 'darwin', home: '/Users/anna' } as const;

test.each([
  ['/Users/anna/Documents/models', 'EPERM', true],
  ['/Users/anna/Desktop', 'EACCES', true],
  ['/Volumes/Fast Disk/models', 'EPERM', true],
  ['/Users/anna/Library/Mobile Documents/x', 'EPERM', true],
  ['/Users/anna/models', 'EPERM', false],
  ['/Users/anna/Documents2/models', 'EPERM', false],
  ['/Users/anna/Documents/models', 'ENOENT', false],
])('%s, %s: %s', (place, code, isNamed) => {
  expect(privacyAdvice(place, code, mac) !== '').toBe(isNamed);
  expect(privacyAdvice(place, code, { ...mac, platform: 'linux' })).toBe('');
});
