import { afterEach, beforeEach, expect, it } from 'vitest';

import { type CliHarness, createCliHarness, type Served } from '@fixtures/cli-harness';

let cli: CliHarness;
beforeEach(async () => {
  cli = await createCliHarness();
});
afterEach(() => cli.close());

const JSON_TYPE = { 'Content-Type': 'application/json' };

/** Logs in as a page does and gives what it sends from then on. */
async function logIn({ ready }: Served): Promise<Record<string, string>> {
  const body = JSON.stringify({ token: ready.token });
  const answer = await fetch(`${ready.url}/login`, { method: 'POST', headers: JSON_TYPE, body });
  const { key } = (await answer.json()) as { key: string };
  const [cookie = ''] = answer.headers.getSetCookie();
  return { Cookie: cookie.split(';')[0] ?? '', 'X-MLX-Manager-Key': key };
}

async function isLoggedIn({ ready }: Served, headers: Record<string, string>): Promise<boolean> {
  const answer = await fetch(`${ready.url}/session`, { headers });
  return ((await answer.json()) as { authenticated: boolean }).authenticated;
}

it('logs every browser out, at once where the manager runs, and before its next start where not', async () => {
  const port = String(await cli.home.freePort());
  const served = await cli.serve('--no-demo', '--port', port);
  const first = await logIn(served);
  expect(await isLoggedIn(served, first)).toBe(true);
  expect(await cli.json('logout')).toEqual([{ loggedOut: true }]);
  expect(await isLoggedIn(served, first)).toBe(false);

  const second = await logIn(served);
  await served.end();
  expect((await cli.run('logout')).stdout).toContain('Logged out every browser.');
  const later = await cli.serve('--no-demo', '--port', port);
  expect(await isLoggedIn(later, second)).toBe(false);
});

it('a login outlives the manager', async () => {
  const port = String(await cli.home.freePort());
  const served = await cli.serve('--no-demo', '--port', port);
  const login = await logIn(served);
  await served.end();
  expect(await isLoggedIn(await cli.serve('--no-demo', '--port', port), login)).toBe(true);
});
