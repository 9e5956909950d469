import { readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, type TestContext, test } from 'vitest';

import type { ServerProfile } from '@shared/domain/profile';
import type { Server } from '@shared/domain/server';
import { EngineWatch, enginesAlive } from '@fixtures/engines-alive';
import { FAKE_ENGINE, faultEnv } from '@fixtures/fake-adapter';
import { faultyTools, type ToolFault } from '@fixtures/faulty-tools';
import { type ManagerProcess, startManager } from '@fixtures/manager-process';
import { createTempHome, processesNaming, type TempHome } from '@fixtures/temp-home';
import { until, within } from '@fixtures/until';

/*
 * Whole managers that take this machine for a Mac, whose `ps` and `lsof` break under them: one is killed, a second
 * one wants the data folder, the next one takes over. What they say is held against the processes that there are.
 */
const FAULTS: readonly ToolFault[] = ['fails', 'hangs', 'half', 'cut', 'foreign'];

/** Where one manager lives, and where the next one does: neither language nor time zone may tell them apart. */
const TOKYO = { LANG: 'de_DE.UTF-8', LC_ALL: 'de_DE.UTF-8', TZ: 'Asia/Tokyo' };
const LOS_ANGELES = { LANG: 'C', LC_ALL: 'C', TZ: 'America/Los_Angeles' };

const MAC_PATH = fileURLToPath(new URL('../../fixtures/mac-path.mjs', import.meta.url));

/** What a tool that hangs has become (faulty-tools.ts). */
const HANGING = 'sleep 600';

interface Tools {
  readonly env: Readonly<Record<string, string>>;
  break(fault: ToolFault): Promise<void>;
  mend(): Promise<void>;
}

/** An empty folder at the front of PATH, into which broken tools are laid. */
function toolsIn(home: TempHome): Tools {
  const folder = path.join(home.folder, 'bin');
  const mend = (): Promise<void> => rm(folder, { recursive: true, force: true });
  return {
    env: { PATH: `${folder}:${process.env.PATH}`, NODE_OPTIONS: `--import "${MAC_PATH}"` },
    break: async (fault) => {
      await faultyTools(folder, fault);
    },
    mend,
  };
}

interface Scene {
  readonly home: TempHome;
  readonly tools: Tools;
  readonly first: ManagerProcess;
  readonly profile: ServerProfile;
  readonly ready: Server;
  readonly watch: EngineWatch;
  /** A manager on the same folder, in another country. */
  readonly next: (env: Readonly<Record<string, string>>) => Promise<ManagerProcess>;
}

/** A ready server under a manager in Tokyo. */
async function setScene({ onTestFinished }: Pick<TestContext, 'onTestFinished'>): Promise<Scene> {
  const home = await createTempHome();
  const tools = toolsIn(home);
  const managers: ManagerProcess[] = [];
  const next: Scene['next'] = async (env) => {
    const manager = await startManager({ home, env: { ...tools.env, ...env } });
    managers.push(manager);
    return manager;
  };
  onTestFinished(async () => {
    await tools.mend();
    for (const manager of managers) await manager.end('SIGINT');
    // What a killed manager had asked waits for its answer still.
    const asked = (await processesNaming(home.folder)).filter(({ command }) => command === HANGING);
    for (const { pid } of asked) process.kill(pid, 'SIGKILL');
    await home.close();
  });
  const first = await next(TOKYO);
  const client = await first.client();
  const { profile } = await client.call('profiles.createLocal', {
    name: 'Test',
    model: 'demo',
    // An installation's program would be refused here, as one that was made for another system.
    engine: 'custom',
    custom: { command: FAKE_ENGINE },
    extraArgs: ['--port', '{port}', '--host', '{host}', '--model', '{model}'],
    port: await home.freePort(),
    env: faultEnv({ CHILDREN: 1, CHILDREN_DETACHED: true, CHILDREN_STAY: true }),
  });
  const watch = new EngineWatch(profile.port);
  onTestFinished(() => watch.end());
  await client.call('servers.start', { profileId: profile.id });
  const ready = await untilState(first, 'ready');
  return { home, tools, first, profile, ready, watch, next };
}

async function serverOf(manager: ManagerProcess): Promise<Server> {
  const [server] = await (await manager.client()).call('servers.list');
  if (!server) throw new Error('There is no profile.');
  return server;
}

function untilState(manager: ManagerProcess, state: Server['state']): Promise<Server> {
  let last = '';
  const look = async (): Promise<Server | undefined> => {
    const server = await serverOf(manager);
    last = `${server.state}: ${server.failure?.message}`;
    if (server.state === 'failed' && state !== 'failed') throw new Error(JSON.stringify(server));
    return server.state === state ? server : undefined;
  };
  return until(look, () => `a server that is ${state}; it is ${last}`);
}

const lockOf = ({ paths }: TempHome): Promise<string> =>
  readFile(path.join(paths.home, 'manager.lock'), 'utf8');

/** Another manager wants the folder of one that lives, from where clocks and numbers are others. */
async function expectRefused({ home }: Scene, manager: ManagerProcess): Promise<void> {
  const lock = await lockOf(home);
  const other = manager.run('serve', '--json', '--no-demo', '--port', '0');
  const { code, stdout, stderr } = await within(other, 'the other manager to be refused');
  expect(code, stdout).not.toBe(0);
  expect(stdout + stderr).toContain('already_running');
  expect(await lockOf(home)).toBe(lock);
}

async function expectStopped(manager: ManagerProcess, { port, id }: ServerProfile): Promise<void> {
  await (await manager.client()).call('servers.stop', { profileId: id });
  expect((await serverOf(manager)).state).toBe('stopped');
  expect(enginesAlive(port)).toEqual([]);
}

describe.concurrent('managers on the path of a Mac', () => {
  test.for(FAULTS)('ps and lsof: %s', async (fault, context) => {
    const scene = await setScene(context);
    const { tools, first, profile, ready, watch, next } = scene;
    const engines = enginesAlive(profile.port);
    expect(engines).toHaveLength(2);

    await tools.break(fault);
    await expectRefused(scene, first);
    await first.kill();
    const second = await next(LOS_ANGELES);
    // The engine may be there still: nothing is said to be stopped, and nothing started beside it.
    const held = await untilState(second, 'stuck');
    expect(held.failure?.message).toBeTruthy();
    const start = (await second.client()).call('servers.start', { profileId: profile.id });
    await expect(start).rejects.toMatchObject({ code: 'in_use' });
    // Tools that hang take half a minute to refuse somebody, which was seen above.
    if (fault !== 'hangs') await expectRefused(scene, second);
    expect(enginesAlive(profile.port)).toEqual(engines);

    await tools.mend();
    expect(await untilState(second, 'ready')).toMatchObject({ pid: ready.pid, adopted: true });
    await expectStopped(second, profile);
    expect(watch.faults()).toEqual([]);
  });

  test('another language and time zone are no reason to doubt: the next manager goes on', async (context) => {
    const scene = await setScene(context);
    const { tools, first, profile, ready, watch, next } = scene;
    await tools.break('only-in-C');
    await expectRefused(scene, first);
    await first.kill();
    const second = await next(LOS_ANGELES);
    expect(await untilState(second, 'ready')).toMatchObject({ pid: ready.pid, adopted: true });
    await expectRefused(scene, second);
    await expectStopped(second, profile);
    expect(watch.faults()).toEqual([]);
  });
});
