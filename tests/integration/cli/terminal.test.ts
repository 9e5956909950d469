import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { type CliHarness, createCliHarness } from '@fixtures/cli-harness';
import { FAKE_ENGINE } from '@fixtures/fake-adapter';
import { findFreePort } from '@fixtures/temp-home';
import { whyNoTerminal } from '@fixtures/terminal';

/** What a pipe is shown instead is in headless/serve.test.ts. */
const why = whyNoTerminal();
const CTRL_C = '\u0003';

let harness: CliHarness;
beforeEach(async () => {
  harness = await createCliHarness({ NO_COLOR: '' });
});
afterEach(() => harness.close());

const readToken = async (): Promise<string> =>
  (await readFile(join(harness.home.paths.home, 'token'), 'utf8')).trim();

describe.skipIf(why !== undefined)(`on a terminal${why === undefined ? '' : ` (${why})`}`, () => {
  it('serve shows the address with the token, which logs in, and Ctrl-C quits', async () => {
    const port = await findFreePort();
    const serve = harness.onTerminal('serve', '--port', String(port), '--no-demo');
    const shown = await serve.shows('Ctrl-C quits.');
    const token = await readToken();
    expect(shown).toContain(`Open http://127.0.0.1:${port}/#token=${token}\r\n`);
    expect(shown).toContain(harness.home.paths.home);
    const answer = await fetch(`http://127.0.0.1:${port}/login`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', Origin: `http://127.0.0.1:${port}` },
      body: JSON.stringify({ token: /#token=(\S+)/.exec(shown)?.[1] }),
    });
    expect([answer.status, await answer.json()]).toMatchObject([200, { authenticated: true }]);
    serve.type(CTRL_C);
    expect((await serve.ended).code).toBe(0);
  });

  it('serve --json shows its one line even there', async () => {
    const serve = harness.onTerminal('serve', '--json', '--port', '0', '--no-demo');
    const shown = await serve.shows('\n');
    expect(JSON.parse(shown)).toMatchObject({ ready: true, token: await readToken() });
    serve.type(CTRL_C);
    const { code, shown: all } = await serve.ended;
    expect(code).toBe(0);
    expect(all.replace('^C', '').trim()).toBe(shown.trim());
  });

  it('status shows the token, and in a pipe only where it is asked for', async () => {
    const { ready } = await harness.serve('--no-demo');
    const { code, shown } = await harness.onTerminal('status').ended;
    expect([code, shown]).toEqual([0, expect.stringContaining(ready.token)]);
    expect((await harness.run('status')).stdout).not.toContain(ready.token);
    expect((await harness.run('status', '--show-token')).stdout).toContain(ready.token);
  });

  it('a state is coloured, a name and a pipe are not', async () => {
    await harness.serve('--no-demo');
    await harness.json('engine', 'register', 'mlx-lm', '--command', FAKE_ENGINE);
    await harness.createProfile('A name');
    await harness.json('start', 'A name', '--wait');
    const { shown } = await harness.onTerminal('status').ended;
    expect(shown).toContain('\u001b[32mready\u001b[39m');
    expect(shown).toMatch(/^A name /m);
    expect((await harness.run('status')).stdout).not.toContain('\u001b');
  });

  it('logs -f draws a bar again in the last row, as the engine does, and prints what comes after it', async () => {
    await harness.serve('--no-demo');
    await harness.json('engine', 'register', 'mlx-lm', '--command', FAKE_ENGINE);
    const slow = ['--env', 'FAKE_LOAD_MS=60000', '--env', 'FAKE_OUTPUT=bar'];
    await harness.createProfile('Slow', ...slow);
    await harness.json('start', 'Slow');
    const logs = harness.onTerminal('logs', 'Slow', '-f');
    // Which of its states are shown depends on when they are told.
    await logs.shows(' of many\r\u001b[K');
    await harness.json('stop', 'Slow');
    await logs.shows('have exited.');
    logs.type(CTRL_C);
    const { shown } = await logs.ended;
    // One row, whatever it shows, which ends with the bar's last state, above what came after it.
    const states = shown.match(/step \d+ of many/g) ?? [];
    expect(shown.match(/step \d+ of many\r\n/g)).toEqual([`${states.at(-1)}\r\n`]);
    expect(shown).toMatch(/step \d+ of many\r\n[^\n]*have exited\./);
  });

  it('Ctrl-C at the keyboard ends what a command waits for, with 130', async () => {
    await harness.serve('--no-demo');
    await harness.json('engine', 'register', 'mlx-lm', '--command', FAKE_ENGINE);
    await harness.createProfile('Slow', '--env', 'FAKE_LOAD_MS=60000');
    await harness.json('start', 'Slow');
    const logs = harness.onTerminal('logs', 'Slow', '-f');
    await logs.shows('\n');
    logs.type(CTRL_C);
    expect((await logs.ended).code).toBe(130);
    expect(await harness.json('status')).toMatchObject([{ servers: [{ state: 'loading' }] }]);
  });
});
