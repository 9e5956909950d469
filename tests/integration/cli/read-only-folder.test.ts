import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { Interrupt } from '@cli/terminal/interrupt';
import { Output } from '@cli/terminal/output';
import { buildProgram } from '@cli/program';
import { type CliHarness, createCliHarness } from '@fixtures/cli-harness';
import { type Mount, mountFolder } from '@fixtures/mounts';

const canMount = process.platform === 'linux' && process.geteuid?.() === 0;

/** Commands that need no more than to read. */
const READS: Readonly<Record<string, readonly string[]>> = {
  status: [],
  'profile list': [],
  'profile show': ['One'],
  'profile command': ['One'],
  'profile hosts': ['One'],
  'engine list': [],
  'engine available': [],
  'model list': [],
  'model show': ['demo'],
  fit: ['demo'],
  downloads: [],
  'gateway status': [],
  'gateway key list': [],
  requests: [],
  sessions: [],
  'settings get': [],
  version: [],
  completion: ['bash'],
};

/** Commands that change something; TOKEN is a file. */
const WRITES: Readonly<Record<string, readonly string[]>> = {
  serve: ['--port', '0'],
  'profile create': ['Two', '--model', 'demo'],
  'profile edit': ['One', '--port', '12345'],
  'profile duplicate': ['One'],
  'profile delete': ['One'],
  'engine install': ['mlx-lm'],
  'engine update': ['mlx-lm'],
  'engine reinstall': ['x'],
  'engine register': ['mlx-lm', '--python', '/usr/bin/python3'],
  'engine test': ['x'],
  'engine use': ['x'],
  'engine rollback': ['mlx-lm'],
  'engine remove': ['x'],
  'model delete': ['org/x'],
  'model verify': ['demo'],
  'model add-folder': ['/tmp'],
  'model remove-folder': ['/tmp'],
  'hub token set': ['--token-file', 'TOKEN'],
  'hub token clear': [],
  pull: ['org/x'],
  'gateway key add': ['Laptop'],
  'gateway key revoke': ['x'],
  'settings set': ['appearance', 'dark'],
  'settings reset': ['appearance'],
};

/** Commands that end for another reason, before a write or without one. */
const OTHERS: Readonly<Record<string, readonly string[]>> = {
  start: ['One'],
  stop: ['One'],
  restart: ['One'],
  chat: ['One', 'hello'],
  logs: ['One'],
  logout: [],
  'gateway retry': [],
  'engine options': ['x'],
  'engine diff': ['x'],
  search: ['x'],
  'hub token test': [],
};

/** What Node says of a failed call, such as `EROFS: read-only file system, mkdir '/x'`. */
const RAW = /\bE[A-Z]{3,}: |\n\s+at /;

describe.skipIf(!canMount)(
  'a data folder on a read-only disk (needs Linux and root to mount)',
  () => {
    let disk: Mount;
    let harness: CliHarness;
    let home: string;
    let token: string;
    beforeAll(async () => {
      const mounted = await mountFolder('size=8m');
      if (typeof mounted === 'string') throw new Error(mounted);
      disk = mounted;
      home = join(disk.folder, 'data');
      harness = await createCliHarness({ MLX_MANAGER_HOME: home });
      token = join(harness.home.folder, 'token');
      await writeFile(token, 'hf_something');
      await harness.json('profile', 'create', 'One', '--model', 'demo');
      await disk.remount('ro');
    });
    afterAll(async () => {
      await harness?.close();
      await disk?.close();
    });

    const run = (name: string, words: readonly string[]) =>
      harness.run(...name.split(' '), ...words.map((word) => (word === 'TOKEN' ? token : word)));

    it.each(Object.entries(WRITES))(
      '`%s` says which folder, and what helps',
      async (name, words) => {
        const { code, stderr } = await run(name, words);
        expect(code).toBe(1);
        expect(stderr).toContain(`Error: ${home} is on a read-only disk. Nothing was changed.`);
        expect(stderr).toContain('MLX_MANAGER_HOME');
        expect(stderr).not.toMatch(RAW);
      },
    );

    it.each(Object.entries(READS))('`%s` answers', async (name, words) => {
      const { code, stderr } = await run(name, words);
      expect(stderr).not.toMatch(RAW);
      expect(code).toBe(0);
    });

    it.each(Object.entries(OTHERS))('`%s` says nothing raw', async (name, words) => {
      const { stdout, stderr } = await run(name, words);
      expect(`${stdout}${stderr}`).not.toMatch(RAW);
    });

    it('`doctor` names it as a problem', async () => {
      const { code, stdout } = await run('doctor', []);
      expect(code).toBe(1);
      expect(stdout).toContain(`${home} is on a read-only disk.`);
      expect(stdout).not.toMatch(RAW);
    });

    it('every command is among them', () => {
      const output = new Output(process, { json: false, noColour: true });
      const program = buildProgram({
        ...{ json: false, env: process.env, cwd: '/', output, interrupt: new Interrupt() },
        ...{ program: ['mlx-manager'], rendererFolder: '' },
      });
      const tried = new Set([
        'doctor',
        ...[READS, WRITES, OTHERS].flatMap((all) => Object.keys(all)),
      ]);
      expect(leaves(program).filter((name) => !tried.has(name))).toEqual([]);
    });
  },
);

interface Named {
  readonly commands: readonly Named[];
  name(): string;
}

/** Commands that have none below them, by all of their words. */
function leaves(of: Named, before: readonly string[] = []): string[] {
  return of.commands.flatMap((one) => {
    const words = [...before, one.name()];
    return one.commands.length > 0 ? leaves(one, words) : [words.join(' ')];
  });
}
