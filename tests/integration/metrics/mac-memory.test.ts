import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from 'vitest';

import { openMacMemory, parseVmStat } from '@core/metrics/mac-memory';
import { readBootId } from '@core/processes/boot-id';
import { faultyTools } from '@fixtures/faulty-tools';
import { buildMacLibrary } from '@fixtures/mac-library';
import { createTempHome } from '@fixtures/temp-home';

test('what vm_stat prints of a Mac', () => {
  const output = `Mach Virtual Memory Statistics: (page size of 16384 bytes)
Pages free:                               12345.
Pages active:                            400000.
Pages inactive:                          398765.
Pages speculative:                         1000.
Pages throttled:                              0.
Pages wired down:                        150000.
Pages purgeable:                           7000.
`;
  expect(parseVmStat(output)).toBe((12_345 + 398_765 + 1000) * 16_384);
  expect(parseVmStat('')).toBeUndefined();
  // Half of it is not less memory.
  expect(parseVmStat(output.slice(0, 150))).toBeUndefined();
});

test('the library tells the memory and the boot, and no program is started', async (context) => {
  const library = await buildMacLibrary();
  if ('reason' in library) return context.skip(library.reason);
  const { PATH } = process.env;
  process.env.PATH = '/nowhere';
  try {
    const { free = 0, wiredLimitMb } = await openMacMemory(library.path)();
    const meminfo = await readFile('/proc/meminfo', 'latin1');
    const available = Number(/MemAvailable:\s+(\d+)/.exec(meminfo)?.[1]) * 1024;
    expect(Math.abs(free - available) / available).toBeLessThan(0.2);
    expect(wiredLimitMb).toBe(0);
    expect(await readBootId('darwin', library.path)).toBe(await readBootId('linux'));
  } finally {
    process.env.PATH = PATH;
  }
});

test('without the library the limit, which a person changes by hand, costs no program at each look', async () => {
  const { PATH } = process.env;
  const home = await createTempHome();
  const [bin, calls] = [path.join(home.folder, 'bin'), path.join(home.folder, 'calls')];
  await mkdir(bin);
  for (const [tool, says] of [
    ['vm_stat', 'page size of 1 bytes'],
    ['sysctl', '70000'],
  ] as const) {
    const script = `#!/bin/sh\necho ${tool} >> '${calls}'\necho '${says}'\n`;
    await writeFile(path.join(bin, tool), script, { mode: 0o700 });
  }
  process.env.PATH = bin;
  try {
    const read = openMacMemory('/nowhere.dylib');
    for (let look = 0; look < 3; look++) expect((await read()).wiredLimitMb).toBe(70_000);
    expect((await readFile(calls, 'utf8')).trim().split('\n')).toEqual([
      'sysctl',
      ...Array<string>(3).fill('vm_stat'),
    ]);
  } finally {
    process.env.PATH = PATH;
    await home.close();
  }
});

test('without the library, and with tools that fail, nothing is told, and nothing is made up', async () => {
  const { PATH } = process.env;
  const home = await createTempHome();
  process.env.PATH = await faultyTools(path.join(home.folder, 'bin'), 'missing');
  try {
    expect(await openMacMemory('/nowhere.dylib')()).toEqual({
      free: undefined,
      wiredLimitMb: undefined,
    });
    expect(await readBootId('darwin', '/nowhere.dylib')).toBe('');
  } finally {
    process.env.PATH = PATH;
    await home.close();
  }
});
