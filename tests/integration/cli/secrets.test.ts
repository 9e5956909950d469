import { spawn } from 'node:child_process';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { WebSocket } from 'ws';

import { type CliHarness, collect, createCliHarness, type Served } from '@fixtures/cli-harness';
import { COMMAND } from '@fixtures/command';
import { type FakeHub, startFakeHub } from '@fixtures/fake-hub/hub';
import { until } from '@fixtures/until';
import { connectSocket } from '@host/socket-transport';
import { type Method, requests } from '@shared/contract';

/** In every secret: where this is found, one came through. */
const MARK = 'S3cretMark';
const HUB_TOKEN = `hub-${MARK}-of-the-hub`;
const VALUE = `${MARK}-innocent-9f3`;
/** No secret to anybody here, but nobody knows what it means: no browser is told. */
const PLAIN = 'visible here';
const WORDS = [
  ...['--env', `SOME_TOKEN=${MARK}-token-1a2`, '--env', `PGPASSWORD=${MARK}pg`],
  ...['--env', `INNOCENT=${VALUE}`, '--env', `PLAIN=${PLAIN}`],
  ...['--arg=--api-key', '--arg', `${MARK}-argument-77`, '--arg', `--password=${MARK}-short`],
  ...[
    '--arg',
    `--header=Authorization: Bearer ${MARK}-bearer-5`,
    '--arg',
    `MY_KEY=${MARK}-in-a-word`,
  ],
];

/** A person's own program that tells everything it was given, and ends. */
const TELLTALE = `#!/bin/sh
echo "arguments $*" >&2
for name in SOME_TOKEN PGPASSWORD INNOCENT; do eval "echo $name is \\$$name" >&2; done
echo "RuntimeError: the key $SOME_TOKEN was refused" >&2
exit 3
`;

let hub: FakeHub;
let cli: CliHarness;
let served: Served;
let profileId: string;
/** What came out of the manager on its other ways, by where. */
const seen: [where: string, text: string][] = [];
const note = (where: string, value: unknown): void => {
  seen.push([where, typeof value === 'string' ? value : JSON.stringify(value)]);
};
const found = (): string[] =>
  seen
    .filter(([, text]) => text.includes(MARK))
    .map(([where, text]) => `${where}: ${around(text)}`);
const around = (text: string): string => {
  const at = text.indexOf(MARK);
  return text.slice(Math.max(0, at - 100), at + 60);
};

beforeAll(async () => {
  hub = await startFakeHub();
  hub.users.set(HUB_TOKEN, 'mara');
  cli = await createCliHarness({ HF_ENDPOINT: hub.url, MLX_MANAGER_LOG: 'debug' });
  served = await cli.serve('--no-demo');
});
afterAll(async () => {
  await cli?.close();
  await hub?.close();
});

/** A command in text and as JSON; its words are no way in for a secret but these. */
async function run(...words: readonly string[]): Promise<void> {
  for (const json of [[], ['--json']]) {
    const { stdout, stderr } = await cli.run(...words, ...json);
    note(`mlx-manager ${words.slice(0, 3).join(' ')} ${json}`, stdout + stderr);
  }
}

it("the hub's token is taken", async () => {
  const [file = '', ...rest] = [...COMMAND, 'hub', 'token', 'set'];
  const child = spawn(file, rest, { env: cli.env, stdio: ['pipe', 'pipe', 'pipe'] });
  child.stdin.end(`${HUB_TOKEN}\n`);
  const { code, stdout, stderr } = await collect(child);
  expect(stderr).toBe('');
  expect(code).toBe(0);
  note('hub token set', stdout + stderr);
});

