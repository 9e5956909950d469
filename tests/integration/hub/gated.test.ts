import { modelRepo } from '@fixtures/download-world';
import { createHubWorld, type HubWorld } from '@fixtures/hub-world';
import { afterEach, beforeEach, expect, it } from 'vitest';

const REF = 'meta/Gated';
let world: HubWorld;

beforeEach(async () => {
  const safetensors = { parameters: { BF16: 1e9 }, total: 1e9 };
  world = await createHubWorld([await modelRepo(REF, { facts: { gated: 'auto', safetensors } })]);
});
afterEach(() => world.close());

it('shows a gated model with what its files wait for, step by step', async () => {
  const { service, hub } = world;
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
  expect(world.told()).toBe(2);
});

it('keeps no token that the hub does not know, and none beside that of the environment', async () => {
  await expect(world.service.setToken('hf_wrong')).rejects.toMatchObject({ code: 'unauthorised' });
  expect(await world.service.account()).toMatchObject({ token: 'none' });
  await world.close();
  world = await createHubWorld([], { HF_TOKEN: 'hf_good' });
  expect(await world.service.account()).toMatchObject({ token: 'environment', user: 'mara' });
  await expect(world.service.setToken('hf_good')).rejects.toMatchObject({ code: 'conflict' });
});

it('asks the hub once for what a slider asks for many times', async () => {
  const { service, hub } = world;
  await service.model(REF);
  const before = hub.requests.filter(({ kind }) => kind === 'api').length;
  await service.modelFiles(REF);
  await service.modelFiles(REF);
  await service.card(REF).catch(() => undefined);
  expect(hub.requests.filter(({ kind }) => kind === 'api').length).toBe(before);
});
