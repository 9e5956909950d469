import { chmod, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { afterEach, beforeEach, expect, test } from 'vitest';

import { askPython, isInRange, type Python, rangeText } from '@core/engines/install/python-finder';
import { Uv } from '@core/engines/install/uv';
import type { RunTool } from '@core/engines/tools/tool-runner';
import { createTools } from '@fixtures/tools';
import { DomainError } from '@shared/errors';

let root: string;
let bin: string;
let now: number;
let run: RunTool;
beforeEach(async () => {
  root = await mkdtemp(path.join(tmpdir(), 'mm-uv ü-'));
  bin = path.join(root, 'bin');
  now = 0;
  await mkdir(bin);
  ({ run } = await createTools(path.join(root, 'run')));
});
afterEach(() => rm(root, { recursive: true, force: true }));

async function program(name: string, body: string): Promise<string> {
  const file = path.join(bin, name);
  await writeFile(file, `#!/bin/sh\n${body}\n`);
  await chmod(file, 0o755);
  return file;
}

/** A stand-in that answers our question as the real one does; `rest` plays everything else. */
function python(name: string, version: string, rest: string): Promise<string> {
  const list = version.replaceAll('.', ', ');
  const answer = `[[${list}], "${path.join(bin, name)}"]`;
  return program(name, `if [ "$1" = -I ]; then echo '${answer}'; exit 0; fi\n${rest}`);
}

const create = (runner = run): Uv =>
  new Uv({
    folder: path.join(root, 'tools'),
    bundled: path.join(root, 'bundled', 'uv'),
    requirements: path.resolve('resources/engines/uv/all.txt'),
    env: { PATH: bin, HOME: root },
    run: runner,
    monotonic: () => now,
  });

/** uv as far as finding a Python goes; each call is counted in a file. */
const UV = `echo "$*" >> 'LOG'
case "$1 $2" in
  '--version '*) echo 'uv 0.13.9 (test)' ;;
  'python find') echo 'error: No interpreter found' >&2; exit 2 ;;
  'python install') echo 'error: Failed to install' >&2; echo '  cause: dns error' >&2; exit 1 ;;
esac`;
const uvProgram = (): Promise<string> => program('uv', UV.replace('LOG', path.join(root, 'calls')));

test('without uv and without Python the sentence says what to install', async () => {
  await expect(create().ensure()).rejects.toMatchObject({
    code: 'engine_missing',
    message: expect.stringContaining('needs uv or Python 3.8'),
    action: { label: expect.stringContaining('Install uv') },
  });
  expect(await readdir(path.join(root, 'tools'))).toEqual([]);
});

test('a Python with neither pip nor venv is named, with what helps', async () => {
  await python('python3', '3.11.2', 'echo "No module named $2" >&2; exit 1');
  await expect(create().ensure()).rejects.toMatchObject({
    code: 'engine_missing',
    message: expect.stringMatching(/python3\), but it has neither pip nor venv/),
    action: { label: expect.stringContaining('python3-venv') },
  });
});

test('no way to the package index is offline, not a broken engine', async () => {
  const refused = `case "$3" in --version) exit 0 ;; esac
echo "WARNING: Retrying after connection broken by 'NewConnectionError('...: Connection refused')'" >&2
echo 'ERROR: No matching distribution found for uv==0.13.9' >&2; exit 1`;
  await python('python3', '3.11.2', refused);
  await expect(create().ensure()).rejects.toMatchObject({ code: 'offline' });
  expect(await readdir(path.join(root, 'tools'))).toEqual([]);
});

test('uv is unpacked into our own folder by whichever pip there is', async () => {
  // pip install ... --target FOLDER uv==X
  const pip = `if [ "$2" = venv ]; then exit 1; fi
[ "$3" = --version ] && exit 0
while [ "$1" != --target ]; do shift; done
/bin/mkdir -p "$2/bin"
printf '#!/bin/sh\\necho "uv 0.13.9 (test)"\\n' > "$2/bin/uv"
/bin/chmod 755 "$2/bin/uv"`;
  await python('python3.11', '3.11.2', pip);
  const uv = create();
  const own = path.join(root, 'tools', 'uv-0.13.9', 'bin', 'uv');
  expect(await uv.ensure()).toBe(own);
  expect(await readdir(path.join(root, 'tools'))).toEqual(['uv-0.13.9']);
  await rm(path.join(bin, 'python3.11'));
  expect(await create().ensure(), 'found again without a Python').toBe(own);
});

test('a uv of the machine is taken, one that is too old is not', async () => {
  const file = await program('uv', 'echo "uv 0.1.0"');
  await expect(create().ensure()).rejects.toMatchObject({ code: 'engine_missing' });
  await uvProgram();
  expect(await create().ensure()).toBe(file);
});

test("the system's Python serves when uv can fetch none; the fetch is not tried each time", async () => {
  await uvProgram();
  await python('python3.9', '3.9.1', '');
  await python('python3', '3.11.7', '');
  const uv = create();
  const range = { min: [3, 10], below: [3, 15] } as const;
  const calls = async (): Promise<number> => {
    const text = await readFile(path.join(root, 'calls'), 'utf8');
    return text.split('\n').filter((line) => line.startsWith('python install')).length;
  };
  expect(await uv.python(range, '3.12')).toMatchObject({ version: '3.11.7', minor: 11 });
  await uv.python(range, '3.12');
  expect(await calls()).toBe(1);
  now = 700_000;
  await uv.python(range, '3.12');
  expect(await calls()).toBe(2);
  await rm(path.join(bin, 'python3'));
  await expect(uv.python(range, '3.12')).rejects.toMatchObject({
    code: 'engine_missing',
    message: "No Python 3.10 to 3.14 was found here, and uv couldn't download one (dns error).",
  });
});

test('what is no Python is no Python', async () => {
  const ask = async (file: string): Promise<Python | undefined> => {
    const seen = await askPython(file, { PATH: bin }, run);
    if (!seen.known) throw new Error(seen.reason);
    return seen.value;
  };
  expect(await ask(path.join(bin, 'nothing'))).toBeUndefined();
  expect(await ask(await program('odd', 'echo hello'))).toBeUndefined();
  expect(await ask(await program('shim', 'exit 127'))).toBeUndefined();
  const real = await ask(await python('good', '3.14.0', ''));
  expect(real && isInRange(real, { min: [3, 10], below: [3, 15] })).toBe(true);
  expect(real && isInRange(real, { min: [3, 10], below: [3, 14] })).toBe(false);
  expect(rangeText({ min: [3, 10], below: [3, 15] })).toBe('3.10 to 3.14');
});

test('a Python that could not be asked is not one that is missing', async () => {
  await python('python3', '3.12.4', '');
  const failing: RunTool = async () => {
    throw new DomainError('internal', "python3 can't be run: spawn EAGAIN.");
  };
  const file = path.join(bin, 'python3');
  expect(await askPython(file, { PATH: bin }, failing)).toEqual({
    known: false,
    reason: "python3 can't be run: spawn EAGAIN.",
  });
  await expect(create(failing).ensure()).rejects.toMatchObject({
    message: `uv was not found, and no Python reported its version: ${file} (python3 can't be run: spawn EAGAIN.). Installing engines needs one of them.`,
  });
});

test('a fetch that its first caller cancels goes on for the second', async () => {
  await uvProgram();
  const uv = create();
  const first = new AbortController();
  const cancelled = uv.ensure(undefined, first.signal);
  const second = uv.ensure();
  first.abort();
  await expect(cancelled).rejects.toMatchObject({ code: 'cancelled' });
  expect(await second).toBe(path.join(bin, 'uv'));
});
