import {
  checkScript,
  type HostAnswer,
  judgeHosts,
  readFacts,
} from '@core/servers/cluster/host-check';
import { script } from '@core/servers/cluster/host-shell';
import { sshFailure } from '@core/servers/cluster/ssh-failure';
import { Cluster } from '@shared/domain/cluster';
import { execFileSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';

const cluster = Cluster.parse({
  hosts: [
    { name: 'This Mac', ssh: null, addresses: ['10.0.5.1'] },
    { name: 'Studio', ssh: 'mara@studio.local', addresses: ['10.0.5.2'] },
  ],
});
const input = {
  cluster,
  program: '/e/bin/mlx_lm.server',
  python: '/e/bin/python',
  packages: ['mlx-lm', 'mlx'],
  modelPath: '/models/it',
};
const [mac, studio] = [
  { name: 'This Mac', ssh: null },
  { name: 'Studio', ssh: 'mara@studio.local' },
];
const own = [
  'program yes',
  'version mlx-lm 0.32.2',
  'version mlx 0.32.4',
  'address 127.0.0.1',
  'address 10.0.5.1',
  'model 4 478434',
];
const there = own.map((line) => line.replace('10.0.5.1', '10.0.5.2'));

/** What is said about Studio when it answers these lines. */
function judge(lines: readonly string[]) {
  const answers: HostAnswer[] = [
    { machine: mac, facts: readFacts(own), milliseconds: 1 },
    { machine: studio, facts: readFacts(lines), milliseconds: 31.4 },
  ];
  const [first, second] = judgeHosts(input, answers);
  expect(first?.ok).toBe(true);
  return { ...second, failed: second?.checks.filter(({ ok }) => !ok) };
}

describe('a machine', () => {
  test('that has everything is ok', () => {
    const { ok, checks } = judge(there);
    expect(ok).toBe(true);
    expect(checks?.map(({ id, text }) => `${id}: ${text}`)).toEqual([
      'reachable: ssh 31 ms',
      'address: 10.0.5.2',
      'engine: mlx-lm 0.32.2',
      'model: 478 KB',
    ]);
  });

  test('with another version of the engine, or of mlx below it', () => {
    expect(judge(there.map((line) => line.replace('0.32.2', '0.31.9'))).failed).toEqual([
      {
        id: 'engine',
        ok: false,
        text: 'mlx-lm 0.31.9, this machine has 0.32.2.',
        fix: 'Install mlx-lm 0.32.2 there.',
      },
    ]);
    const [mlx] = judge(there.map((line) => line.replace('0.32.4', '0.31.2'))).failed ?? [];
    expect(mlx?.text).toBe('mlx 0.31.2, this machine has 0.32.4.');
  });

  test('without the engine', () => {
    const [engine] = judge(there.filter((line) => !/^(program|version)/.test(line))).failed ?? [];
    expect(engine?.text).toBe("/e/bin/mlx_lm.server isn't on this machine.");
    expect(engine?.fix).toBe('Install mlx-lm 0.32.2 at the same path.');
  });

  test('without the model, or with less of it', () => {
    const [missing] = judge(there.filter((line) => !line.startsWith('model'))).failed ?? [];
    expect(missing).toMatchObject({ id: 'model', text: "The model isn't on this machine." });
    expect(missing?.fix).toBe('Copy /models/it to the same path there.');
    const [less] = judge(there.map((line) => line.replace('4 478434', '3 22000000'))).failed ?? [];
    expect(less?.text).toBe(
      'The model has 22 MB in 3 files, 22 MB more than on this machine (478 KB in 4).',
    );
  });

  test('with another address', () => {
    const [address] = judge(there.map((line) => line.replace('10.0.5.2', '10.0.5.7'))).failed ?? [];
    expect(address?.text).toBe("10.0.5.2 doesn't belong to Studio.");
    expect(address?.fix).toBe('It has 10.0.5.7.');
  });

  test('that cannot be reached says nothing about the rest', () => {
    const said = {
      text: "Studio is reachable, but doesn't accept ssh connections.",
      fix: 'Turn it on.',
    };
    const failure = { id: 'refused', ...said };
    const [, check] = judgeHosts(input, [
      { machine: mac, facts: readFacts(own), milliseconds: 1 },
      { machine: studio, failure },
    ]);
    expect(check).toEqual({
      host: 'Studio',
      ok: false,
      checks: [{ id: 'reachable', ok: false, ...said }],
    });
  });
});

describe('the script', () => {
  test('takes hostile values as text alone', () => {
    const hostile = `'; say broken; $(say broken) \`say broken\` "\n\\`;
    const text = script({ VALUE: hostile }, `printf '%s' "$VALUE"`);
    const printed = execFileSync('sh', ['-s'], { input: text, encoding: 'utf8' });
    expect(printed).toBe(`mlx-manager: hello\n${hostile}`);
  });

  test('has every value in an assignment', () => {
    const text = checkScript({ ...input, modelPath: "/it's" });
    expect(text).toContain(`MODEL='/it'\\''s'`);
    expect(text.match(/\/it'/g)).toHaveLength(1);
  });

  test('refuses what no path can hold', () => {
    expect(() => script({ VALUE: 'a\0b' }, '')).toThrow('NUL');
  });
});

/** Recorded from OpenSSH 9.2 against an sshd in another network namespace. */
const REFUSALS = [
  ['unknown_key', 'Host key verification failed.'],
  [
    'changed_key',
    '@    WARNING: REMOTE HOST IDENTIFICATION HAS CHANGED!     @\r\nHost key verification failed.',
  ],
  ['no_key', 'root@10.77.31.2: Permission denied (publickey).'],
  ['refused', 'ssh: connect to host 10.77.31.2 port 9: Connection refused'],
  ['no_route', 'ssh: connect to host 10.77.31.8 port 22: No route to host'],
  ['timeout', 'ssh: connect to host 10.77.31.9 port 22: Connection timed out'],
  [
    'unknown_name',
    'ssh: Could not resolve hostname nowhere.invalid: Temporary failure in name resolution',
  ],
  ['other', 'something new'],
] as const;

describe('why a machine was not reached', () => {
  const failed = { code: 255, said: [], stderr: '', timedOut: false, firstLineMs: 1 };

  test.each(REFUSALS)('%s', (id, stderr) => {
    const failure = sshFailure(studio, { ...failed, stderr });
    expect(failure?.id).toBe(id);
    expect(failure?.text).toContain('Studio');
  });

  test('a Mac that keeps the application from the local network is thought of on a Mac', () => {
    const stderr = 'ssh: connect to host 10.77.31.8 port 22: No route to host';
    const fixOn = (platform: NodeJS.Platform): string =>
      sshFailure(studio, { ...failed, stderr }, platform)?.fix ?? '';
    expect(fixOn('darwin')).toContain('Privacy & Security, Local Network');
    expect(fixOn('linux')).not.toContain('Local Network');
  });

  test('a way out names the target to type', () => {
    const failure = sshFailure(studio, { ...failed, stderr: 'Host key verification failed.' });
    expect(failure?.fix).toContain('ssh mara@studio.local once in a terminal');
  });

  test('our own time limit, no ssh at all, and success', () => {
    expect(sshFailure(studio, { ...failed, code: null, timedOut: true })?.id).toBe('timeout');
    const missing = { ...failed, code: null, stderr: 'spawn ssh ENOENT' };
    expect(sshFailure(studio, missing)?.id).toBe('no_ssh');
    expect(sshFailure(studio, { ...failed, code: 0 })).toBeUndefined();
  });

  test('a text of the far shell is not taken for one of ssh', () => {
    expect(sshFailure(studio, { ...failed, code: 1, stderr: 'Permission denied' })?.id).toBe(
      'other',
    );
  });
});
