import { modelRepo } from '@fixtures/download-harness';
import { createHubHarness, type HubHarness } from '@fixtures/hub-harness';
import { afterEach, beforeEach, expect, it } from 'vitest';

const REF = 'meta/Gated';
let harness: HubHarness;

beforeEach(async () => {
  const safetensors = { parameters: { BF16: 1e9 }, total: 1e9 };
  harness = await createHubHarness([
    await modelRepo(REF, { facts: { gated: 'auto', safetensors } }),
  ]);
});
afterEach(() => harness.close());

it('shows a gated model with what its files wait for, step by step', async () => {
  const { service, hub } = harness;
  expect((await service.model(REF)).facts.access).toBe('token');
  const [row] = await service.facts([REF]);
  expect(row?.facts).toMatchObject({ sizeBytes: 2e9, access: 'token' });
  await service.setToken('hf_good');
  expect((await service.model(REF)).facts.access).toBe('accept');
  expect((await service.facts([REF]))[0]?.facts.access).toBe('accept');
  hub.approved.add(`mara ${REF}`);
  const page = await service.model(REF);
  expect(page.facts.access).toBeUndefined();
  expect(page.facts.contextLength).toBe(4096);
  await service.clearToken();
  expect((await service.model(REF)).facts.access).toBe('token');
  expect(harness.told()).toBe(2);
});

it('keeps no token that the hub does not know, and none beside that of the environment', async () => {
  await expect(harness.service.setToken('hf_wrong')).rejects.toMatchObject({
    code: 'unauthorised',
  });
  expect(await harness.service.account()).toMatchObject({ token: 'none' });
  await harness.close();
  harness = await createHubHarness([], { HF_TOKEN: 'hf_good' });
  expect(await harness.service.account()).toMatchObject({ token: 'environment', user: 'mara' });
  await expect(harness.service.setToken('hf_good')).rejects.toMatchObject({ code: 'conflict' });
});

it('asks the hub once for what a slider asks for many times', async () => {
  const { service, hub } = harness;
  await service.model(REF);
  const before = hub.requests.filter(({ kind }) => kind === 'api').length;
  await service.modelFiles(REF);
  await service.modelFiles(REF);
  await service.card(REF).catch(() => undefined);
  expect(hub.requests.filter(({ kind }) => kind === 'api').length).toBe(before);
});