it('a profile with a secret in every place is made, started and fails', async () => {
  const program = join(cli.home.folder, 'telltale');
  await writeFile(program, TELLTALE, { mode: 0o755 });
  const socket = await openWebSocket();
  const made = await cli.run(
    ...['profile', 'create', 'Told', '--engine', 'custom', '--model', 'none', '--command', program],
    ...['--no-chat', '--restart', 'never', '--arg', '{port}', ...WORDS, '--json'],
  );
  note('profile create', made.stdout + made.stderr);
  expect(made.code, made.stdout + made.stderr).toBe(0);
  ({ id: profileId } = JSON.parse(made.stdout));
  await run('start', 'Told', '--wait');
  await until(
    async () => /failed/i.test((await cli.run('status')).stdout),
    'a failed server',
    20_000,
  );
  socket.close();
});

it('no command shows one', async () => {
  for (const words of [
    ['profile', 'list'],
    ['profile', 'show', 'Told'],
    ['profile', 'command', 'Told'],
    ['profile', 'command', 'Told', '--shell'],
    ['profile', 'command', 'Told', '--launchd'],
    ['profile', 'duplicate', 'Told'],
    ['profile', 'edit', 'Told', '--load-deadline', '77'],
    ['logs', 'Told'],
    ['logs', 'Told', '--failure'],
    ['status'],
    ['doctor'],
    ['hub', 'account'],
  ]) {
    await run(...words);
  }
  expect((await cli.run('logs', 'Told')).stdout).toContain('SOME_TOKEN is ••••••');
  expect(found()).toEqual([]);
});

it('what a person asks for by name is shown', async () => {
  const { stdout } = await cli.run('profile', 'show', 'Told', '--show-secrets');
  expect(stdout).toContain(`SOME_TOKEN=${MARK}-token-1a2`);
});

const NO_INPUT = [
  ...['app.snapshot', 'app.info', 'profiles.list', 'servers.list', 'engines.list', 'hub.account'],
  ...[
    'settings.get',
    'data.usage',
    'doctor.run',
    'models.list',
    'downloads.list',
    'models.folders',
  ],
] as const satisfies readonly Method[];
const OF_PROFILE = [
  ...['profiles.get', 'profiles.command', 'profiles.advice', 'profiles.fit', 'servers.ranks'],
  ...['logs.failure', 'logs.runs', 'logs.read', 'metrics.history', 'profiles.checkHosts'],
] as const satisfies readonly Method[];

/** Everything that can be asked for without changing anything, and what is refused of a secret. */
const asked = (): readonly (readonly [Method, unknown])[] => [
  ...NO_INPUT.map((method) => [method, undefined] as const),
  ...OF_PROFILE.map((method) => [method, { profileId }] as const),
  ['profiles.previewCommand', { profileId, draft: { name: 'Other' } }],
  ['profiles.check', { profileId, draft: { name: 'Other' } }],
  ['profiles.duplicate', { profileId }],
  ['profiles.update', { profileId, changes: { restart: 'never' } }],
  ['hub.setToken', { token: `${MARK}${'x'.repeat(600)}` }],
  ['hub.setToken', { token: `${MARK}-unknown` }],
  ['profiles.createLocal', { name: 'X', model: 'demo', env: { A: [MARK] }, extraArgs: [7] }],
  [
    'profiles.createLocal',
    { name: 'X', model: 'demo', extraArgs: [`${MARK}\0`], env: { A: `${MARK}\0` } },
  ],
];

it('none leaves over HTTP', async () => {
  for (const [id, [method, params]] of asked().entries()) {
    const text = JSON.stringify(await ask(method, params, id));
    note(`HTTP ${method}`, text);
    expect(text, method).not.toContain(PLAIN);
  }
  expect(found()).toEqual([]);
});

it('a local view is shown none but where it edits them', async () => {
  const transport = await connectSocket(served.ready.socket);
  if (transport === undefined) throw new Error('Nobody answers on the socket.');
  for (const [id, [method, params]] of asked().entries()) {
    if (method === 'profiles.createLocal') continue;
    note(`socket ${method}`, await transport.send({ id, method, params }));
  }
  const whole = await transport.send({ id: 999, method: 'profiles.listLocal' });
  transport.close();
  expect(JSON.stringify(whole)).toContain(VALUE);
  expect(found()).toEqual([]);
});

