import { createServer, type Server } from 'node:net';

import { browserSuite } from '@fixtures/browser-suite';
import { writeGatewayStory } from '@fixtures/gateway-story';
import { type Condition, createCondition, LONG } from '@fixtures/layout/conditions';
import { createLooker, type Looker } from '@fixtures/layout/looker';
import { PARDONS } from '@fixtures/layout/pardons';
import { lookAtGateway, lookIntoGateway } from '@fixtures/layout/tour';
import type { Page } from 'playwright';
import { expect, it } from 'vitest';

// The screen of the gateway in every condition and every window, as layout.test.ts has the others.

const suite = browserSuite();
const LIMIT_MS = 600_000;

async function open(
  condition: string,
  gatewayPort: number,
): Promise<{ harness: Condition; page: Page; looker: Looker }> {
  const harness = await suite.open((browser) =>
    createCondition(browser, [], undefined, {}, gatewayPort),
  );
  const { page } = harness;
  return { harness, page, looker: await createLooker(page, condition, PARDONS) };
}

it(
  'the gateway is whole while nothing went through it',
  async () => {
    const { harness, page, looker } = await open('gateway empty', 0);
    await harness.logIn();
    await lookAtGateway(page, looker);
    expect(looker.findings).toEqual([]);
  },
  LIMIT_MS,
);

it(
  'the gateway is whole with requests, sessions and keys, and with names that are long',
  async () => {
    const { harness, page, looker } = await open('gateway busy', 0);
    const client = await harness.manager.client();
    await harness.createProfile(LONG);
    await harness.createProfile('Llama 3.2 3B');
    const ids = (await client.call('profiles.list')).map(({ id }) => id);
    writeGatewayStory(harness.manager.home.paths.home, ids);
    await client.call('gateway.addKey', { name: LONG, profileIds: ids, tokenQuota: 5_000_000 });
    await client.call('gateway.addKey', { name: 'Phone', expiresDays: 30 });
    await client.call('settings.set', { key: 'gatewayRequireKey', value: true });
    await harness.logIn();
    await lookAtGateway(page, looker);
    await lookIntoGateway(page, looker);
    expect(looker.findings).toEqual([]);
  },
  LIMIT_MS,
);

it(
  'the gateway is whole while its port is in use, and while it is off',
  async () => {
    const holder = await holdPort();
    try {
      const { harness, page, looker } = await open('gateway failed', portOf(holder));
      const client = await harness.manager.client();
      await harness.createProfile('Qwen3 8B');
      await harness.logIn();
      await lookAtGateway(page, looker);
      await client.call('settings.set', { key: 'gatewayEnabled', value: false });
      await page.getByRole('link', { name: 'Gateway: off' }).waitFor();
      await lookAtGateway(page, looker);
      expect(looker.findings).toEqual([]);
    } finally {
      holder.close();
    }
  },
  LIMIT_MS,
);

function holdPort(): Promise<Server> {
  const server = createServer();
  return new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(server)));
}

function portOf(server: Server): number {
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}
