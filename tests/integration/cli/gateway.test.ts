import { once } from 'node:events';
import net from 'node:net';

import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';

import { type CliHarness, createCliHarness } from '@fixtures/cli-harness';
import { FAKE_ENGINE } from '@fixtures/fake-adapter';
import { GatewayStatus } from '@shared/domain/gateway-status';

let harness: CliHarness;
beforeEach(async () => {
  harness = await createCliHarness();
});
afterEach(() => harness.close());

const Report = z.object({
  checks: z.array(z.object({ id: z.string(), state: z.string(), message: z.string() })),
});

/** The check of the gateway; `doctor` itself may find other problems on the machine that runs the tests. */
async function gatewayCheck() {
  const { stdout } = await harness.run('doctor', '--json');
  return Report.parse(JSON.parse(stdout)).checks.find(({ id }) => id === 'gateway');
}

/** Another program on a port, until it is let go. */
async function holdPort(): Promise<{ port: number; letGo: () => Promise<void> }> {
  const holder = net.createServer().listen(0, '127.0.0.1');
  await once(holder, 'listening');
  const address = holder.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return {
    port: address.port,
    letGo: () => new Promise((resolve) => holder.close(() => resolve())),
  };
}

async function ready(...words: readonly string[]): Promise<void> {
  await harness.serve('--no-demo', ...words);
  await harness.json('engine', 'register', 'mlx-lm', '--command', FAKE_ENGINE);
}

async function stateOf(name: string): Promise<unknown> {
  const [status] = await harness.json('status');
  const { servers } = z
    .object({ servers: z.array(z.object({ name: z.string(), state: z.string() })) })
    .parse(status);
  return servers.find((one) => one.name === name)?.state;
}

describe('gateway status', () => {
  it('tells where it listens, as status does', async () => {
    await ready('--gateway-port', '0');
    const [told] = await harness.json('gateway', 'status');
    const { state, url, port } = GatewayStatus.parse(told);
    expect([state, url]).toEqual(['listening', `http://127.0.0.1:${port}`]);
    expect((await harness.run('gateway', 'status')).stdout).toBe(`Listening at ${url}\n`);
    expect(await harness.json('status')).toMatchObject([{ gateway: { state, url, port } }]);
    expect(await gatewayCheck()).toMatchObject({
      state: 'ok',
      message: expect.stringMatching(url ?? ''),
    });
    // It listens already: nothing is cut for a second try.
    expect(await harness.json('gateway', 'retry')).toEqual([told]);
  });

  it('is off where it was switched off, and where no manager runs', async () => {
    const idle = await harness.run('gateway', 'status', '--json');
    expect(JSON.parse(idle.stdout)).toEqual({ state: 'off', url: null, port: 6590 });
    expect(idle.stderr).toContain('mlx-manager serve');
    expect(await harness.failure('gateway', 'retry')).toMatchObject({
      code: 1,
      error: { code: 'not_running' },
    });
    await ready('--no-gateway');
    expect(await harness.json('gateway', 'status')).toMatchObject([{ state: 'off', url: null }]);
    expect(await harness.json('gateway', 'retry')).toMatchObject([{ state: 'off' }]);
    expect(await gatewayCheck()).toMatchObject({
      state: 'ok',
      message: 'The gateway is off in this run',
    });
    await harness.json('settings', 'set', 'gatewayEnabled', 'false');
    expect(await gatewayCheck()).toMatchObject({ state: 'ok', message: 'The gateway is off' });
  });

  it('names who holds the port, and listens once it is free', async () => {
    const { port, letGo } = await holdPort();
    const holder = new RegExp(`pid ${process.pid}`);
    await harness.json('settings', 'set', 'gatewayPort', String(port));
    expect(await gatewayCheck()).toMatchObject({
      state: 'warning',
      message: expect.stringMatching(holder),
    });
    await ready();
    const failure = { code: 'port_in_use', message: expect.stringMatching(holder) };
    expect(await harness.failure('gateway', 'retry')).toMatchObject({
      code: 1,
      error: { ...failure, data: { state: 'failed', url: null, port } },
    });
    expect(await harness.json('gateway', 'status')).toMatchObject([
      { state: 'failed', url: null, port, failure },
    ]);
    expect(await gatewayCheck()).toMatchObject({
      state: 'warning',
      message: failure.message,
    });
    const { stdout } = await harness.run('doctor');
    expect(stdout).toContain('mlx-manager gateway retry');
    await letGo();
    expect(await harness.json('gateway', 'retry')).toEqual([
      { state: 'listening', url: `http://127.0.0.1:${port}`, port },
    ]);
  });
});

describe('chat', () => {
  it('goes through the gateway, which starts the profile', async () => {
    await ready('--gateway-port', '0');
    await harness.createProfile('Good');
    const { code, stdout, stderr } = await harness.run('chat', 'good', 'hello', '--json');
    expect({ code, stderr }).toEqual({ code: 0, stderr: 'Waiting for Good to be ready…\n' });
    const lines = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(lines[0]).toMatchObject({ event: 'delta', text: expect.any(String) });
    expect(lines.at(-1)).toMatchObject({
      event: 'done',
      usage: { completion_tokens: expect.any(Number) },
    });
    expect(await stateOf('Good')).toBe('ready');
    expect((await harness.run('chat', 'Good', 'hello')).stderr).toBe('');
  });

  it('says why a profile cannot be started, in the sentence of the gateway', async () => {
    await ready('--gateway-port', '0');
    await harness.createProfile('Bad', '--arg', '--no-such-option');
    const { code, error } = await harness.failure('chat', 'Bad', 'hello');
    expect(code).toBe(1);
    expect(error).toMatchObject({
      code: 'not_running',
      message: expect.stringMatching(/^Bad failed\. /),
    });
  });

  it('starts nothing that is started by hand', async () => {
    await ready('--gateway-port', '0');
    await harness.createProfile('Manual', '--start', 'manual');
    expect(await harness.failure('chat', 'Manual', 'hello')).toMatchObject({
      code: 1,
      error: { code: 'not_running', action: { id: 'start', params: { profile: 'Manual' } } },
    });
    expect(await stateOf('Manual')).toBe('stopped');
  });

  it.each([
    ['is off', ['--no-gateway'], []],
    ['wants a key', ['--gateway-port', '0'], ['settings', 'set', 'gatewayRequireKey', 'true']],
  ])('goes straight to the server where the gateway %s', async (_, words, setting) => {
    await ready(...words);
    if (setting.length > 0) await harness.json(...setting);
    await harness.createProfile('Good');
    expect(await harness.failure('chat', 'Good', 'hello')).toMatchObject({
      error: { code: 'not_running' },
    });
    await harness.json('start', 'Good', '--wait');
    expect((await harness.json('chat', 'Good', 'hello')).at(-1)).toMatchObject({ event: 'done' });
    expect(await harness.json('requests')).toEqual([[]]);
  });
});
