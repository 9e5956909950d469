import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';

import { adapters } from '@core/engines/adapters';
import { readSizes, sumOfSizes } from '@core/engines/install/package-sizes';
import { expect, test } from 'vitest';

const PLATFORMS = ['macos-arm64', 'linux-x64', 'linux-arm64'];
const PLACES = adapters
  .flatMap(({ id }) => PLATFORMS.map((platform) => [id, platform] as const))
  // What has to be built on a platform cannot be weighed elsewhere; of a Mac all is known.
  .filter(
    ([id, platform]) =>
      platform === 'macos-arm64' ||
      existsSync(resolve('resources', 'engines', id, `${platform}.sizes.txt`)),
  );
const read = (engine: string, name: string): string =>
  readFileSync(resolve('resources', 'engines', engine, name), 'utf8');

test.each(PLACES)('%s on %s: every package of the list was weighed', (engine, platform) => {
  const names = [...read(engine, `${platform}.txt`).matchAll(/^([\w.-]+)==/gm)].map(
    ([, name]) => name,
  );
  const sizes = readSizes(read(engine, `${platform}.sizes.txt`));
  expect([...sizes.keys()].sort()).toEqual(names.sort());
  for (const [name, { download, disk }] of sizes) {
    expect(download, name).toBeGreaterThan(500);
    expect(disk, name).toBeGreaterThan(500);
  }
});

test('a list tells names and bytes; its comments do not count', () => {
  const sizes = readSizes('# Package, bytes 1 2\nmlx 10 30\nmlx-lm 1 4\nhalf 3\n');
  expect([...sizes]).toEqual([
    ['mlx', { download: 10, disk: 30 }],
    ['mlx-lm', { download: 1, disk: 4 }],
  ]);
  expect(sumOfSizes(sizes)).toEqual({ download: 11, disk: 34 });
  expect(sumOfSizes(sizes, ['mlx-lm'])).toEqual({ download: 1, disk: 4 });
});

test('a sum with something that was not weighed is none, and nor is one of nothing', () => {
  const sizes = readSizes('mlx 10 30\n');
  expect(sumOfSizes(sizes, ['mlx', 'numpy'])).toBeUndefined();
  expect(sumOfSizes(sizes, [])).toBeUndefined();
  expect(sumOfSizes(readSizes(''))).toBeUndefined();
});
