import { once } from 'node:events';
import net from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';

import { checkPort } from '@core/processes/port-holder';
import { faultyProcesses } from '@fixtures/fake-processes';
import { processViews } from '@fixtures/process-views';
import { findFreePort } from '@fixtures/temp-home';

const { views, missing } = await processViews();
const servers: net.Server[] = [];

afterEach(async () => {
  await Promise.all(
    servers.splice(0).map((server) => new Promise((resolve) => server.close(resolve))),
  );
});

async function listen(options: net.ListenOptions): Promise<void> {
  const server = net.createServer();
  server.listen({ exclusive: true, ...options });
  await once(server, 'listening');
  servers.push(server);
}

for (const name of missing) test.skip(`seen by ${name}`, () => undefined);

describe.each(views)('a port seen by $name', ({ processes }) => {
  test.each([
    // Wanted, who listens, whether a server could listen there.
    ['127.0.0.1', { host: '127.0.0.2' }, 'free'],
    ['127.0.0.1', { host: '::1' }, 'free'],
    ['127.0.0.1', { host: '::', ipv6Only: true }, 'free'],
    ['::1', { host: '127.0.0.1' }, 'free'],
    ['127.0.0.1', { host: '127.0.0.1' }, 'taken'],
    ['::1', { host: '::1' }, 'taken'],
    ['::1', { host: '::', ipv6Only: true }, 'taken'],
    ['0.0.0.0', { host: '0.0.0.0' }, 'taken'],
    ...(process.platform === 'linux'
      ? ([
          ['127.0.0.1', { host: '0.0.0.0' }, 'taken'],
          ['127.0.0.1', { host: '::' }, 'taken'],
          ['0.0.0.0', { host: '127.0.0.1' }, 'taken'],
        ] as const)
      : []),
  ] as const)('%s beside %o: %s', async (host, options, kind) => {
    const port = await findFreePort();
    await listen({ ...options, port });
    const state = await checkPort(processes, host, port);
    expect(state.kind).toBe(kind);
    if (state.kind === 'taken') expect(state.holder?.pid).toBe(process.pid);
    // It was only tried: the port is as it was.
    expect((await checkPort(processes, host, port)).kind).toBe(kind);
  });

  test('nobody listens', async () => {
    expect(await checkPort(processes, '127.0.0.1', await findFreePort())).toEqual({ kind: 'free' });
  });
});

test('where nobody can tell who listens, a port that is taken is taken all the same', async () => {
  const [view] = views;
  if (!view) throw new Error('processes cannot be seen at all');
  const port = await findFreePort();
  await listen({ host: '127.0.0.1', port });
  const blind = faultyProcesses(view.processes, { fault: 'fails' });
  expect(await checkPort(blind, '127.0.0.1', port)).toEqual({ kind: 'taken', holder: undefined });
  expect(await checkPort(blind, '127.0.0.1', await findFreePort())).toEqual({ kind: 'free' });
});

test('an address that this machine does not have is refused for that reason', async () => {
  const [view] = views;
  if (!view) throw new Error('processes cannot be seen at all');
  expect(await checkPort(view.processes, '192.0.2.1', await findFreePort())).toMatchObject({
    kind: 'refused',
    reason: expect.stringContaining('EADDRNOTAVAIL'),
  });
});
