import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';

import { type CliHarness, createCliHarness } from '@fixtures/cli-harness';
import { FAKE_ENGINE } from '@fixtures/fake-adapter';
import { ServerProfile } from '@shared/domain/profile';
import { Server } from '@shared/domain/server';

/** What people call things, and what a shell, a table or a path could break. */
const NAMES = [
  'two  words and spaces',
  'Ünïcödé 日本語 العربية',
  '🦙 Llama 👩‍👩‍👧 🏳️‍🌈',
  `it's "quoted" \`this\` $HOME \\n %s`,
  '-dash',
  '--json',
  '../etc/passwd',
  'true',
  'é'.repeat(80),
  '🙂'.repeat(80),
];

/** Words that are refused as a name, and what the refusal says. */
const REFUSED: readonly (readonly [name: string, says: string])[] = [
  ['', '1 to 80 characters'],
  ['   ', '1 to 80 characters'],
  ['x'.repeat(81), '1 to 80 characters'],
  ['🙂'.repeat(81), '1 to 80 characters'],
  ['a\nb', 'control characters'],
  ['a\tb', 'control characters'],
  ['\u001b[31mred', 'control characters'],
  ['a\u009bb', 'control characters'],
  ['a\u2028b', 'control characters'],
  ['a\u202egnp', 'control characters'],
];

let harness: CliHarness;
beforeAll(async () => {
  harness = await createCliHarness();
  await harness.serve();
  await harness.json('engine', 'register', 'mlx-lm', '--command', FAKE_ENGINE);
});
afterAll(async () => {
  await harness.close();
});

/** `--json` comes before `--`, behind which every word is a name. */
async function json(...words: readonly string[]): Promise<unknown[]> {
  const { code, stdout, stderr } = await harness.run(...words);
  expect(code, `${words.join(' ')}: ${stdout}${stderr}`).toBe(0);
  return stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
}

async function list(): Promise<ServerProfile[]> {
  const [all] = await harness.json('profile', 'list');
  return z.array(ServerProfile).parse(all);
}

describe('a name of people', () => {
  it('is kept as it was given', async () => {
    for (const name of NAMES) {
      const port = String(await harness.home.freePort());
      const [created] = await json(
        ...['profile', 'create', '--model', 'demo', '--port', port, '--json', '--', name],
      );
      expect(ServerProfile.parse(created).name).toBe(name);
    }
    expect((await list()).map(({ name }) => name)).toEqual(NAMES);
  });

  it('stands whole in the tables', async () => {
    for (const command of [['profile', 'list'], ['status']]) {
      const { stdout } = await harness.run(...command);
      const lines = stdout.split('\n');
      for (const name of NAMES) {
        expect(lines.filter((line) => line.startsWith(`${name}  `))).toHaveLength(1);
      }
    }
  });

  it('is found by start, logs, chat, stop and command', async () => {
    const [servers] = await json('start', '--wait', '--json', '--', ...NAMES);
    const started = z.array(Server).parse(servers);
    expect(started.map(({ name, state }) => [name, state])).toEqual(
      NAMES.map((name) => [name, 'ready']),
    );
    for (const name of NAMES.slice(2, 6)) {
      const lines = await json('logs', '-n', '3', '--json', '--', name);
      expect(lines.length).toBeGreaterThan(0);
      expect((await json('chat', '--json', '--', name, 'hi')).at(-1)).toMatchObject({
        event: 'done',
      });
      const [command] = await json('profile', 'command', '--json', '--', name);
      expect(command).toMatchObject({ argv: expect.any(Array) });
    }
    const [stopped] = await json('stop', '--json', '--', ...NAMES);
    expect(
      z
        .array(Server)
        .parse(stopped)
        .map(({ state }) => state),
    ).toEqual(NAMES.map(() => 'stopped'));
  });

  it('is found whatever its case, its Unicode form and the spaces around it', async () => {
    for (const given of [
      'ünïcödé 日本語 العربية',
      NAMES[1]?.normalize('NFD') ?? '',
      ` ${NAMES[1]} `,
    ]) {
      const [shown] = await json('profile', 'show', given, '--json');
      expect(shown).toMatchObject({ name: NAMES[1] });
    }
  });

  it('can be given to another profile only after it is free again', async () => {
    const taken = await harness.failure(
      'profile',
      'edit',
      'true',
      '--name',
      'TWO  words and spaces ',
    );
    expect(taken).toMatchObject({
      code: 1,
      error: { code: 'conflict', message: expect.stringContaining(NAMES[0] ?? '') },
    });
    for (const name of NAMES) {
      const [deleted] = await json('profile', 'delete', '--json', '--', name);
      expect(deleted).toMatchObject({ deleted: expect.any(String) });
    }
    expect(await list()).toEqual([]);
    const [again] = await harness.json('profile', 'create', `  ${NAMES[0]}  `, '--model', 'demo');
    expect(again).toMatchObject({ name: NAMES[0] });
  });
});

describe('a name that cannot be', () => {
  it.each(REFUSED)('%j is refused on create, edit and duplicate', async (name, says) => {
    const before = await list();
    const refused = [
      await harness.failure('profile', 'create', name, '--model', 'demo'),
      await harness.failure('profile', 'edit', NAMES[0] ?? '', '--name', name),
      await harness.failure('profile', 'duplicate', NAMES[0] ?? '', name),
    ];
    for (const failure of refused) {
      expect(failure).toMatchObject({
        code: 1,
        error: { code: 'validation', message: expect.stringContaining(says) },
      });
      expect(failure.error).toMatchObject({ data: { fields: [{ field: 'name' }] } });
    }
    expect(await list()).toEqual(before);
  });

  it('is shown so that a terminal does not obey it', async () => {
    const { code, stdout, stderr } = await harness.run(
      ...['profile', 'create', '\u001b[31m\u009bred', '--model', 'demo'],
    );
    expect([code, stdout]).toEqual([1, '']);
    expect(stderr).toContain('Error: name must not contain control characters');
    expect(stderr).toContain('\\u001b[31m\\u009bred');
    for (const obeyed of ['\u001b', '\u009b']) expect(stderr).not.toContain(obeyed);
  });

  it.each(['', '   ', 'no such', '\u001b[2J'])('%j names no profile', async (name) => {
    for (const words of [
      ['start'],
      ['stop'],
      ['logs'],
      ['profile', 'show'],
      ['profile', 'delete'],
    ]) {
      const { code, error } = await harness.failure(...words, name);
      expect([words, code, error]).toMatchObject([words, 1, { code: 'not_found' }]);
    }
    const { stderr } = await harness.run('profile', 'show', name);
    expect(stderr).not.toContain('\u001b');
  });
});
