import { type CliHarness, createCliHarness } from '@fixtures/cli-harness';
import { connectSocket } from '@host/socket-transport';
import { ServerProfile } from '@shared/domain/profile';
import { type Client, createClient } from '@shared/rpc/client';
import { afterEach, beforeEach, expect, it } from 'vitest';

import { saveEdit } from '../../../src/cli/commands/profile-edit';
import type { Context } from '../../../src/cli/terminal/context';

const OPTIONS = ['one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight'];

let harness: CliHarness;
beforeEach(async () => {
  harness = await createCliHarness();
});
afterEach(() => harness.close());

async function profile(): Promise<ServerProfile> {
  const [shown] = await harness.json('profile', 'show', 'One');
  return ServerProfile.parse(shown);
}

async function editAllAtOnce(): Promise<void> {
  await Promise.all(
    OPTIONS.map((option, index) =>
      harness.json('profile', 'edit', 'One', '--set', `${option}=${index + 1}`),
    ),
  );
}

const ALL = Object.fromEntries(OPTIONS.map((option, index) => [option, index + 1]));

it('of many changes at once to one profile none is lost', async () => {
  await harness.serve();
  await harness.createProfile('One', '--set', 'zero=0');
  await editAllAtOnce();
  expect((await profile()).options).toEqual({ zero: 0, ...ALL });
});

it('nor where no manager runs', async () => {
  await harness.createProfile('One');
  await editAllAtOnce();
  expect((await profile()).options).toEqual(ALL);
});

/** A client between whose question and save somebody else sets the option. */
function disturbed(client: Client, profileId: string, values: number[]): Client {
  const call = async (method: string, input: unknown): Promise<unknown> => {
    const answer = await (client.call as (...args: unknown[]) => Promise<unknown>)(method, input);
    const value = method === 'profiles.listLocal' ? values.shift() : undefined;
    if (value !== undefined) {
      await client.call('profiles.updateLocal', {
        profileId,
        changes: { options: { seed: value } },
      });
    }
    return answer;
  };
  return { ...client, call: call as Client['call'] };
}

it('where the same value was changed meanwhile both are said, and the choice is left', async () => {
  const { ready } = await harness.serve();
  await harness.createProfile('One', '--set', 'seed=1');
  const transport = await connectSocket(ready.socket);
  if (transport === undefined) throw new Error('Nobody answers.');
  const client = createClient(transport);
  const { id } = await profile();
  const context = { json: true, cwd: harness.home.folder } as Context;
  const edit = { set: ['seed=3'] };
  await expect(saveEdit(context, disturbed(client, id, [2]), 'One', edit)).rejects.toMatchObject({
    code: 'conflict',
    message: expect.stringMatching(
      /seed of One was changed elsewhere from 1 to 2, so 3 wasn't.*--overwrite/,
    ),
    data: { conflicts: [{ field: 'options.seed', base: 1, stored: 2, given: 3 }] },
  });
  expect((await profile()).options).toEqual({ seed: 2 });
  await saveEdit(context, disturbed(client, id, [4]), 'One', { ...edit, overwrite: true });
  expect((await profile()).options).toEqual({ seed: 3 });
  transport.close();
});