it('what a view sends back as it was shown stays as it is stored', async () => {
  const made = await cli.run(
    ...[
      'profile',
      'create',
      'Keyed',
      '--model',
      'demo',
      '--set',
      `hf-token=${MARK}-option`,
      '--json',
    ],
  );
  expect(made.code, made.stdout + made.stderr).toBe(0);
  const { id } = JSON.parse(made.stdout);
  const shown = await ask('profiles.get', { profileId: id });
  expect(JSON.stringify(shown)).not.toContain(MARK);
  const options = { ...shown.result.options, 'top-p': 0.5 };
  const update = (changed: unknown) =>
    ask('profiles.update', { profileId: id, changes: { options: changed } });
  expect(await update(options)).toMatchObject({ ok: true });
  const [stored] = await cli.json('profile', 'show', 'Keyed', '--show-secrets');
  expect(stored).toMatchObject({ options: { 'hf-token': `${MARK}-option`, 'top-p': 0.5 } });
  expect(await update({ ...options, 'another-key': options['hf-token'] })).toMatchObject({
    error: { code: 'validation', message: expect.stringContaining('options.another-key') },
  });
});

it('none lies in a file but where it is kept, or where the engine itself wrote it', async () => {
  const home = cli.home.paths.home;
  const files = (await readdir(home, { recursive: true, withFileTypes: true })).filter((one) =>
    one.isFile(),
  );
  const holders: string[] = [];
  for (const { parentPath, name } of files) {
    const path = join(parentPath, name);
    const text = await readFile(path, 'latin1');
    if (text.includes(MARK)) holders.push(path.slice(home.length + 1));
    // The access token likewise.
    if (text.includes(served.ready.token)) holders.push(`token in ${path.slice(home.length + 1)}`);
  }
  const logs = holders.filter((path) => path.startsWith(`logs/${profileId}/`));
  expect(
    logs.every((path) => /\/\d+\.log$/.test(path)),
    logs.join(' '),
  ).toBe(true);
  expect(holders.filter((path) => !logs.includes(path)).sort()).toEqual([
    'profiles.json',
    'secrets.json',
    'token in token',
  ]);
});

/** A request as a browser sends it. */
// biome-ignore lint/suspicious/noExplicitAny: the answers of all methods
async function ask(method: string, params: unknown, id = 1): Promise<any> {
  const answer = await fetch(`${served.ready.url}/rpc`, {
    method: 'POST',
    headers: { Authorization: `Bearer ${served.ready.token}`, 'Content-Type': 'application/json' },
    body: JSON.stringify({ id, method, params }),
  });
  return answer.json();
}

/** Keeps every event that a browser is told. */
function openWebSocket(): Promise<WebSocket> {
  const socket = new WebSocket(`${served.ready.url.replace('http', 'ws')}/ws`, {
    headers: { Authorization: `Bearer ${served.ready.token}` },
  });
  socket.on('message', (data) => note('an event', data.toString()));
  return new Promise((resolve, reject) => {
    socket.once('error', reject);
    socket.once('open', () => resolve(socket));
  });
}

it('a deletion that is taken back shows none', async () => {
  await ask('profiles.delete', { profileId });
  const answer = JSON.stringify(await ask('profiles.undoDelete', { profileId }));
  expect(answer).toContain(profileId);
  expect(answer).not.toContain(MARK);
});

it('every way in that carries a name of a method was tried', () => {
  // A new method that answers with a profile belongs into the lists above.
  const tried = new Set<string>(asked().map(([method]) => method));
  const ofProfiles = Object.keys(requests).filter((method) => method.startsWith('profiles.'));
  const others = [
    'create',
    'updateLocal',
    'listLocal',
    'delete',
    'undoDelete',
    'reorder',
    'nextPort',
    'fitDraft',
  ];
  expect(ofProfiles.filter((method) => !tried.has(method)).sort()).toEqual(
    others.map((name) => `profiles.${name}`).sort(),
  );
});
