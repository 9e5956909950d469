import { expect, test } from 'vitest';

import { builtFor, isFor, machineText } from '@core/engines/checks/binary';
import { type CheckTools, checkFiles, checkProgram } from '@core/engines/checks/check-installation';
import { type Disk, realDisk } from '@core/engines/checks/disk';
import { interpreterOf } from '@core/engines/checks/program';
import { mayBeRead, packageOf, parseRecord } from '@core/engines/checks/recorded-files';

test('the interpreter of a script is found in each way that installers write it', () => {
  const cases: readonly (readonly [string, readonly string[] | undefined])[] = [
    ['#!/x/bin/python\nimport sys', ['/x/bin/python']],
    ['#! /x/bin/python3.12 -I\n', ['/x/bin/python3.12']],
    ['#!/usr/bin/env node\n', ['/usr/bin/env', 'node']],
    ['#!/usr/bin/env -S python3 -u\n', ['/usr/bin/env', 'python3']],
    [`#!/bin/sh\n'''exec' '/a b/python' "$0" "$@"\n' '''\n`, ['/a b/python']],
    [`#!/bin/sh\n'''exec' "/a b/python" "$0" "$@"\n' '''\n`, ['/a b/python']],
    [`#!/bin/sh\n'''exec' /ab/python3.12 "$0" "$@"\n' '''\n`, ['/ab/python3.12']],
    ['#!/bin/sh\necho hello\n', ['/bin/sh']],
    ['\u007fELF', undefined],
    ['', undefined],
  ];
  for (const [script, interpreter] of cases) expect(interpreterOf(script)).toEqual(interpreter);
});

test('a binary tells the machine that it is made for', () => {
  const elf = Buffer.alloc(64);
  elf.set([0x7f, 0x45, 0x4c, 0x46, 2, 1]);
  elf.writeUInt16LE(183, 18);
  expect(builtFor(elf)).toEqual([{ platform: 'linux', arch: 'arm64' }]);
  const mach = Buffer.alloc(64);
  mach.set([0xcf, 0xfa, 0xed, 0xfe]);
  mach.writeUInt32LE(0x0100000c, 4);
  expect(builtFor(mach)).toEqual([{ platform: 'darwin', arch: 'arm64' }]);
  const both = Buffer.alloc(68);
  both.writeUInt32BE(0xcafebabe, 0);
  both.writeUInt32BE(2, 4);
  both.writeUInt32BE(0x01000007, 8);
  both.writeUInt32BE(0x0100000c, 28);
  const machines = builtFor(both) ?? [];
  expect(machines.map(machineText)).toEqual(['macOS on Intel', 'macOS on ARM']);
  expect(isFor(machines, { platform: 'darwin', arch: 'arm64' })).toBe(true);
  expect(isFor(machines, { platform: 'linux', arch: 'arm64' })).toBe(false);
  const javaClass = Buffer.alloc(64);
  javaClass.writeUInt32BE(0xcafebabe, 0);
  javaClass.writeUInt32BE(0x41, 4);
  expect(builtFor(javaClass)).toBeUndefined();
  expect(builtFor(Buffer.from('echo hello'))).toBeUndefined();
});

test('a record is read with quotes, without sizes, and without what an engine never reads', () => {
  const record = parseRecord(
    'a/b.py,sha256=x,12\r\n"a/c,d.json",sha256=x,3\na/RECORD,,\n../../../bin/tool,sha256=x,9\nnonsense\n',
  );
  expect(record).toEqual([
    { path: 'a/b.py', size: 12 },
    { path: 'a/c,d.json', size: 3 },
    { path: 'a/RECORD', size: undefined },
    { path: '../../../bin/tool', size: 9 },
  ]);
  const read = (path: string): boolean => mayBeRead({ path, size: 1 });
  for (const path of ['mlx/core.so', 'mlx/lib/mlx.metallib', 'a-1.dist-info/METADATA', 'b.py']) {
    expect(read(path), path).toBe(true);
  }
  for (const path of ['a/README.md', 'a/tests/x.py', 'a-1.dist-info/RECORD', '../x', '/x.py']) {
    expect(read(path), path).toBe(false);
  }
  expect(packageOf('mlx_lm-0.32.2.dist-info')).toBe('mlx-lm==0.32.2');
});

/** A disk of which one question cannot be answered. */
function failing(method: keyof Disk, code: string): CheckTools {
  const error = Object.assign(new Error(`${code}: it does not answer`), { code, syscall: 'open' });
  const disk: Disk = { ...realDisk, [method]: () => Promise.reject(error) };
  return { disk, here: { platform: process.platform, arch: process.arch }, searchPath: [] };
}

test('what could not be looked at is neither whole nor broken', async () => {
  const one = {
    origin: 'managed' as const,
    path: '/',
    bin: '/bin',
    program: process.execPath,
    packages: ['mlx-lm==0.32.2'],
  };
  for (const [method, code] of [
    ['stat', 'EMFILE'],
    ['stat', 'EACCES'],
    ['head', 'EIO'],
    ['mayExecute', 'EIO'],
  ] as const) {
    expect(await checkProgram(one, failing(method, code)), `${method} ${code}`).toEqual({
      state: 'unknown',
      reason: `Couldn't check its files: ${code}: it does not answer.`,
    });
  }
  expect(await checkFiles(one, failing('names', 'EMFILE'))).toMatchObject({ state: 'unknown' });
});

test('a mistake of ours is not taken for an answer of the disk', async () => {
  const tools = failing('stat', 'EIO');
  const disk: Disk = { ...realDisk, stat: () => Promise.reject(new TypeError('a mistake')) };
  const one = { origin: 'managed' as const, path: '/', bin: '/bin', program: '/bin/sh' };
  await expect(checkProgram(one, { ...tools, disk })).rejects.toThrow('a mistake');
});
