import { once } from 'node:events';
import { readdir, readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';

import { type CliHarness, createCliHarness, type Served } from '@fixtures/cli-harness';
import { FAKE_ENGINE } from '@fixtures/fake-adapter';
import { isListening, processesNaming } from '@fixtures/temp-home';
import { until } from '@fixtures/until';
import { afterEach, describe, expect, it } from 'vitest';

let harness: CliHarness;
afterEach(() => harness.close());

/** A manager with one server, into which a fault can be let by SIGUSR2. */
async function serveOne(fault: string, ...faults: readonly string[]) {
  const inside = resolve('tests/fixtures/faults-inside.mjs');
  harness = await createCliHarness({
    NODE_OPTIONS: `--import=${inside}`,
    FAULT_INSIDE: fault,
  });
  const served: Served = await harness.serve();
  await harness.json('engine', 'register', 'mlx-lm', '--command', FAKE_ENGINE);
  await harness.createProfile('A', ...faults.flatMap((one) => ['--env', one]));
  const [server] = await harness.json('start', 'A', '--wait');
  return { ...served, port: (server as { port: number }).port };
}

const managerLog = (): Promise<string> =>
  readFile(join(harness.home.paths.logs, 'manager.log'), 'utf8');

/** The manager's own files that must not outlive it. */
const leftovers = async (): Promise<string[]> => {
  const { home, run } = harness.home.paths;
  const names = [...(await readdir(home)), ...(await readdir(run))];
  return names.filter((name) => /manager\.(lock|sock)|\.server\.json$/.test(name));
};

describe('an error that nobody caught', () => {
  it.each(['throw', 'reject'])('takes the manager down in order (%s)', async (fault) => {
    const { child, port, said } = await serveOne(fault);
    const ended = once(child, 'exit');
    child.kill('SIGUSR2');
    expect(await ended).toEqual([1, null]);
    expect(await said).toContain('a fault of the test');
    const log = await managerLog();
    expect(log).toContain('a fault of the test');
    expect(log.trimEnd().split('\n').at(-1)).toMatch(/Ended$/);
    expect(await isListening(port)).toBe(false);
    expect(await leftovers()).toEqual([]);
  });

  it('leaves servers running where that is the setting', async () => {
    const { child, port } = await serveOne('throw');
    await harness.json('settings', 'set', 'onQuit', 'leave-running');
    const ended = once(child, 'exit');
    child.kill('SIGUSR2');
    expect(await ended).toEqual([1, null]);
    expect(await isListening(port)).toBe(true);
    // The next manager takes it back, and ends it as asked.
    await harness.serve();
    const [status] = await harness.json('status');
    expect(status).toMatchObject({ servers: [{ state: 'ready', adopted: true }] });
    await harness.json('stop', 'A');
    expect(await isListening(port)).toBe(false);
  });
});

describe('a quit', () => {
  it('is one budget: a server that does not want to end is killed within it, and nothing is left', async () => {
    const { child, port } = await serveOne(
      'throw',
      ...['FAKE_IGNORE_TERM=1', 'FAKE_CHILDREN=1', 'FAKE_CHILDREN_IGNORE_TERM=1'],
    );
    // A person's own grace is longer than a whole quit.
    await harness.json('settings', 'set', 'stopGraceSeconds', '120');
    const began = performance.now();
    const ended = once(child, 'exit');
    child.kill('SIGTERM');
    expect(await ended).toEqual([0, null]);
    expect(performance.now() - began).toBeLessThan(15_000);
    expect(await isListening(port)).toBe(false);
    expect(await processesNaming(harness.home.folder)).toEqual([]);
    expect(await leftovers()).toEqual([]);
  });

  it('that a blocked event loop holds up is ended by the watchdog, which says so', async () => {
    const { child, ready, said, port } = await serveOne('block', 'FAKE_IGNORE_TERM=1');
    const ended = once(child, 'exit');
    const began = performance.now();
    child.kill('SIGTERM');
    // It waits for the server now, which does not want to end.
    await until(async () => (await managerLog()).includes('Quitting: SIGTERM'), 'the quit');
    child.kill('SIGUSR2');
    expect(await ended).toEqual([null, 'SIGKILL']);
    const took = performance.now() - began;
    expect(took).toBeGreaterThan(14_000);
    expect(took).toBeLessThan(17_000);
    expect(await said).toContain('Quitting took too long');
    expect(await managerLog()).toContain('Quitting took too long');
    // What it could not end is known to the next one.
    const next = await harness.serve();
    expect(next.ready.pid).not.toBe(ready.pid);
    await harness.json('stop', '--all');
    expect(await isListening(port)).toBe(false);
  });
});
