import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { basename, join, resolve } from 'node:path';

import { createTempHome, processesNaming, type TempHome } from '@fixtures/temp-home';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
// @ts-expect-error: a plain script without types
import { runLevel } from '../../../scripts/run-level.mjs';

const MINUTE = 60_000;
const SUITE = resolve('tests/fixtures/stuck-suite');
const LEVEL = {
  name: 'stuck',
  select: ['--root', SUITE, '--config', join(SUITE, 'vitest.config.ts')],
  minutes: 30,
};

interface Event {
  readonly type: string;
  readonly file?: string;
  readonly name?: string;
}

/** A clock that stands still until it is told to go on. */
class StoppedClock {
  #ms = 0;
  #due: { readonly atMs: number; callback(): void } | undefined;
  readonly now = (): number => this.#ms;
  readonly timer = (callback: () => void, ms: number): (() => void) => {
    const due = { atMs: this.#ms + ms, callback };
    this.#due = due;
    return () => {
      if (this.#due === due) this.#due = undefined;
    };
  };
  advance(ms: number): void {
    this.#ms += ms;
    if (this.#due && this.#due.atMs <= this.#ms) this.#due.callback();
  }
}

let home: TempHome;

beforeEach(async () => {
  home = await createTempHome();
  // Every process of the suite carries the folder's name, so that one that is left is found.
  process.env.TEST_FOLDER = home.folder;
});
afterEach(async () => {
  delete process.env.TEST_FOLDER;
  await home.close();
});

const run = (files: readonly string[], options: object = {}) =>
  runLevel(LEVEL, files, { output: 'ignore', ...options });

describe('a level of tests', () => {
  it('that is stuck is ended, counts what has ended, and names what was running', async () => {
    const clock = new StoppedClock();
    const wanted = new Set([
      'test began: waits for ever, as does a program that it started',
      'file began: blocks.test.ts',
      'file began: hooks.test.ts',
      'file ended: ends.test.ts',
    ]);
    const ended = await run(['ends', 'waits', 'blocks', 'hooks'], {
      ...{ timer: clock.timer, now: clock.now },
      onEvent({ type, file = '', name = basename(file) }: Event) {
        if (!wanted.delete(`${type}: ${name}`) || wanted.size > 0) return;
        // The test that waits has an hour, so that only the end of the level's own time is left.
        clock.advance(29 * MINUTE);
        clock.advance(MINUTE);
      },
    });
    expect(ended).toMatchObject({ passed: 2, failed: 2, skipped: 1 });
    expect(ended.failures[0]).toMatch(/^stuck: .*ends\.test\.ts: fails\n +AssertionError/);
    expect(ended.failures[1].split('\n')).toEqual([
      'stuck: was ended after 30 min, the most that it may take',
      ...[
        expect.stringMatching(/running: .*waits\.test\.ts: waits for ever/),
        expect.stringMatching(/running: .*(blocks|hooks)\.test\.ts/),
        expect.stringMatching(/running: .*(blocks|hooks)\.test\.ts/),
      ],
    ]);
  });

  it('counts a process that died, an error that nobody caught, and a file that cannot be loaded', async () => {
    const { passed, failed, failures } = await run(['dies', 'strays', 'unloadable']);
    const said = failures.join('\n');
    expect(said).toMatch(/unloadable\.test\.ts: the file itself\n.*this file cannot be loaded/);
    expect(said).toMatch(/an error outside of every test\n.*nobody was there/);
    expect(said).toMatch(/Caused by: Error: .* SIGKILL .*dies\.test\.ts/);
    expect(said).toMatch(/before all its tests had ended\n.*running: .*dies\.test\.ts/);
    expect(failed).toBe(4);
    expect(passed).toBeGreaterThan(0);
  });

  it('fails where vitest cannot begin', async () => {
    const options = { output: 'ignore' };
    const ended = await runLevel({ ...LEVEL, select: ['--config', 'nowhere.ts'] }, [], options);
    expect(ended).toMatchObject({ passed: 0, failed: 1 });
  });

  it('leaves nothing running when its runner is killed', async () => {
    const script = `
      import { runLevel } from ${JSON.stringify(resolve('scripts/run-level.mjs'))};
      await runLevel(${JSON.stringify(LEVEL)}, ['waits', 'blocks'], {
        output: 'ignore',
        onEvent: ({ type, name }) => name?.startsWith('waits') && console.log(type),
      });`;
    const runner = spawn(process.execPath, ['--input-type=module', '--eval', script], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    await once(runner.stdout, 'data');
    const ended = once(runner, 'exit');
    runner.kill('SIGKILL');
    await ended;
    await expect.poll(() => processesNaming(home.folder)).toEqual([]);
  });
});
