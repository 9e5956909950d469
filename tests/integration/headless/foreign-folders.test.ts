import { cp, mkdir, symlink } from 'node:fs/promises';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { type HttpHost, startHttpHost } from '@fixtures/http-host';

let host: HttpHost;
/** A whole model that lies in no folder of the library, one that does, and one that a profile uses. */
let outside: string;
let inside: string;
let used: string;

beforeAll(async () => {
  host = await startHttpHost();
  const { client, home } = host.harness;
  const { path } = await client.call('models.show', { ref: 'demo' });
  const library = join(home.folder, 'library');
  outside = join(home.folder, 'private', 'outside');
  inside = join(library, 'inside');
  used = join(home.folder, 'private', 'used');
  for (const folder of [outside, inside, used]) {
    await mkdir(folder, { recursive: true });
    await cp(path, folder, { recursive: true });
  }
  await symlink(outside, join(home.folder, 'a link'));
  await client.call('models.addFolder', { path: library });
  await client.call('profiles.createLocal', { name: 'Uses', model: used });
});
afterAll(() => host.close());

async function ask(method: string, params: unknown): Promise<Record<string, unknown>> {
  const { body } = await host.request({
    method: 'POST',
    path: '/rpc',
    headers: { Authorization: `Bearer ${host.token}`, 'Content-Type': 'application/json' },
    body: JSON.stringify({ id: 1, method, params }),
  });
  return JSON.parse(body);
}

const ASKING: Readonly<Record<string, (model: string) => unknown>> = {
  'profiles.create': (model) => ({ name: 'Intruder', model }),
  'profiles.previewCommand': (model) => ({ draft: { model } }),
  'profiles.fitDraft': (model) => ({ draft: { name: 'Intruder', model } }),
  'models.show': (ref) => ({ ref }),
  'models.fit': (ref) => ({ ref }),
  'models.parsers': (model) => ({ model, engine: 'vllm-mlx' }),
  'models.verify': (ref) => ({ ref }),
};

describe.each(Object.keys(ASKING))('%s over HTTP', (method) => {
  const params = (folder: string): unknown => ASKING[method]?.(folder);

  it('says of a folder outside the library only that it is not in it, whatever lies there', async () => {
    const link = join(host.harness.home.folder, 'a link');
    const folders = [
      '/etc',
      '/root/.ssh',
      '/no/such',
      outside,
      link,
      `${inside}/../../private/outside`,
    ];
    const answers = await Promise.all(folders.map((folder) => ask(method, params(folder))));
    for (const [index, answer] of answers.entries()) {
      expect(answer, folders[index]).toMatchObject({ ok: false });
      // The same words for each: nobody learns which of them exist.
      const text = JSON.stringify(answer).replaceAll(
        JSON.stringify(folders[index]).slice(1, -1),
        'F',
      );
      expect(text).toBe(JSON.stringify(answers[0]).replaceAll('/etc', 'F'));
    }
  });

  it('goes on with a folder of the library', async () => {
    expect(await ask(method, params(inside))).toMatchObject({ ok: true });
  });
});

it('a profile that was given a folder at this machine can be shown and changed', async () => {
  const [profile] = await host.harness.client.call('profiles.list');
  expect(await ask('models.show', { ref: used })).toMatchObject({ ok: true });
  const changes = { model: used, restart: 'never' };
  expect(await ask('profiles.update', { profileId: profile?.id, changes })).toMatchObject({
    ok: true,
  });
});

it('at this machine every folder can be chosen', async () => {
  const { client } = host.harness;
  expect(await client.call('models.show', { ref: outside })).toMatchObject({ complete: true });
  await client.call('profiles.createLocal', { name: 'Local', model: outside });
});
