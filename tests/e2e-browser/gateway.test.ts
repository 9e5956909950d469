import { createServer, type Server } from 'node:net';

import { photograph } from '@fixtures/browser';
import { browserSuite } from '@fixtures/browser-suite';
import { writeGatewayStory } from '@fixtures/gateway-story';
import { createPageHarness, type PageHarness } from '@fixtures/page-harness';
import { until } from '@fixtures/until';
import type { Page } from 'playwright';
import { expect, it } from 'vitest';

// The screen of the gateway, with the stand-in engine behind it.
const suite = browserSuite();

interface GatewayPage extends PageHarness {
  /** `http://127.0.0.1:PORT`. */
  readonly url: () => Promise<string>;
}

/** @param gatewayPort a free one where none is given. */
function openGateway(gatewayPort = 0): Promise<GatewayPage> {
  return suite.open(async (browser) => {
    const harness = await createPageHarness(browser, { gatewayPort });
    const url = async (): Promise<string> => {
      const client = await harness.manager.client();
      const ask = async (): Promise<string | undefined> =>
        (await client.call('gateway.status')).url ?? undefined;
      return until(ask, 'the gateway to listen');
    };
    return Object.assign(harness, { url });
  });
}

async function show(page: Page, tab: string): Promise<void> {
  await page.getByRole('tab', { name: tab }).click();
  await page.getByRole('tabpanel').waitFor();
}

const copied = (page: Page): Promise<string> => page.evaluate(() => navigator.clipboard.readText());

