import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';

import { adapters } from '@core/engines/adapters';
import { LOCKED_PYTHON, readPackages } from '@core/engines/install/engine-packages';
import { isInRange } from '@core/engines/install/python-finder';
import { describe, expect, test } from 'vitest';

const RESOURCES = resolve('resources');
const PLATFORMS = [
  ['darwin', 'arm64', 'macos-arm64.txt'],
  ['linux', 'x64', 'linux-x64.txt'],
  ['linux', 'arm64', 'linux-arm64.txt'],
] as const;

/** Requirement lines with the hashes that follow each. */
function entries(text: string): { name: string; version: string; hashes: number; line: string }[] {
  return text
    .replaceAll('\\\n', ' ')
    .split('\n')
    .filter((line) => line.trim() !== '' && !line.startsWith('#'))
    .map((line) => {
      const [, name = '', version = ''] = /^([\w.-]+)==([^\s;]+)/.exec(line) ?? [];
      return {
        name,
        version,
        hashes: line.match(/--hash=sha256:[0-9a-f]{64}\b/g)?.length ?? 0,
        line,
      };
    });
}

const minorOf = (version: string): number => Number(version.split('.')[1]);

describe.each(adapters.map((adapter) => [adapter.id, adapter] as const))('%s', (_, adapter) => {
  const { id: engine, distribution } = adapter;

  test.each(PLATFORMS)(
    '%s %s: every package exact and with hashes',
    async (platform, arch, name) => {
      const packages = await readPackages({
        resources: RESOURCES,
        engine,
        distribution,
        platform,
        arch,
      });
      expect(packages.lockFile?.endsWith(name)).toBe(true);
      const text = readFileSync(packages.lockFile ?? '', 'utf8');
      const list = entries(text);
      expect(list.filter(({ name: found, hashes }) => found === '' || hashes === 0)).toEqual([]);
      expect(new Set(list.map(({ name: found }) => found)).size).toBe(list.length);
      expect(list.find((one) => one.name === distribution)?.version).toBe(packages.lockedVersion);
      // No address: each machine asks the index that it is set to.
      expect(text).not.toMatch(/:\/\/|--index|--find-links/);
      // Too old a macOS makes uv take an MLX of years ago; a Linux without a backend cannot serve.
      expect(minorOf(list.find((one) => one.name === 'mlx')?.version ?? '')).toBeGreaterThanOrEqual(
        31,
      );
      const backend = platform === 'darwin' ? 'mlx-metal' : 'mlx-cpu';
      expect(list.map((one) => one.name)).toContain(backend);
    },
  );

  test('another version asks for the same, with the version changed', async () => {
    const linux = { platform: 'linux', arch: 'x64' } as const;
    const packages = await readPackages({ resources: RESOURCES, engine, distribution, ...linux });
    const [newest, pinned, locked] = ['newest', '9.8.7', packages.lockedVersion].map((version) =>
      packages.requirements(version).join('\n'),
    );
    expect(pinned).toContain('==9.8.7');
    expect(newest).not.toMatch(/^[\w.-]+(\[[^\]]*\])?==/m);
    expect(locked).toBe(pinned?.replaceAll('9.8.7', packages.lockedVersion));
  });

  test('the lists hold for a Python that it runs on', () => {
    const [major, minor] = LOCKED_PYTHON.min;
    const oldest = { path: '', version: `${major}.${minor}.0`, major, minor };
    expect(isInRange(oldest, adapter.python)).toBe(true);
  });
});

test('no list for this platform: the index is asked instead', async () => {
  const packages = await readPackages({
    ...{ resources: RESOURCES, engine: 'mlx-lm', distribution: 'mlx-lm' },
    ...{ platform: 'darwin', arch: 'x64' },
  });
  expect(packages.lockFile).toBeUndefined();
});

test('uv is named once, with hashes of its packages', () => {
  const [uv, ...others] = entries(readFileSync(resolve('resources/engines/uv/all.txt'), 'utf8'));
  expect(others).toEqual([]);
  expect(uv).toMatchObject({ name: 'uv' });
  expect(uv?.hashes).toBeGreaterThan(5);
  const source = readFileSync(resolve('src/main/core/engines/install/uv.ts'), 'utf8');
  expect(source).toContain(`const UV_VERSION = '${uv?.version}'`);
});
