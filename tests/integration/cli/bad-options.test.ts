import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { Interrupt } from '@cli/terminal/interrupt';
import { Output } from '@cli/terminal/output';
import { buildProgram } from '@cli/program';
import { type CliHarness, createCliHarness } from '@fixtures/cli-harness';
import { FAKE_ENGINE } from '@fixtures/fake-adapter';

/** Values that an option of `profile create` must refuse: wrong use is 2, a refused profile is 1. */
const BAD: Readonly<
  Record<string, readonly (readonly [value: string, code: 1 | 2, says: RegExp])[]>
> = {
  '--model': [
    ['', 1, /model must not be empty/],
    ['name', 1, /model must be demo, org\/name.*"name"/],
    ['https://huggingface.co/a', 1, /org\/name/],
    ['./no such folder', 1, /no such folder doesn't exist/],
  ],
  '--engine': [
    ['vllm', 1, /engine must be one of: mlx-lm.*; got "vllm"/],
    ['', 1, /engine must be one of: mlx-lm.*; got ""/],
  ],
  '--installation': [
    ['no-such', 1, /no installation no-such/],
    ['', 1, /installation must have at least 1 character/],
  ],
  '--port': [
    ['80', 1, /from 1024 to 65535; got 80/],
    ['65536', 1, /from 1024 to 65535; got 65536/],
    ['10240.5', 1, /whole number.*10240\.5/],
    ['-1', 1, /from 1024 to 65535; got -1/],
    ['1e999', 2, /--port.*Enter a number/],
    ['http', 2, /--port.*'http'.*Enter a number/],
    ['', 2, /--port.*Enter a number/],
  ],
  '--host': [
    ['example.com', 1, /host must be an IPv4 address.*"example\.com"/],
    ['256.0.0.1', 1, /host must be an IPv4 address.*"256\.0\.0\.1"/],
    ['', 1, /host must be an IPv4 address/],
  ],
  '--set': [
    ['max-tokens=many', 1, /max-tokens must be a whole number.*"many"/],
    ['max-tokens=-5', 1, /max-tokens must be a whole number of at least.*-5/],
    ['max-tokens', 1, /max-tokens needs a value/],
    ['no-such=1', 1, /no option no-such/],
    ['port=1', 1, /port is set by MLX Manager/],
    ['__proto__=1', 1, /leading dashes/],
    ['=1', 2, /--set takes KEY=VALUE, not "=1"/],
    ['', 2, /--set takes KEY=VALUE/],
  ],
  '--env': [
    ['1A=x', 1, /letters, digits and underscores.*"1A"/],
    ['A B=x', 1, /letters, digits and underscores.*"A B"/],
    ['__proto__=x', 1, /__proto__ isn't allowed/],
    ['A', 2, /--env takes NAME=VALUE, not "A"/],
    ['=x', 2, /--env takes NAME=VALUE/],
  ],
  '--arg': [
    ['--port', 1, /--port isn't allowed/],
    ['--hos=0.0.0.0', 1, /--hos isn't allowed/],
  ],
  '--start': [['always', 1, /start must be manual, app or request; got "always"/]],
  '--restart': [['sometimes', 1, /restart must be always, on-failure or never.*"sometimes"/]],
  '--load-deadline': [
    ['4', 1, /loadDeadlineSeconds must be at least 5 seconds; got 4/],
    ['86401', 1, /at most 86400 seconds; got 86401/],
    ['soon', 2, /--load-deadline.*'soon'.*Enter a number/],
  ],
  '--hang-limit': [
    ['0', 1, /hangLimitSeconds must be at least 5 seconds; got 0/],
    ['NaN', 2, /--hang-limit.*Enter a number/],
  ],
  '--alias': [
    ['', 1, /aliases.0 must have 1 to 80 characters/],
    ['x'.repeat(81), 1, /aliases.0 must have 1 to 80 characters/],
  ],
  '--ttl': [
    ['-1', 1, /ttlSeconds must be at least 0 seconds; got -1/],
    ['soon', 2, /--ttl.*'soon'.*Enter a number/],
  ],
  '--command': [
    ['llama-server', 1, /command must be the absolute path of a program.*"llama-server"/],
    ['', 1, /command must be the absolute path/],
    ['/bin/true', 1, /needs the engine custom/],
  ],
  '--ready-path': [['health', 1, /readinessPath must be a path such as.*"health"/]],
  '--hosts': [
    ['./no such file.json', 1, /--hosts.*no such file\.json is no readable JSON/],
    ['.', 1, /--hosts.*is no readable JSON/],
  ],
  '--ranks': [
    ['1', 1, /ranks must be a whole number from 2 to 8.*1/],
    ['many', 2, /--ranks.*Enter a number/],
  ],
  '--backend': [['nccl', 1, /backend must be ring, jaccl or mpi.*"nccl"/]],
  '--split': [['half', 1, /sharding must be tensor or pipeline.*"half"/]],
  '--order': [
    ['1.5', 2, /--order.*whole number from -1000000 to 1000000/],
    ['1000001', 2, /--order.*whole number/],
  ],
};

let harness: CliHarness;
beforeAll(async () => {
  harness = await createCliHarness();
  await harness.serve();
  await harness.json('engine', 'register', 'mlx-lm', '--command', FAKE_ENGINE);
});
afterAll(async () => {
  await harness.close();
});

it('every option of profile create has a value that it must refuse', () => {
  const program = buildProgram({
    json: true,
    env: {},
    cwd: '/',
    output: new Output(process, { json: true, noColour: true }),
    interrupt: new Interrupt(),
    program: ['/mlx-manager'],
    rendererFolder: '/',
  });
  const create = program.commands
    .find((command) => command.name() === 'profile')
    ?.commands.find((command) => command.name() === 'create');
  // A switch has no value.
  const options = (create?.options ?? [])
    .filter(({ required }) => required)
    .map(({ long }) => long);
  expect(Object.keys(BAD).sort()).toEqual(options.sort());
});

describe.each(Object.entries(BAD))('%s', (option, values) => {
  it.each(values)('%j is refused and nothing is created', async (value, code, says) => {
    const model = option === '--model' ? [] : ['--model', 'demo'];
    const failure = await harness.failure('profile', 'create', 'X', ...model, `${option}=${value}`);
    expect(failure).toMatchObject({
      code,
      error: {
        code: code === 2 ? 'usage' : 'validation',
        message: expect.stringMatching(says),
      },
    });
    expect(await harness.json('profile', 'list')).toEqual([[]]);
  });
});

it('a person reads the same sentence on standard error', async () => {
  const { code, stdout, stderr } = await harness.run(
    ...['profile', 'create', 'X', '--model', 'demo', '--port', '80', '--start', 'always'],
  );
  expect([code, stdout]).toEqual([1, '']);
  expect(stderr).toBe(
    'Error: port must be a whole number from 1024 to 65535; got 80. start must be manual, app or request; got "always".\n',
  );
});

it.each([
  [['profile', 'create', 'X'], /--model/],
  [['profile', 'create', '--model', 'demo'], /name/],
  [['profile', 'create', 'X', 'Y', '--model', 'demo'], /too many arguments/],
  [['profile', 'create', 'X', '--model', 'demo', '--no-such', '1'], /--no-such/],
])('%j is wrong use', async (words, says) => {
  const failure = await harness.failure(...words);
  expect(failure).toMatchObject({
    code: 2,
    error: { code: 'usage', message: expect.stringMatching(says) },
  });
  expect(await harness.json('profile', 'list')).toEqual([[]]);
});

it('--unset takes back only what was set', async () => {
  await harness.json('profile', 'create', 'Set', '--model', 'demo');
  for (const key of ['max-tokens', 'constructor', 'toString', '']) {
    const failure = await harness.failure('profile', 'edit', 'Set', '--unset', key);
    expect([key, failure]).toMatchObject([key, { code: 1, error: { code: 'not_found' } }]);
  }
  await harness.json('profile', 'delete', 'Set');
});
