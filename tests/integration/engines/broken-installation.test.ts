import {
  chmod,
  cp,
  mkdir,
  readFile,
  readlink,
  rename,
  rm,
  symlink,
  truncate,
  writeFile,
} from 'node:fs/promises';
import { join } from 'node:path';

import { type CoreHarness, createCoreHarness } from '@fixtures/core-harness';
import {
  createSmallEnvironment,
  scriptStart,
  type SmallEnvironment,
  storedEnvironment,
} from '@fixtures/small-environment';
import type { Installation } from '@shared/domain/engine';
import type { ServerProfile } from '@shared/domain/profile';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';

/** An installation that cannot run, in every way that a disk and an upgrade make one. */
let h: CoreHarness;
let env: SmallEnvironment;
/** A copy of it as it was made. */
let whole: string;
let profile: ServerProfile;

const ID = 'mlx-lm-0.32.2';

beforeAll(async () => {
  h = await createCoreHarness();
  const folder = join(h.home.paths.engines, 'mlx-lm', '0.32.2');
  h = await h.restart('stop', async () => {
    env = await createSmallEnvironment(folder);
    whole = join(h.home.folder, 'whole');
    await cp(folder, whole, { recursive: true, verbatimSymlinks: true });
    await writeList([storedEnvironment(env)]);
  });
  profile = await h.createProfile();
});
afterAll(() => h.close());
beforeEach(async () => {
  await rm(env.folder, { recursive: true, force: true });
  await cp(whole, env.folder, { recursive: true, verbatimSymlinks: true });
  expect((await listed()).state).toBe('ready');
});

async function writeList(installations: readonly object[]): Promise<void> {
  const list = { version: 1, installations, used: { 'mlx-lm': [ID] } };
  await writeFile(join(h.home.paths.documents, 'engines.json'), JSON.stringify(list));
}

async function listed(id = ID): Promise<Installation> {
  const found = (await h.client.call('engines.list')).find((one) => one.id === id);
  if (!found) throw new Error(`${id} is not in the list`);
  return found;
}

async function doctor(id = ID) {
  const { checks } = await h.client.call('doctor.run');
  return checks.find((one) => one.id === `engine:${id}`);
}

/** How a start of the profile fails. */
async function failedStart() {
  const begun = h.seen.length;
  await h.client.call('servers.start', { profileId: profile.id });
  await h.waitFor(profile.id, 'failed');
  return h.seen.slice(begun).findLast(({ state }) => state === 'failed')?.failure;
}

const MEND = {
  id: 'reinstall_engine',
  label: 'Reinstall mlx-lm 0.32.2',
  params: { engine: 'mlx-lm', version: '0.32.2', installationId: ID },
};

