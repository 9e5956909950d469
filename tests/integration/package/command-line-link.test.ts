import {
  lstat,
  mkdir,
  mkdtemp,
  readlink,
  realpath,
  rm,
  symlink,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  installCommandLine,
  type LinkFacts,
  readCommandLine,
  removeCommandLine,
} from '@shell/command-line-link';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

let home: string;
let facts: LinkFacts;
let target: string;

beforeEach(async () => {
  home = await realpath(await mkdtemp(join(tmpdir(), 'mlx-link ü-')));
  const program = join(home, 'MLX Manager.app', 'Contents', 'Resources', 'bin', 'mlx-manager');
  await mkdir(join(program, '..'), { recursive: true });
  await writeFile(program, '#!/bin/sh\n');
  const bin = join(home, '.local', 'bin');
  target = join(bin, 'mlx-manager');
  facts = { program, home, path: `/usr/bin:${bin}` };
});
afterEach(() => rm(home, { recursive: true, force: true }));

describe('the command in the PATH', () => {
  it('is a link in the first folder of the person that is in their PATH, and goes away again', async () => {
    expect(await readCommandLine(facts)).toEqual({ target });
    await installCommandLine(facts);
    expect(await readlink(target)).toBe(facts.program);
    expect(await readCommandLine(facts)).toEqual({ path: target });
    await installCommandLine(facts);
    await removeCommandLine(facts);
    expect(await readCommandLine(facts)).toEqual({ target });
    await expect(lstat(target)).rejects.toThrow();
  });

  it('replaces a link that leads nowhere, as an application leaves that was moved', async () => {
    await mkdir(join(target, '..'), { recursive: true });
    await symlink(join(home, 'Old.app', 'mlx-manager'), target);
    await installCommandLine(facts);
    expect(await readlink(target)).toBe(facts.program);
  });

  it('never takes the place of another program', async () => {
    await mkdir(join(target, '..'), { recursive: true });
    await writeFile(target, 'mine');
    const { target: other, path, reason } = await readCommandLine(facts);
    expect([other, path]).not.toContain(target);
    expect(reason).toMatch(/PATH/);
    await expect(installCommandLine(facts)).rejects.toThrow(/by hand/);
    await removeCommandLine(facts);
    expect((await lstat(target)).isFile()).toBe(true);
  });

  it("says what to do where no folder of the PATH is the person's", async () => {
    expect((await readCommandLine({ ...facts, path: '/usr/bin' })).reason).toMatch(/\.local\/bin/);
    expect((await readCommandLine({ ...facts, program: undefined })).reason).toMatch(/source/);
  });
});
