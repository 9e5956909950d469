import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { rm } from 'node:fs/promises';
import http from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';

import { processViews } from '@fixtures/process-views';
import { createServerHarness, quitDeadline, type ServerHarness } from '@fixtures/server-harness';
import { isPortOpen } from '@core/processes/port-holder';
import { findListeners, readProcess } from '@fixtures/see-processes';
import { until } from '@fixtures/until';

const { views, missing } = await processViews();

let h: ServerHarness;
const strangers: http.Server[] = [];

/** A program that is not ours and answers everything with 200, as a healthy engine would. */
async function listenAsStranger(port: number): Promise<void> {
  const server = http.createServer((_, response) =>
    response.end('{"choices":[{"message":{"content":"I am not yours"}}]}'),
  );
  strangers.push(server);
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
}

for (const name of missing) test.skip(`seen by ${name}`, () => undefined);

describe.each(views)('seen by $name', ({ processes, startStepMs }) => {
  beforeEach(async () => {
    h = await createServerHarness({ processes });
  });
  afterEach(async () => {
    for (const server of strangers.splice(0)) {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    }
    await h.close();
  });

  test('a port that another program holds: failed at once, the holder named, another port offered', async () => {
    const profile = await h.add();
    await listenAsStranger(profile.port);
    await h.servers.start(profile.id);
    const failed = await h.waitFor(profile.id, ['failed']);
    expect(failed.failure?.code).toBe('port_in_use');
    expect(failed.failure?.message).toContain(`pid ${process.pid}`);
    expect(failed.failure?.action?.id).toBe('next_port');
    expect(failed.pid).toBeUndefined();
    expect(await findListeners(profile.port)).toEqual([process.pid]);
  });

  test('a port taken between the check and the bind is never ready', async () => {
    const profile = await h.add({ START_DELAY_MS: 1500 });
    await h.servers.start(profile.id);
    await h.waitFor(profile.id, ['starting', 'loading']);
    await listenAsStranger(profile.port);
    const failed = await h.waitFor(profile.id, ['failed']);
    expect(failed.failure?.code).toBe('port_in_use');
    expect(h.history(profile.id)).not.toContain('ready');
  });

  test('after a crash of the manager the same process is adopted and goes on', async () => {
    const profile = await h.add();
    await h.servers.start(profile.id);
    const before = await h.waitFor(profile.id, ['ready']);
    await h.servers.quit('leave-running', quitDeadline());
    await h.logs.close();
    const second = h.again();
    await second.servers.adoptAll();
    const after = await second.waitFor(profile.id, ['ready']);
    expect(after).toMatchObject({ pid: before.pid, adopted: true, restartNeeded: false });
    const stopped = await second.servers.stop(profile.id);
    expect(stopped.state).toBe('stopped');
    expect(await readProcess(before.pid ?? 0)).toBeUndefined();
    await second.logs.close();
  });

  test('an adopted server that dies is started again', async () => {
    const profile = await h.add();
    await h.servers.start(profile.id);
    const before = await h.waitFor(profile.id, ['ready']);
    await h.servers.quit('leave-running', quitDeadline());
    await h.logs.close();
    const second = h.again();
    await second.servers.adoptAll();
    await second.waitFor(profile.id, ['ready']);
    process.kill(before.pid ?? 0, 'SIGKILL');
    await second.waitFor(profile.id, ['backoff', 'starting']);
    const after = await second.waitFor(profile.id, ['ready']);
    expect(after.pid).not.toBe(before.pid);
    await second.servers.quit('stop', quitDeadline());
    await second.logs.close();
  });

  test('a foreign program on the recorded port after a crash is never killed and never ready', async () => {
    const profile = await h.add();
    await h.servers.start(profile.id);
    const before = await h.waitFor(profile.id, ['ready']);
    await h.servers.quit('leave-running', quitDeadline());
    await h.logs.close();
    process.kill(before.pid ?? 0, 'SIGKILL');
    // A dying process lets go of its files a moment before the kernel closes the socket.
    await until(async () => !(await isPortOpen(profile.port)), 'the port to be free');
    await listenAsStranger(profile.port);
    const second = h.again();
    await second.servers.adoptAll();
    expect(second.servers.get(profile.id).state).toBe('stopped');
    await second.servers.start(profile.id);
    const failed = await second.waitFor(profile.id, ['failed']);
    expect(failed.failure?.code).toBe('port_in_use');
    expect(await findListeners(profile.port)).toEqual([process.pid]);
    await second.logs.close();
  });

  test('a recorded number that belongs to another process now is not touched', async () => {
    const profile = await h.add();
    await h.servers.start(profile.id);
    const { pid } = await h.waitFor(profile.id, ['ready']);
    await h.servers.quit('leave-running', quitDeadline());
    await h.logs.close();
    process.kill(pid ?? 0, 'SIGKILL');
    // Fixed wait: no system gives a number again within the moments that one view cannot tell apart.
    await sleep(3 * startStepMs);
    const bystander = spawn('sleep', ['60'], { detached: true });
    const { OwnershipRecords } = await import('@core/servers/launch/ownership');
    const { silentLogger } = await import('@fixtures/server-harness');
    const records = new OwnershipRecords(h.home.paths.run, silentLogger);
    const [record] = await records.readAll();
    if (!record?.process || bystander.pid === undefined) throw new Error('nothing was recorded');
    await records.write({
      ...record,
      process: { ...record.process, pid: bystander.pid, pgid: bystander.pid },
    });
    const second = h.again();
    await second.servers.adoptAll();
    expect(await readProcess(bystander.pid)).toBeDefined();
    expect(second.servers.get(profile.id).state).toBe('stopped');
    bystander.kill('SIGKILL');
    await second.logs.close();
  });

  test('a spawn whose record was cut off is found by its nonce', async () => {
    const profile = await h.add();
    await h.servers.start(profile.id);
    const before = await h.waitFor(profile.id, ['ready']);
    await h.servers.quit('leave-running', quitDeadline());
    await h.logs.close();
    const { OwnershipRecords } = await import('@core/servers/launch/ownership');
    const { silentLogger } = await import('@fixtures/server-harness');
    const records = new OwnershipRecords(h.home.paths.run, silentLogger);
    const [record] = await records.readAll();
    if (!record) throw new Error('nothing was recorded');
    const { process: _identity, ...cutOff } = record;
    await records.write(cutOff);
    const second = h.again();
    await second.servers.adoptAll();
    expect((await second.waitFor(profile.id, ['ready'])).pid).toBe(before.pid);
    await second.servers.quit('stop', quitDeadline());
    await second.logs.close();
  });

  test('a model folder deleted under a running server leaves it ready and marked, without a loop', async () => {
    const profile = await h.add({}, { hangLimitSeconds: 5 });
    await h.servers.start(profile.id);
    const { pid } = await h.waitFor(profile.id, ['ready']);
    await rm(h.modelPath, { recursive: true });
    await until(() => h.servers.get(profile.id).modelMissing, 'the mark');
    expect(h.servers.get(profile.id)).toMatchObject({ state: 'ready', pid, modelMissing: true });
    expect(h.history(profile.id).filter((state) => state === 'starting')).toHaveLength(1);
  });
});
