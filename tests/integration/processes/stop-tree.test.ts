import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { afterEach, describe, expect, test } from 'vitest';

import { systemClock } from '@core/ports/clock';
import { type StopTarget, stopTree } from '@core/processes/stop-tree';
import { hasProcess } from '@core/processes/liveness';
import { known, type ProcessView, processViews } from '@fixtures/process-views';
import { readProcess } from '@fixtures/see-processes';

const { views, missing } = await processViews();
const started: number[] = [];

afterEach(() => {
  for (const pid of started.splice(0)) if (hasProcess(pid)) process.kill(pid, 'SIGKILL');
});

/** Runs the script in a group of its own; it prints the pids that it starts. */
async function run(script: string, nonce: string): Promise<{ child: ChildProcess; said: number }> {
  const child = spawn(process.execPath, ['-e', `${PROGRAMS}${script}`], {
    env: { ...process.env, MM_NONCE: nonce },
    stdio: ['ignore', 'pipe', 'ignore'],
    detached: true,
  });
  if (!child.stdout || child.pid === undefined) throw new Error('the program was not started');
  const [text] = await once(child.stdout, 'data');
  const said = Number(String(text));
  started.push(child.pid, said);
  return { child, said };
}

/** A zombie that its parent has not collected yet lives no more. */
async function lives(pid: number): Promise<boolean> {
  const info = await readProcess(pid);
  return info !== undefined && info.state !== 'Z';
}

/** What the scripts are made of. */
const PROGRAMS = `
const { spawn } = require('node:child_process');
const idle = 'process.on("SIGTERM", process.env.DEAF ? () => {} : () => process.exit()); process.stdout.write("."); setInterval(() => {}, 1e9)';
/** Starts a program that does nothing; resolves when it runs. */
const start = (how, env = process.env) => {
  const child = spawn(process.execPath, ['-e', idle], { env, stdio: ['ignore', 'pipe', 'ignore'], ...how });
  return new Promise((resolve) => child.stdout.once('data', () => { child.stdout.destroy(); child.unref(); resolve(child.pid); }));
};
const say = (pid) => process.stdout.write(String(pid));
const wait = () => setInterval(() => {}, 1e9);
`;

async function targetOf({ processes }: ProcessView, child: ChildProcess, nonce: string) {
  const pid = child.pid ?? 0;
  const info = known(await processes.read(pid));
  if (!info) throw new Error('the program has ended');
  const mark = { name: 'MM_NONCE', value: nonce };
  return { pid, pgid: pid, startTime: info.startTime, mark, seen: [], wasWatched: true };
}

function stop({ processes }: ProcessView, target: StopTarget, graceMs = 3000) {
  return stopTree(target, { processes, clock: systemClock, graceMs });
}

for (const name of missing) test.skip(`by ${name}`, () => undefined);

describe.each(views)('a tree seen by $name', (view) => {
  test('root and child are ended, and a bystander is not', async () => {
    const nonce = randomUUID();
    const { child, said } = await run('start({}).then(say); wait();', nonce);
    const bystander = await run('start({}).then(say); wait();', randomUUID());
    const exit = once(child, 'exit');
    const outcome = await stop(view, await targetOf(view, child, nonce));
    expect(outcome).toMatchObject({ kind: 'gone', killed: false });
    expect(await exit).toEqual([null, 'SIGTERM']);
    expect(await lives(said)).toBe(false);
    expect(await lives(bystander.said)).toBe(true);
  });

  test('what does not listen to SIGTERM is killed', async () => {
    const nonce = randomUUID();
    const script = 'start({}, { ...process.env, DEAF: "1" }).then(say); wait();';
    const { child, said } = await run(script, nonce);
    const outcome = await stop(view, await targetOf(view, child, nonce), 500);
    expect(outcome).toMatchObject({ kind: 'gone', killed: true });
    expect(await lives(said)).toBe(false);
  });

  test('a program that made itself a daemon and left its parent is ended', async () => {
    const nonce = randomUUID();
    const { child, said } = await run('start({ detached: true }).then(say); wait();', nonce);
    const target = await targetOf(view, child, nonce);
    child.kill('SIGKILL');
    await once(child, 'exit');
    expect(await lives(said)).toBe(true);
    // Nobody saw it while it had a parent.
    const outcome = await stop(view, target);
    expect(outcome).toMatchObject({ kind: 'gone', killed: false });
    expect(await lives(said)).toBe(false);
  });

  test('a stopped process is woken up, so that it can end', async () => {
    const nonce = randomUUID();
    const { child, said } = await run('start({}).then(say); wait();', nonce);
    process.kill(said, 'SIGSTOP');
    const outcome = await stop(view, await targetOf(view, child, nonce));
    expect(outcome).toMatchObject({ kind: 'gone', killed: false });
    expect(await lives(said)).toBe(false);
  });

  test('another time zone and language in between change nothing', async () => {
    const { TZ, LC_ALL } = process.env;
    const nonce = randomUUID();
    const { child, said } = await run('start({}).then(say); wait();', nonce);
    // Without a mark: only the start time tells that it is the same process.
    const exit = once(child, 'exit');
    const { mark: _, ...target } = await targetOf(view, child, nonce);
    Object.assign(process.env, { TZ: 'Pacific/Kiritimati', LC_ALL: 'de_DE.UTF-8' });
    try {
      expect(await stop(view, { ...target, wasWatched: false })).toMatchObject({ kind: 'gone' });
    } finally {
      restore('TZ', TZ);
      restore('LC_ALL', LC_ALL);
    }
    expect(await lives(said)).toBe(false);
    expect(await exit).toEqual([null, 'SIGTERM']);
  });

  test('a number that is another process now is left alone, with its group', async () => {
    const nonce = randomUUID();
    const { child, said } = await run('start({}).then(say); wait();', nonce);
    const target = await targetOf(view, child, randomUUID());
    const startTime = view.name === '/proc' ? '1' : '2001-01-01T00:00:00Z';
    const outcome = await stop(view, { ...target, startTime });
    expect(outcome).toMatchObject({ kind: 'gone', killed: false });
    expect(await lives(child.pid ?? 0)).toBe(true);
    expect(await lives(said)).toBe(true);
  });
});

function restore(name: string, value: string | undefined): void {
  if (value === undefined) delete process.env[name];
  else process.env[name] = value;
}
