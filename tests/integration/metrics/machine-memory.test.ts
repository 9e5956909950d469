import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import os, { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { readGroupMemory } from '@core/metrics/cgroup-memory';
import { readMachineMemory } from '@core/metrics/machine-memory';
import { known } from '@core/processes/seen';

const GB = 1e9;

test('this machine has memory, and some of it is free', async () => {
  const { total, free } = await readMachineMemory();
  expect(total).toBeLessThanOrEqual(os.totalmem());
  expect(free).toBeGreaterThan(0);
  expect(free).toBeLessThanOrEqual(total);
});

describe('groups of processes', () => {
  let root: string;
  let own: string;

  beforeAll(async () => {
    root = await mkdtemp(join(tmpdir(), 'mlx-manager-groups-'));
    own = join(root, 'self');
    await group('app.slice', '8000000000', '6000000000', '2000000000');
    await group('app.slice/server', '9000000000', '1000000000', '0');
    await group('open', 'max', '6000000000', '0');
  });

  afterAll(async () => {
    await rm(root, { recursive: true });
  });

  async function group(name: string, max: string, current: string, cached: string) {
    const folder = join(root, name);
    await mkdir(folder, { recursive: true });
    await writeFile(join(folder, 'memory.max'), `${max}\n`);
    await writeFile(join(folder, 'memory.current'), `${current}\n`);
    await writeFile(join(folder, 'memory.stat'), `anon 5\ninactive_file ${cached}\nfile 7\n`);
  }

  test('the narrowest limit counts, without the cache of files', async () => {
    await writeFile(own, '0::/app.slice/server\n');
    expect(await readGroupMemory(root, own)).toEqual(known({ limit: 8 * GB, free: 4 * GB }));
  });

  test('without a limit there is none', async () => {
    await writeFile(own, '1:cpu:/\n0::/open\n');
    expect(await readGroupMemory(root, own)).toEqual(known(undefined));
    await writeFile(own, '4:memory:/old\n');
    expect(await readGroupMemory(root, own)).toEqual(known(undefined));
    expect(await readGroupMemory(join(root, 'nowhere'), join(root, 'none'))).toEqual(
      known(undefined),
    );
  });

  // Unreadable for root as well: a folder in the place of the file.
  test.each([
    ['limit', async (folder: string) => replaceByFolder(join(folder, 'memory.max'))],
    ['limit', async (folder: string) => writeFile(join(folder, 'memory.max'), 'half of\n')],
    ['use', async (folder: string) => replaceByFolder(join(folder, 'memory.current'))],
    ['use', async (folder: string) => rm(join(folder, 'memory.current'))],
  ])('a %s that cannot be read is not none', async (_, spoil) => {
    await group('app.slice/spoiled', '7000000000', '6000000000', '0');
    await writeFile(own, '0::/app.slice/spoiled\n');
    await spoil(join(root, 'app.slice/spoiled'));
    expect(await readGroupMemory(root, own)).toMatchObject({ known: false });
    await rm(join(root, 'app.slice/spoiled'), { recursive: true });
  });

  test('neither is a list of groups that cannot be read', async () => {
    expect(await readGroupMemory(root, root)).toMatchObject({ known: false });
  });
});

async function replaceByFolder(file: string): Promise<void> {
  await rm(file);
  await mkdir(file);
}