/** Every way to break it, and what is said of it everywhere. */
const BREAKAGES: readonly (readonly [string, () => Promise<void>, RegExp])[] = [
  [
    'its folder was deleted',
    () => rm(env.folder, { recursive: true }),
    /^Its folder .* is gone\.$/,
  ],
  [
    'its program was deleted',
    () => rm(join(env.bin, 'mlx_lm.server')),
    /^Its program .*mlx_lm\.server is gone\.$/,
  ],
  [
    'its program was emptied',
    () => truncate(join(env.bin, 'mlx_lm.server')),
    /^Its program .* is empty\.$/,
  ],
  [
    'its program may not be executed',
    () => chmod(join(env.bin, 'mlx_lm.server'), 0o644),
    /^Its program .* isn't executable\.$/,
  ],
  [
    'its program is a folder',
    async () => {
      await rm(join(env.bin, 'mlx_lm.server'));
      await mkdir(join(env.bin, 'mlx_lm.server'));
    },
    /^Its program .* is not a file\.$/,
  ],
  [
    'its program is a link to nothing',
    async () => {
      await rm(join(env.bin, 'mlx_lm.server'));
      await symlink('/nowhere/mlx_lm.server', join(env.bin, 'mlx_lm.server'));
    },
    /^Its program .* leads to \/nowhere\/mlx_lm\.server, which is gone\.$/,
  ],
  [
    'its program is a link to itself',
    async () => {
      await rm(join(env.bin, 'mlx_lm.server'));
      await symlink('mlx_lm.server', join(env.bin, 'mlx_lm.server'));
    },
    /^Its program .* is a link to itself\.$/,
  ],
  [
    'its program needs a Python of a renamed home',
    () => writeScript('/Users/before/engines/mlx-lm/0.32.2/bin/python'),
    /^Its program .* needs \/Users\/before\/.*\/bin\/python, which is gone\.$/,
  ],
  [
    'its program needs a program that is not on the PATH',
    () => writeScript('/usr/bin/env no-such-python'),
    /^Its program .* needs no-such-python, which isn't on the PATH\.$/,
  ],
  [
    'its Python was deleted',
    () => rm(env.python),
    /^Its program .* needs .*python, which is gone\.$/,
  ],
  [
    'its Python went with an upgrade of the system',
    async () => {
      await rm(env.python);
      await symlink('/opt/python@3.12/3.12.4/bin/python3.12', env.python);
    },
    /^Its program .* needs .*, which leads to \/opt\/python@3\.12\/.*, which is gone\.$/,
  ],
  [
    'its Python is for another processor',
    async () => {
      await rm(env.python);
      await writeFile(env.python, foreignBinary(), { mode: 0o755 });
    },
    /^Its program .*python is built for .*, but this machine is .*\.$/,
  ],
  [
    'its Python was upgraded under it',
    async () => {
      const library = join(env.site, '..');
      await rename(library, join(library, '..', 'python3.1'));
    },
    /^Its Python is now 3\.\d+, but its packages were installed for 3\.1\.$/,
  ],
  [
    'its configuration was deleted',
    () => rm(join(env.folder, 'pyvenv.cfg')),
    /^Its file .*pyvenv\.cfg is missing/,
  ],
  [
    'the Python that made it was removed',
    async () => {
      const file = join(env.folder, 'pyvenv.cfg');
      const text = await readFile(file, 'utf8');
      await writeFile(file, text.replace(/^home = .*$/m, 'home = /opt/gone/bin'));
    },
    /^The Python it was created with is gone: \/opt\/gone\/bin\.$/,
  ],
  [
    'a file of its package was deleted',
    () => rm(join(env.site, 'mlx_lm', 'parts', 'numbers.py')),
    /^Its file mlx_lm\/parts\/numbers\.py is gone\.$/,
  ],
  [
    'a file of its package was emptied',
    () => truncate(join(env.site, 'mlx_lm', 'server.py')),
    /^Its file mlx_lm\/server\.py is empty\.$/,
  ],
  [
    'its package was deleted and its record left',
    () => rm(join(env.site, 'mlx_lm'), { recursive: true }),
    /^5 of its files are missing or empty, including mlx_lm\/__init__\.py\.$/,
  ],
  [
    'the record of its package was deleted',
    () => rm(join(env.site, 'mlx_lm-0.32.2.dist-info'), { recursive: true }),
    /^Its file mlx-lm-0\.32\.2\.dist-info is gone\.$/,
  ],
];

async function writeScript(interpreter: string): Promise<void> {
  await writeFile(join(env.bin, 'mlx_lm.server'), `${scriptStart(interpreter)}import sys\n`);
}

/** The head of a program for Linux on a processor that this machine does not have. */
function foreignBinary(): Buffer {
  const head = Buffer.alloc(64);
  head.set([0x7f, 0x45, 0x4c, 0x46, 2, 1]);
  head.writeUInt16LE(process.arch === 'arm64' ? 62 : 183, 18);
  return head;
}

describe('is said by the list, the doctor and a start, with the action that mends it', () => {
  test.each(BREAKAGES)('%s', async (_name, breakIt, problem) => {
    await breakIt();
    const shown = await listed();
    expect(shown).toMatchObject({ state: 'broken', inUse: true });
    expect(shown.problem).toMatch(problem);
    expect(await doctor()).toMatchObject({
      state: 'problem',
      message: `mlx-lm 0.32.2 can't run. ${shown.problem}`,
      action: MEND,
    });
    expect(await failedStart()).toMatchObject({
      code: 'engine_broken',
      message: `mlx-lm 0.32.2 can't run. ${shown.problem}`,
      action: MEND,
    });
    const use = h.client.call('engines.use', { installationId: ID });
    await expect(use).rejects.toMatchObject({
      message: `${ID} can't be put in use. ${shown.problem}`,
      action: MEND,
    });
  });
});

