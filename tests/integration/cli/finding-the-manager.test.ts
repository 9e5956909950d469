import { once } from 'node:events';
import { mkdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import net from 'node:net';
import { dirname, join } from 'node:path';

import { type CliHarness, createCliHarness, type Served } from '@fixtures/cli-harness';
import { createTempHome, type TempHome } from '@fixtures/temp-home';
import { until } from '@fixtures/until';
import { connectSocket } from '@host/socket-transport';
import { createClient } from '@shared/rpc/client';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

let folder: TempHome;
const harnesses: CliHarness[] = [];
beforeEach(async () => {
  folder = await createTempHome();
});
afterEach(async () => {
  for (const harness of harnesses.splice(0).reverse()) await harness.close();
  await folder.close();
});

async function withEnv(env: Readonly<Record<string, string>>): Promise<CliHarness> {
  const harness = await createCliHarness(env);
  harnesses.push(harness);
  return harness;
}

/** `status` and a command that changes something, from the same place. */
async function bothSee(harness: CliHarness, { ready }: Served, name: string): Promise<void> {
  expect(await harness.json('status')).toMatchObject([
    { manager: { running: true, pid: ready.pid } },
  ]);
  const [profile] = await harness.json('profile', 'create', name, '--model', 'demo');
  expect(profile).toMatchObject({ name });
}

describe('a manager whose socket does not fit into its data folder', () => {
  const long = (): string => join(folder.folder, 'x'.repeat(110), 'data');

  it('is found from another temporary folder', async () => {
    const tmp = async (name: string): Promise<string> => {
      const path = join(folder.folder, name);
      await mkdir(path);
      return path;
    };
    const here = await withEnv({ MLX_MANAGER_HOME: long(), TMPDIR: await tmp('one') });
    const served = await here.serve();
    const there = await withEnv({ MLX_MANAGER_HOME: long(), TMPDIR: await tmp('two') });
    await bothSee(there, served, 'From another TMPDIR');
    expect(await there.failure('serve', '--port', '0')).toMatchObject({
      error: { code: 'already_running', data: { pid: served.ready.pid, url: served.ready.url } },
    });
  });

  it('is found through a link to its folder', async () => {
    const here = await withEnv({ MLX_MANAGER_HOME: long() });
    const served = await here.serve();
    const link = join(folder.folder, 'link');
    await symlink(long(), link);
    const there = await withEnv({ MLX_MANAGER_HOME: link });
    await bothSee(there, served, 'Through a link');
  });
});

describe('the local socket', () => {
  it('is made again when it was removed, and connections live on', async () => {
    const harness = await withEnv({});
    const served = await harness.serve();
    const { socket } = served.ready;
    const transport = await connectSocket(socket);
    if (transport === undefined) throw new Error('Nobody answers.');
    await rm(socket);
    // A command waits until it is there again.
    await bothSee(harness, served, 'After the removal');
    expect(((await stat(socket)).mode & 0o777).toString(8)).toBe('600');
    expect(await createClient(transport).call('app.info')).toMatchObject({ pid: served.ready.pid });
    transport.close();
    const log = await readFile(join(harness.home.paths.logs, 'manager.log'), 'utf8');
    expect(log.match(/socket was removed/g)).toHaveLength(1);
  });

  it('is made again with its folder, as where a system clears its temporary ones', async () => {
    const home = join(folder.folder, 'x'.repeat(110), 'data');
    const harness = await withEnv({ MLX_MANAGER_HOME: home, TMPDIR: folder.folder });
    const served = await harness.serve();
    await rm(dirname(served.ready.socket), { recursive: true });
    await bothSee(harness, served, 'After the sweep');
  });

  it('that something else stands in place of is left alone', async () => {
    const harness = await withEnv({});
    const { ready, child } = await harness.serve();
    await rm(ready.socket);
    await writeFile(ready.socket, 'precious');
    // Long enough for it to have looked.
    // Fixed wait: the look at the socket comes by itself some time within it, and must find nothing to do.
    await new Promise((resolve) => setTimeout(resolve, 3000));
    expect(await readFile(ready.socket, 'utf8')).toBe('precious');
    await rm(ready.socket);
    await until(async () => (await harness.run('status')).code === 0, 'the socket');
    const ended = once(child, 'exit');
    child.kill('SIGTERM');
    expect(await ended).toEqual([0, null]);
  });
});

it.each([
  ['with its socket gone', true],
  ['though it can be connected to', false],
])('a manager that hangs is neither absent nor somebody else, %s', async (_, isGone) => {
  const harness = await withEnv({});
  const { ready, child } = await harness.serve();
  // As a debugger does.
  child.kill('SIGSTOP');
  if (isGone) await rm(ready.socket);
  try {
    const commands = [['status'], ['profile', 'create', 'A', '--model', 'demo'], ['start', 'A']];
    const failures = await Promise.all(commands.map((words) => harness.failure(...words)));
    for (const failure of failures) {
      expect(failure).toMatchObject({
        code: 1,
        error: { code: 'not_answering', data: { pid: ready.pid } },
      });
    }
  } finally {
    child.kill('SIGCONT');
  }
  const answers = await until(async () => {
    const probe = net.connect(ready.socket);
    return once(probe, 'connect').then(
      () => probe.destroy(),
      () => undefined,
    );
  }, 'the socket after it went on');
  expect(answers.destroyed).toBe(true);
});
