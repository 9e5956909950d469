import { execFile, spawn, type StdioOptions } from 'node:child_process';
import { once } from 'node:events';
import { cp, readdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { type CliHarness, collect, createCliHarness } from '@fixtures/cli-harness';
import { COMMAND } from '@fixtures/command';
import { modelRepo } from '@fixtures/download-harness';
import { FAKE_ENGINE } from '@fixtures/fake-adapter';
import { startFakeHub } from '@fixtures/fake-hub/hub';
import { user, writePromptModel } from '@fixtures/prompt-models';
import { until } from '@fixtures/until';
import { TokenCounter } from '@gateway/context/counter';
import { afterEach, beforeEach, expect, it } from 'vitest';

// What is true of the single executable alone; what it does as a command and as a manager is in the other files of
// this level.
const run = promisify(execFile);
const [program] = COMMAND;

let harness: CliHarness;

beforeEach(async () => {
  harness = await createCliHarness();
});
afterEach(() => harness.close());

const inFolder = (...names: readonly string[]): string => join(harness.home.folder, ...names);

it('is one file that needs no Node, says nothing beside its answer, and is found through a link', async () => {
  const link = inFolder('mlx-manager');
  await symlink(program, link);
  const { stdout, stderr } = await run(link, ['version', '--json'], { env: { PATH: '/nowhere' } });
  expect(JSON.parse(stdout)).toEqual({ version: expect.stringMatching(/^\d/) });
  expect(stderr).toBe('');
});

it('holds texts of ASCII alone, which V8 keeps as they are, and says what they say', async () => {
  const built = join(dirname(program), '..', '..', '..', 'executable');
  const threads = ['hash-worker.cjs', 'counter-worker.cjs', 'gateway-thread.cjs'];
  for (const name of ['mlx-manager.cjs', ...threads]) {
    expect((await readFile(join(built, name))).find((byte) => byte > 127)).toBeUndefined();
  }
  const { error } = await harness.failure('hub', 'token', 'test');
  expect(error).toMatchObject({ action: { label: 'Set a token…' } });
});

it('runs our program alone: neither NODE_OPTIONS nor a word of Node changes that', async () => {
  const script = inFolder('script.cjs');
  await writeFile(script, 'console.log("not ours"); process.exit(7);');
  const env = { ...process.env, NODE_OPTIONS: `--require "${script}"` };
  expect((await run(program, ['version'], { env })).stdout).toMatch(/^mlx-manager \d/);
  for (const words of [['--eval', '1'], ['--require', script], [script], ['--inspect']]) {
    const ended = await harness.run(...words);
    expect({ words, code: ended.code, stdout: ended.stdout }).toEqual({
      words,
      code: 2,
      stdout: '',
    });
  }
});

it('names itself, and nothing else, in the service that it prints', async () => {
  const [service] = await harness.json('serve', '--print-service', 'launchd', '--port', '7000');
  const text = JSON.stringify(service);
  expect(text).toContain(
    `<array>\\n    <string>${program}</string>\\n    <string>serve</string>\\n    <string>--host</string>`,
  );
  expect(text).toContain('<string>7000</string>\\n  </array>');
});

it('serves the screens and their files, which lie around it', async () => {
  const { ready } = await harness.serve();
  const page = await (await fetch(ready.url)).text();
  const script = /src="\.(\/assets\/[^"]+\.js)"/.exec(page)?.[1];
  expect(script).toBeDefined();
  const answer = await fetch(`${ready.url}${script}`);
  expect(answer.status).toBe(200);
  expect((await answer.text()).length).toBeGreaterThan(100_000);
});

it('knows the lists of the engines, which lie around it', async () => {
  const [available] = await harness.json('engine', 'available');
  expect(available).toContainEqual(expect.objectContaining({ engine: 'mlx-lm' }));
});

it('pulls: hashes in a thread whose text it holds, locks files by the library that lies beside it', async () => {
  const { code, log } = await pullWith(program);
  expect(code).toBe(0);
  expect(log).toContain('Started');
  expect(log).not.toContain('cannot be locked');
});

it('does the same without locks where that library is missing', async () => {
  const alone = inFolder('alone', 'bin', 'mlx-manager');
  await cp(program, alone);
  for (const name of ['engines', 'advice.json']) {
    await cp(join(dirname(program), '..', name), inFolder('alone', name), { recursive: true });
  }
  const { code, log } = await pullWith(alone);
  expect(code).toBe(0);
  expect(log).toContain(`cannot be locked against other programs on this machine`);
});

it.skipIf(process.platform !== 'linux')(
  'counts the time of a quit in a thread of its own',
  async () => {
    const { child, ready } = await harness.serve();
    await harness.json('engine', 'register', 'mlx-lm', '--command', FAKE_ENGINE);
    await harness.createProfile('A', '--env', 'FAKE_IGNORE_TERM=1');
    await harness.json('start', 'A', '--wait');
    const before = await threadsOf(ready.pid);
    const ended = once(child, 'exit');
    child.kill('SIGTERM');
    await until(async () => (await threadsOf(ready.pid)).length > before.length, 'one more thread');
    expect(await threadsOf(ready.pid)).toContain('watchdog');
    expect(await ended).toEqual([0, null]);
  },
);

/** The names of a process's threads (proc(5)). */
async function threadsOf(pid: number): Promise<string[]> {
  const ids = await readdir(`/proc/${pid}/task`);
  const names = await Promise.all(
    ids.map((id) => readFile(`/proc/${pid}/task/${id}/comm`, 'utf8').catch(() => '')),
  );
  return names.map((name) => name.trim());
}

/** Pulls a model of the stand-in hub, and gives what the manager's log then holds. */
async function pullWith(file: string): Promise<{ code: number | null; log: string }> {
  const hub = await startFakeHub({ repos: [await modelRepo('org/name', { weights: 1_000_000 })] });
  try {
    const env = { ...harness.env, HF_ENDPOINT: hub.url };
    const stdio: StdioOptions = ['ignore', 'pipe', 'pipe'];
    const { code } = await collect(spawn(file, ['pull', 'org/name'], { env, stdio }));
    return { code, log: await readFile(join(harness.home.paths.logs, 'manager.log'), 'utf8') };
  } finally {
    await hub.close();
  }
}

it('holds the thread that counts prompts, which runs from its text alone', async () => {
  const built = join(dirname(program), '..', '..', '..', 'executable');
  const threadText = await readFile(join(built, 'counter-worker.cjs'), 'utf8');
  const counter = new TokenCounter({ threadText });
  try {
    const modelFolder = inFolder('model');
    await writePromptModel(modelFolder);
    const conversation = { messages: [user('hi')], tools: [] };
    expect(await counter.count({ modelFolder, engine: 'mlx-lm' }, conversation)).toEqual({
      tokens: Buffer.byteLength('user\nhi\nassistant\n') + 3,
      exact: true,
    });
  } finally {
    await counter.close();
  }
});
