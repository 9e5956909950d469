import { execFile } from 'node:child_process';
import { cp, mkdir, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { type CliHarness, createCliHarness } from '@fixtures/cli-harness';
import { COMMAND } from '@fixtures/command';
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

it('hashes in a thread of its own, whose text it holds', async () => {
  const [first] = await harness.json('model', 'verify', 'demo');
  expect(first).toMatchObject({ event: expect.stringMatching(/progress|done/) });
});

it('loads koffi from beside it, and goes on where that is missing', async () => {
  const bin = inFolder('alone', 'bin');
  await mkdir(bin, { recursive: true });
  await cp(program, join(bin, 'mlx-manager'));
  const { stdout } = await run(join(bin, 'mlx-manager'), ['version']);
  expect(stdout).toMatch(/^mlx-manager/);
  await rm(bin, { recursive: true });
});