test('a start looks for itself, before any list was asked for', async () => {
  await rm(env.python);
  expect(await failedStart()).toMatchObject({
    code: 'engine_broken',
    message: expect.stringMatching(/^mlx-lm 0\.32\.2 can't run\. Its program .* is gone\.$/),
    action: MEND,
  });
});

test('a start that fails for a file that is gone names it, before any list was asked for', async () => {
  await h.client.call('engines.options', { installationId: ID });
  await rm(join(env.site, 'mlx_lm', 'parts', 'numbers.py'));
  const failure = await failedStart();
  expect(failure).toMatchObject({
    code: 'engine_broken',
    message: "mlx-lm 0.32.2 can't run. Its file mlx_lm/parts/numbers.py is gone.",
    action: MEND,
  });
  expect(failure?.evidence.map(({ text }) => text).join('\n')).toContain('ImportError');
});

test('the self-test says the same, and is no verdict on what was repaired since', async () => {
  const python = await readlink(env.python);
  await rm(env.python);
  const { problem } = await listed();
  const result = await h.client.call('engines.test', { installationId: ID });
  expect(result).toMatchObject({ passed: false, problem });
  await symlink(python, env.python);
  expect((await listed()).state).toBe('ready');
});

test('what only a run shows is found by the doctor, and is known after a restart', async () => {
  // Every file is there; one of them does not work any more.
  await writeFile(
    join(env.site, 'mlx_lm', 'parts', 'numbers.py'),
    'raise SystemError("no luck")\n',
  );
  expect((await listed()).state).toBe('ready');
  const found = await doctor();
  expect(found).toMatchObject({ state: 'problem', message: expect.stringContaining('no luck') });
  const { problem } = await listed();
  expect(problem).toMatch(/^Its program doesn't run: mlx_lm\.server --help ended with 1/);

  h = await h.restart('stop');
  expect(await listed()).toMatchObject({ state: 'broken', problem });
  expect((await failedStart())?.message).toBe(`mlx-lm 0.32.2 can't run. ${problem}`);
  await writeFile(join(env.site, 'mlx_lm', 'parts', 'numbers.py'), 'TOKENS = 512\n');
  expect((await doctor())?.state).toBe('ok');
  expect((await listed()).state).toBe('ready');
});

test('a file that an engine never reads is no fault, nor is one that a person changed', async () => {
  await rm(join(env.site, 'mlx_lm', 'README.md'));
  await writeFile(join(env.site, 'mlx_lm', 'parts', 'numbers.py'), 'TOKENS = 1024  # more\n');
  expect((await listed()).state).toBe('ready');
  expect((await doctor())?.state).toBe('ok');
});

test('views hear of it without asking for the list', async () => {
  await rm(join(env.site, 'mlx_lm', 'server.py'));
  const told = new Promise<Installation[]>((resolve) => {
    const off = h.client.on('installations.changed', (list) => {
      off();
      resolve(list);
    });
  });
  await h.client.call('engines.available', { quick: true });
  expect((await told).find(({ id }) => id === ID)).toMatchObject({
    state: 'broken',
    problem: 'Its file mlx_lm/server.py is gone.',
  });
});

test('one that a person registered is theirs to repair, and the manager says so', async () => {
  const entry = { ...storedEnvironment(env), id: 'r', path: env.python, origin: 'registered' };
  h = await h.restart('stop', () => writeList([storedEnvironment(env), entry]));
  await rm(join(env.bin, 'mlx_lm.server'));
  expect(await listed('r')).toMatchObject({ state: 'broken' });
  expect(await doctor('r')).toMatchObject({
    state: 'warning',
    action: { id: 'repair_environment', params: { engine: 'mlx-lm', installationId: 'r' } },
  });
  const reinstall = h.client.call('engines.reinstall', { installationId: 'r' });
  await expect(reinstall).rejects.toMatchObject({ code: 'conflict' });
  await h.client.call('engines.remove', { installationId: 'r' });
  expect(await readFile(join(env.folder, 'pyvenv.cfg'), 'utf8')).toContain('home');
});

test('a data folder that was moved is followed, and what does not work there says why', async () => {
  const before = join(h.home.folder, 'before', 'engines', 'mlx-lm', '0.32.2');
  h = await h.restart('stop', async () => {
    const entry = storedEnvironment(env);
    await writeList([{ ...entry, path: before, bin: join(before, 'bin'), python: undefined }]);
    await writeScript(join(before, 'bin', 'python'));
  });
  const moved = await listed();
  expect(moved).toMatchObject({ path: env.folder, state: 'broken' });
  expect(moved.problem).toContain(`needs ${join(before, 'bin', 'python')}, which is gone`);
});

test('a folder that no list has is shown with its bytes and can be removed', async () => {
  h = await h.restart('stop', () => writeList([]));
  const found = await listed();
  expect(found).toMatchObject({ version: '0.32.2', origin: 'managed', state: 'broken' });
  expect(found.sizeBytes).toBeGreaterThan(100);
  expect(found.problem).toMatch(/^Its folder was found, but it wasn't in the list/);
  await h.client.call('engines.remove', { installationId: ID });
  expect(await h.client.call('engines.list')).toEqual([]);
  await expect(readFile(join(env.folder, 'pyvenv.cfg'))).rejects.toMatchObject({ code: 'ENOENT' });
});
