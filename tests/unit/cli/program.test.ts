import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';

import { describe, expect, it } from 'vitest';

import { wantsJson } from '@cli/terminal/arguments';
import type { Context } from '@cli/terminal/context';
import { EXIT, endingOf } from '@cli/terminal/errors';
import { Interrupt } from '@cli/terminal/interrupt';
import { Output } from '@cli/terminal/output';
import { buildProgram } from '@cli/program';

/** Runs words that need no manager. */
async function run(...words: string[]) {
  const stdout = new PassThrough();
  const stderr = new PassThrough();
  const json = wantsJson(words);
  const streams = { stdout, stderr } as unknown as ConstructorParameters<typeof Output>[0];
  const output = new Output(streams, { json, noColour: true });
  const context: Context = {
    json,
    env: { MLX_MANAGER_HOME: '/nonexistent/mlx-manager-test' },
    cwd: '/',
    output,
    interrupt: new Interrupt(),
    program: ['/nonexistent/mlx-manager'],
    rendererFolder: '/nonexistent',
  };
  let code: number = EXIT.done;
  try {
    await buildProgram(context).parseAsync(words, { from: 'user' });
  } catch (error) {
    const ending = endingOf(error);
    code = ending.code;
    if (ending.body) output.error(ending.body);
  }
  stdout.end();
  stderr.end();
  return { code, stdout: await text(stdout), stderr: await text(stderr) };
}

describe('wrong usage', () => {
  it.each([
    [['frobnicate']],
    [['status', '--frobnicate']],
    [['status', 'extra']],
    [['start']],
    [['stop']],
    [['stop', 'a', '--all']],
    [['profile', 'create', 'X']],
    [['profile', 'create', 'X', '--model', 'demo', '--port', 'many']],
    [['logs', 'X', '-n', '-5']],
    [['serve', '--port', '99999']],
    [['profile']],
    [['completion', 'powershell']],
    [[]],
  ])('%j exits 2, with JSON as the last line where it is asked for', async (words) => {
    const human = await run(...words);
    expect([human.code, human.stdout]).toEqual([2, '']);
    expect(human.stderr).toContain('Error: ');
    const json = await run(...words, '--json');
    expect(json.code).toBe(2);
    const lines = json.stdout.trim().split('\n');
    expect(lines).toHaveLength(1);
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({ error: { code: 'usage' } });
    expect(json.stderr).toBe('');
  });
});

it('--json after --arg is the argument, not the option', () => {
  expect(wantsJson(['profile', 'create', 'X', '--arg', '--json'])).toBe(false);
  expect(wantsJson(['profile', 'create', 'X', '--arg', '--x', '--json'])).toBe(true);
  expect(wantsJson(['chat', 'X', '--', '--json'])).toBe(false);
});

it('version and help are done', async () => {
  expect(JSON.parse((await run('version', '--json')).stdout)).toHaveProperty('version');
  expect((await run('--version')).stdout).toMatch(/^mlx-manager \d+\.\d+\.\d+/);
  const help = await run('help', 'profile');
  expect([help.code, help.stdout.includes('duplicate')]).toEqual([0, true]);
  expect(JSON.parse((await run('--help', '--json')).stdout)).toHaveProperty('help');
});

it.each(['bash', 'zsh', 'fish'])(
  'a completion for %s names commands and options',
  async (shell) => {
    const { code, stdout } = await run('completion', shell);
    expect(code).toBe(0);
    for (const word of ['profile', 'add-folder', 'show-token']) expect(stdout).toContain(word);
  },
);
