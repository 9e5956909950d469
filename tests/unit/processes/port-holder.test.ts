import { expect, test } from 'vitest';

import { findPortHolder, refuses } from '@core/processes/port-holder';
import { FakeMachine, faultyProcesses } from '@fixtures/fake-processes';

const on = (address: string, v6only?: boolean) => ({
  pid: 7,
  family: address.includes(':') ? ('tcp6' as const) : ('tcp4' as const),
  address,
  v6only,
});

test.each([
  // Wanted, who listens, whether that is in the way.
  ['127.0.0.1', on('127.0.0.1'), 'yes'],
  ['127.0.0.1', on('0.0.0.0'), 'yes'],
  ['127.0.0.1', on('::', false), 'yes'],
  ['127.0.0.1', on('::', undefined), 'unknown'],
  ['127.0.0.1', on('::', true), 'no'],
  ['127.0.0.1', on('127.0.0.2'), 'no'],
  ['127.0.0.1', on('::1'), 'no'],
  ['127.0.0.1', on('100.64.0.3'), 'no'],
  ['::1', on('::1'), 'yes'],
  ['0:0:0:0:0:0:0:1', on('::1'), 'yes'],
  ['::1', on('::', true), 'yes'],
  ['::1', on('0.0.0.0'), 'no'],
  ['::1', on('127.0.0.1'), 'no'],
  ['0.0.0.0', on('127.0.0.1'), 'yes'],
  ['0.0.0.0', on('::1'), 'no'],
  ['0.0.0.0', on('::', false), 'yes'],
  ['::', on('::1'), 'yes'],
  ['::', on('127.0.0.1'), 'unknown'],
  ['localhost', on('127.0.0.1'), 'unknown'],
] as const)('%s beside %o: %s', (host, listener, verdict) => {
  expect(refuses(listener, host)).toBe(verdict);
});

test('the holder is the one that is in the way, not the first on the port', async () => {
  const machine = new FakeMachine();
  const other = machine.start({ command: 'tailscale' });
  const holder = machine.start({ command: 'node server.js' });
  machine.listen(other.pid, 8080, '100.64.0.3');
  machine.listen(holder.pid, 8080, '0.0.0.0');
  expect(await findPortHolder(machine, '127.0.0.1', 8080)).toEqual({
    pid: holder.pid,
    command: 'node server.js',
  });
  expect(await findPortHolder(machine, '127.0.0.1', 8081)).toBeUndefined();
});

test('a holder that cannot be told has no name, and no other one is blamed', async () => {
  const machine = new FakeMachine();
  const holder = machine.start();
  machine.listen(holder.pid, 8080);
  const blind = faultyProcesses(machine, { fault: 'fails', only: ['listeners'] });
  expect(await findPortHolder(blind, '127.0.0.1', 8080)).toBeUndefined();
  const nameless = faultyProcesses(machine, { fault: 'fails', only: ['read'] });
  expect(await findPortHolder(nameless, '127.0.0.1', 8080)).toEqual({
    pid: holder.pid,
    command: 'unknown program',
  });
});
