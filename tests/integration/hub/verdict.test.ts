import type { FakeHub } from '@fixtures/fake-hub/hub';
import { hubFile, type HubRepo, newRepo } from '@fixtures/fake-hub/repos';
import { createHubHarness, type HubHarness } from '@fixtures/hub-harness';
import { filesOf, SHAPES } from '@fixtures/shapes';
import { afterEach, describe, expect, it } from 'vitest';

let harness: HubHarness;
afterEach(() => harness.close());

/** A repository that holds the files of a shape. */
async function repoOf(id: string, shapeName: string): Promise<HubRepo> {
  const shape = SHAPES.find(({ name }) => name === shapeName);
  if (!shape) throw new Error(`There is no shape "${shapeName}".`);
  const files = [...filesOf(shape).files];
  return newRepo(
    id,
    await Promise.all(files.map(([name, content]) => hubFile(name, content as Buffer))),
  );
}

const weightsAsked = ({ requests }: FakeHub): string[] =>
  requests.flatMap(({ kind, path, range }) =>
    // The header of weights may be looked at, to tell whether all tensors are there.
    kind !== 'api' &&
    !/^bytes=0-\d{1,6}$/.test(range ?? '') &&
    /model[^/]*\.safetensors$/.test(path)
      ? [path]
      : [],
  );

describe('a repository that no engine could serve', () => {
  it.each([
    ['GGUF alone', /can't be used\. The weights are in GGUF format/],
    ['an adapter of PEFT with a config of its base', /adapter for org\/base/],
    ['no model type', /has no model_type/],
    ['weights in folders alone', /in subfolders/],
    [
      'one of three shards missing, without an index',
      /is incomplete on .*model-00003-of-00003\.safetensors is missing/,
    ],
    ['a tokenizer that is cut off', /tokenizer\.json is damaged/],
    ['a tokenizer that is a pointer of git-lfs', /git.lfs/i],
  ])('is refused before a byte of its weights comes: %s', async (name, sentence) => {
    harness = await createHubHarness([await repoOf('org/name', name)]);
    await expect(harness.service.checkUsable('org/name', 'main')).rejects.toMatchObject({
      code: 'validation',
      message: expect.stringMatching(sentence),
    });
    const { facts } = await harness.service.model('org/name');
    expect(facts.unusable ?? facts.missing?.join()).toBeDefined();
    expect(weightsAsked(harness.hub)).toEqual([]);
  });

  it('is not one whose index is older than its files', async () => {
    harness = await createHubHarness([
      await repoOf('org/name', 'index of weights that were sharded anew'),
    ]);
    await harness.service.checkUsable('org/name', 'main');
    expect((await harness.service.model('org/name')).facts.missing).toBeUndefined();
  });
});

it('a repository that was renamed is found by its old name', async () => {
  harness = await createHubHarness([await repoOf('org/new-name', 'one file')]);
  const { hub } = harness;
  hub.plan = ({ kind, path }) =>
    kind === 'api' && path.includes('org/old-name')
      ? {
          kind: 'answer',
          status: 307,
          headers: { location: path.replace('old-name', 'new-name') },
        }
      : undefined;
  expect((await harness.service.model('org/old-name')).model.ref).toBe('org/new-name');
});

it('the address of a page stands for the model that it shows', async () => {
  harness = await createHubHarness([await repoOf('org/name', 'one file')]);
  const { models } = await harness.search({ query: 'https://huggingface.co/org/name/tree/main' });
  expect(models.map(({ ref }) => ref)).toEqual(['org/name']);
});

it.each([
  ['a page of a proxy', '<html>Sign in</html>'],
  ['JSON of another kind', '[1, 2]'],
  ['nothing', ''],
])('what makes no sense is no answer of a hub, and is not asked for again: %s', async (_, body) => {
  harness = await createHubHarness([await repoOf('org/name', 'one file')]);
  harness.hub.plan = ({ kind }) =>
    kind === 'api' ? { kind: 'answer', status: 200, body } : undefined;
  await expect(harness.service.model('org/name')).rejects.toMatchObject({
    code: 'internal',
    message: expect.stringMatching(/unexpected response|returned no commit/),
  });
  if (body !== '[1, 2]')
    await expect(harness.search({})).rejects.toMatchObject({ code: 'internal' });
});
