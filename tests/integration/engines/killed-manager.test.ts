import { execFile } from 'node:child_process';
import { access, chmod, mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { FAKE_ENGINE } from '@fixtures/fake-adapter';
import { type ManagerProcess, startManager } from '@fixtures/manager-process';
import { createTempHome, processesNaming, type TempHome } from '@fixtures/temp-home';
import type { Installation } from '@shared/domain/engine';
import { afterEach, beforeEach, expect, test } from 'vitest';

/**
 * A manager that is killed while it installs, with a stand-in for uv that goes on as the real one does: it makes
 * its folder anew, and has a child that does not listen to SIGTERM.
 */
let home: TempHome;
let manager: ManagerProcess;
let bin: string;

const run = promisify(execFile);

beforeEach(async () => {
  home = await createTempHome();
  bin = join(home.folder, 'bin');
  await mkdir(bin);
});

afterEach(() => manager.close());

async function program(name: string, body: string): Promise<string> {
  const file = join(bin, name);
  await writeFile(file, `#!/bin/sh\n${body}\n`);
  await chmod(file, 0o755);
  return file;
}

/** `sync` is what it does with the folder of the environment, `$env`. */
async function writeUv(sync: string): Promise<void> {
  const { stdout } = await run('python3', ['-c', 'import sys; print(sys.executable)']);
  await program(
    'uv',
    `for last; do :; done
case "$1 $2" in
  '--version '*) echo 'uv 0.13.9 (test)' ;;
  'python find') echo '${stdout.trim()}' ;;
  'venv '*) mkdir -p "$last/bin"; echo 'home = /usr/bin' > "$last/pyvenv.cfg" ;;
  'pip sync') env="\${last%/lock.txt}"; ${sync} ;;
esac`,
  );
}

const start = (): Promise<ManagerProcess> =>
  startManager({
    offline: true,
    home,
    env: { PATH: `${bin}:${process.env.PATH}`, HOME: home.folder },
  });

const environment = (): string => join(home.paths.engines, 'mlx-lm', '0.32.2');
const exists = (file: string): Promise<boolean> =>
  access(file).then(
    () => true,
    () => false,
  );

/** Begins an installation and waits until its folder holds this file. */
async function beginInstall(file: string) {
  const ended = manager.run('engine', 'install', 'mlx-lm');
  await expect.poll(() => exists(join(environment(), file))).toBe(true);
  return { ended };
}

/** That a manager which was started since has left nothing of it. */
async function expectNothingLeft(): Promise<void> {
  const others = (await processesNaming(home.folder)).filter(({ pid }) => pid !== manager.pid);
  expect(others).toEqual([]);
  expect(await readdir(join(home.paths.engines, 'mlx-lm'))).toEqual([]);
  const records = (await readdir(home.paths.run)).filter((name) => name.endsWith('.tool.json'));
  expect(records).toEqual([]);
  expect((await manager.json('engine', 'list')) as Installation[]).toEqual([]);
}

const SYNC = `(trap '' TERM; while :; do mkdir -p "$env/lib"; echo x >> "$env/lib/file"; sleep 0.05; done) &
while :; do mkdir -p "$env/lib"; echo x >> "$env/lib/other"; sleep 0.05; done`;

test('the next manager ends the installer that goes on, then deletes the folder', async () => {
  await writeUv(SYNC);
  manager = await start();
  const command = await beginInstall('lib/file');
  await manager.kill();
  await command.ended;
  expect((await processesNaming(home.folder)).length).toBeGreaterThan(1);
  manager = await start();
  await expectNothingLeft();
});

test('a command that installs without a manager is treated alike', async () => {
  await writeUv(SYNC);
  manager = await start();
  await manager.end('SIGINT');
  const alone = manager.run('engine', 'install', 'mlx-lm');
  await expect.poll(() => exists(join(environment(), 'lib/file'))).toBe(true);
  const others = await processesNaming(home.folder);
  const command = others.find(({ command: line }) => line.includes('engine install'));
  process.kill(command?.pid ?? Number.NaN, 'SIGKILL');
  await alone;
  manager = await start();
  await expectNothingLeft();
});

test('a quit in the middle ends the installer and leaves no folder', async () => {
  await writeUv(SYNC);
  manager = await start();
  const command = await beginInstall('lib/file');
  expect(await manager.end('SIGINT')).toBe(0);
  await command.ended;
  expect(await processesNaming(home.folder)).toEqual([]);
  expect(await readdir(join(home.paths.engines, 'mlx-lm'))).toEqual([]);
  manager = await start();
  await expectNothingLeft();
});

test('the server of a self-test is ended as well', async () => {
  const server = `#!/bin/sh\\nexport FAKE_LOAD_MS=600000\\nexec ${process.execPath} ${FAKE_ENGINE} \\"\\$@\\"\\n`;
  await writeUv(`mkdir -p "$env/lib/python3.12/site-packages"
printf "${server}" > "$env/bin/mlx_lm.server"; chmod 755 "$env/bin/mlx_lm.server"
cp "$0" "$env/bin/python"`);
  manager = await start();
  const command = manager.run('engine', 'install', 'mlx-lm');
  const serving = async (): Promise<boolean> =>
    (await processesNaming(home.folder)).some(({ command: line }) =>
      line.includes(`${FAKE_ENGINE} --model`),
    );
  await expect.poll(serving).toBe(true);
  await manager.kill();
  await command;
  expect(await serving()).toBe(true);
  manager = await start();
  await expectNothingLeft();
});
