import { expect, test } from 'vitest';

import { installFailure, withoutCredentials } from '@core/engines/install/install-failure';

/** Outputs of uv 0.13.9 and pip, as printed. */
const OUTPUTS: readonly (readonly [string, string, string])[] = [
  [
    'error: Failed to fetch: http://nohost.invalid/simple/mlx-lm/\n  cause: client error (Connect)\n  cause: dns error\n  cause: failed to lookup address information: Name or service not known',
    'offline',
    'nohost.invalid: failed to lookup address',
  ],
  [
    'error: Failed to fetch: http://127.0.0.1:9/simple/mlx-lm/\n  cause: tcp connect error\n  cause: Connection refused (os error 111)',
    'offline',
    '127.0.0.1:9: Connection refused',
  ],
  [
    'error: No solution found when resolving dependencies\n  cause: Because there is no version of mlx-lm[cpu]==99.99.99 and you require mlx-lm[cpu]==99.99.99, we can conclude that your requirements are unsatisfiable.',
    'not_found',
    'mlx-lm[cpu]==99.99.99',
  ],
  [
    'error: Failed to install: numpy\n  cause: failed to copy file: No space left on device (os error 28)',
    'disk_full',
    'the disk is full',
  ],
  [
    'error: failed to create directory `/x`: Permission denied (os error 13)',
    'permission',
    'Permission denied',
  ],
  ['error: Something new happened.', 'engine_broken', 'Something new happened'],
];

test.each(OUTPUTS)('%s', (output, code, part) => {
  const error = installFailure('Installing mlx-lm', output);
  expect(error.code).toBe(code);
  expect(error.message).toMatch(/^Installing mlx-lm failed: /);
  expect(error.message).toContain(part);
});

test('a password in the address of an index is shown nowhere', () => {
  expect(withoutCredentials('see https://me:pw@index.example/simple/ and x')).toBe(
    'see https://index.example/simple/ and x',
  );
});