it('a request through the gateway appears as it ends, and its example is copied', async () => {
  const h = await openGateway();
  const { page, manager } = h;
  await manager.registerEngine();
  const url = await h.url();
  await h.logIn();
  await page.getByRole('link', { name: 'Gateway' }).first().click();
  await page.getByRole('heading', { name: 'No profiles to answer with' }).waitFor();
  const findings = await photograph(page, 'gateway-no-profiles');
  await h.createProfile('Qwen3 8B (fast)');
  const names = page.getByRole('table', { name: 'Model names' });
  await names.getByText('qwen3-8b-fast').waitFor();
  await names.getByText('Starts on request').waitFor();
  await page.getByRole('button', { name: 'Copy gateway address' }).click();
  expect(await copied(page)).toBe(`${url}/v1`);
  await page.getByLabel('Program', { exact: true }).selectOption({ label: 'Python, openai' });
  await page.getByRole('button', { name: 'Copy example' }).click();
  const example = await copied(page);
  expect(example).toContain(`OpenAI(base_url="${url}/v1", api_key="not-needed")`);
  expect(example).toContain('model="qwen3-8b-fast"');

  await show(page, 'Requests');
  await page.getByRole('heading', { name: 'No requests yet' }).waitFor();
  findings.push(...(await photograph(page, 'gateway-requests-empty')));
  const answer = await fetch(`${url}/v1/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'user-agent': 'gateway-test/1' },
    body: JSON.stringify({
      model: 'qwen3-8b-fast',
      messages: [{ role: 'user', content: 'Hello!' }],
    }),
  });
  expect(answer.status).toBe(200);
  await answer.json();
  const table = page.getByRole('grid', { name: 'Requests' });
  const row = table.getByRole('row').filter({ hasText: 'Qwen3 8B (fast)' });
  await row.getByText('200').waitFor();
  // One tab stop: the arrows choose, and the details follow; Esc leaves them.
  await table.focus();
  await page.keyboard.press('ArrowDown');
  const details = page.getByRole('region', { name: /^Request of / });
  await details.getByText('OpenAI chat completion').waitFor();
  await details.getByText('Sent as received.').waitFor();
  await page.keyboard.press('Escape');
  await details.waitFor({ state: 'hidden' });
  await page.getByLabel('Status').selectOption('failed');
  await page.getByRole('heading', { name: 'No requests match' }).waitFor();
  await page.getByRole('button', { name: 'Remove filters' }).click();
  await row.waitFor();

  // The server leads to its requests.
  await page.getByRole('link', { name: 'Servers' }).click();
  await page.getByRole('link', { name: 'Through the gateway' }).click();
  await row.waitFor();
  expect(await page.getByLabel('Profile').locator('option:checked').innerText()).toBe(
    'Qwen3 8B (fast)',
  );
  expect(findings).toEqual([]);
  expect(h.problems).toEqual([]);
});

it('a key is made, shown once, refused when it is spent, and revoked', async () => {
  const h = await openGateway();
  const { page } = h;
  await h.createProfile('Qwen3 8B');
  await h.createProfile('Phi 4');
  const url = await h.url();
  await h.logIn();
  await page.getByRole('link', { name: 'Gateway', exact: true }).click();
  await show(page, 'Keys');
  await page.getByRole('heading', { name: 'No keys' }).waitFor();
  const findings = await photograph(page, 'gateway-keys-empty');
  await page.getByRole('button', { name: 'Add key…' }).click();
  const dialog = page.getByRole('dialog', { name: 'Add a key' });
  await dialog.getByRole('button', { name: 'Add key' }).click();
  await dialog.getByText('Enter a name.').waitFor();
  await dialog.getByLabel('Name').fill('Laptop');
  await dialog.getByLabel('Expires after').fill('1.5');
  await dialog.getByText('Enter a whole number of days from 1 to 3,650.').waitFor();
  await dialog.getByLabel('Expires after').fill('30');
  await dialog.getByLabel('Token limit').fill('5,000,000');
  await dialog.getByRole('radio', { name: 'Selected' }).click();
  await dialog.getByText('Select at least one profile.').waitFor();
  await dialog.getByLabel('Phi 4').check();
  findings.push(...(await photograph(page, 'gateway-key-dialog')));
  await dialog.getByRole('button', { name: 'Add key' }).click();
  const made = page.getByRole('dialog', { name: 'Key for Laptop' });
  const key = (await made.getByText(/^mlxm_/).innerText()).trim();
  await made.getByRole('button', { name: 'Copy key' }).click();
  expect(await copied(page)).toBe(key);
  findings.push(...(await photograph(page, 'gateway-key-shown')));
  await made.getByRole('button', { name: 'Done' }).click();
  const row = page
    .getByRole('table', { name: 'Keys' })
    .getByRole('row')
    .filter({ hasText: 'Laptop' });
  await row.getByText('Phi 4').waitFor();
  await row.getByText('0 of 5.0 M').waitFor();
  await expect.poll(() => page.getByText(key).count()).toBe(0);
  const client = await h.manager.client();
  await client.call('gateway.addKey', { name: 'Another' });
  await page.getByRole('table', { name: 'Keys' }).getByText('Another').waitFor();
  const models = (): Promise<number> =>
    fetch(`${url}/v1/models`, { headers: { authorization: `Bearer ${key}` } }).then(
      ({ status }) => status,
    );
  expect(await models()).toBe(200);
  findings.push(...(await photograph(page, 'gateway-keys')));

  await row.getByRole('button', { name: 'Revoke Laptop…' }).click();
  const question = page.getByRole('dialog', { name: 'Revoke Laptop?' });
  await question.getByText(/Programs with this key are refused from now on/).waitFor();
  await question.getByRole('button', { name: 'Revoke Laptop' }).click();
  await row.waitFor({ state: 'detached' });
  // While there is another key, one that opens nothing is refused.
  await page.getByText('Programs on this machine need no key').waitFor();
  await until(async () => (await models()) === 401, 'the revoked key to be refused');
  expect(findings).toEqual([]);
  expect(h.problems).toEqual([]);
});

function holdPort(): Promise<Server> {
  const server = createServer();
  return new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(server)));
}

function portOf(server: Server): number {
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}

it('a port in use is said with its holder, and tried again when it is free', async () => {
  const holder = await holdPort();
  try {
    const port = portOf(holder);
    const h = await openGateway(port);
    const { page } = h;
    await h.createProfile('Qwen3 8B');
    await h.logIn();
    await page.getByRole('link', { name: 'Gateway: port in use' }).click();
    const block = page.getByRole('alert');
    await block.getByText(new RegExp(`^Port ${port} is used by .*pid ${process.pid}`)).waitFor();
    const findings = await photograph(page, 'gateway-failed');
    await new Promise((resolve) => holder.close(resolve));
    await page.getByRole('button', { name: 'Try again' }).click();
    await page.getByText('Listening', { exact: true }).waitFor();
    await page.getByText(`127.0.0.1:${port}`, { exact: true }).first().waitFor();
    expect(findings).toEqual([]);
    expect(h.problems).toEqual([]);
  } finally {
    holder.close();
  }
});

it('the gateway is turned off and on again', async () => {
  const h = await openGateway();
  const { page } = h;
  await h.createProfile('Qwen3 8B');
  await h.logIn();
  await h.url();
  await page.goto(`${h.manager.url}/#/gateway`);
  await page.getByRole('table', { name: 'Model names' }).waitFor();
  await page.getByRole('switch', { name: 'Gateway' }).click();
  await page.getByRole('heading', { name: 'The gateway is off' }).waitFor();
  await page.getByRole('link', { name: 'Gateway: off' }).waitFor();
  const findings = await photograph(page, 'gateway-off');
  await page.getByRole('button', { name: 'Turn on gateway' }).click();
  await page.getByText('Listening', { exact: true }).waitFor();
  expect(findings).toEqual([]);
  expect(h.problems).toEqual([]);
});

it('sessions say what was computed again and why', async () => {
  const h = await openGateway();
  const { page, manager } = h;
  await h.createProfile('Qwen3 Coder 30B');
  await h.createProfile('Llama 3.2 3B');
  const client = await manager.client();
  const ids = (await client.call('profiles.list')).map(({ id }) => id);
  writeGatewayStory(manager.home.paths.home, ids);
  await h.url();
  await h.logIn();
  await page.goto(`${manager.url}/#/gateway`);
  await page.getByText('Requests, last hour').waitFor();
  const findings = await photograph(page, 'gateway-overview');
  await show(page, 'Requests');
  const requests = page.getByRole('grid', { name: 'Requests' });
  await requests.getByRole('row').filter({ hasText: 'batch.py' }).first().waitFor();
  findings.push(...(await photograph(page, 'gateway-requests')));
  await requests.getByRole('row').filter({ hasText: 'opencode' }).first().click();
  await page.getByText('messages[0].role developer became system').waitFor();
  findings.push(...(await photograph(page, 'gateway-request')));
  await page.setViewportSize({ width: 1440, height: 900 });
  await requests.getByRole('row').filter({ hasText: '503 Failed' }).click();
  await page.getByText('Ran out of GPU memory while reading a 96,512-token prompt.').waitFor();
  await show(page, 'Sessions');
  const sessions = page.getByRole('grid', { name: 'Sessions' });
  await sessions.getByRole('row').nth(1).getByText('repo-agent').waitFor();
  await sessions.getByText('A changing line').waitFor();
  findings.push(...(await photograph(page, 'gateway-sessions')));
  await sessions.focus();
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { name: 'repo-agent' }).waitFor();
  const turns = page.getByRole('grid', { name: 'Requests of this session' });
  await turns.getByRole('row').filter({ hasText: 'Server restarted' }).waitFor();
  await turns.getByRole('row').filter({ hasText: 'Part 4, a changing line' }).last().click();
  await page.getByText(/^Line 12 of the system message \(part 4\) holds a value/).waitFor();
  findings.push(...(await photograph(page, 'gateway-session')));
  await page.getByRole('link', { name: 'Show request' }).click();
  await page.getByRole('region', { name: 'Request of repo-agent' }).waitFor();
  expect(findings).toEqual([]);
  expect(h.problems).toEqual([]);
});
