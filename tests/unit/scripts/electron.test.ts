import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
// @ts-expect-error: a plain script without types
import { openWindow } from '../../../scripts/electron.mjs';

test('a terminal inside an Electron application does not make a plain Node of ours', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'mm-electron-'));
  try {
    const [electron, said] = [join(folder, 'electron'), join(folder, 'said')];
    const says = `echo "$ELECTRON_RUN_AS_NODE,$NODE_OPTIONS,$HOME,$*"`;
    await writeFile(electron, `#!/bin/sh\n${says} > '${said}'\nexit 3\n`, { mode: 0o700 });
    const env = { HOME: '/home', ELECTRON_RUN_AS_NODE: '1', NODE_OPTIONS: '--inspect' };
    expect(await openWindow(electron, ['the folder', '--hidden'], env)).toMatchObject({ code: 3 });
    expect(await readFile(said, 'utf8')).toBe(',,/home,the folder --hidden\n');
  } finally {
    await rm(folder, { recursive: true });
  }
});
