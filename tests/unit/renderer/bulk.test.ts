import {
  bulkActions,
  failedText,
  failedTitle,
  listedBriefly,
  manyQuestion,
  withEach,
} from '@renderer/domain/models/bulk';
import { holdAll, undoAll, undoText } from '@renderer/domain/models/undo';
import { selectedActions } from '@renderer/features/palette/model-actions';
import type { ModelCopy } from '@shared/domain/model';
import type { Client } from '@shared/rpc/client';
import { describe, expect, it } from 'vitest';

import { aLocalModel, aModel } from './a-model';

const idle = { running: [], downloading: false, verifying: false };
const named = (name: string, changes: Parameters<typeof aModel>[0] = {}) =>
  aModel({ ref: `org/${name}`, name: `org/${name}`, ...changes });

describe('what can be done with several models', () => {
  it('is done with those that it can be done with; the others are left out with the reason', () => {
    const actions = bulkActions([
      { model: named('A'), use: idle },
      { model: named('B'), use: { ...idle, running: ['Writer'] } },
      { model: named('C'), use: { ...idle, verifying: true } },
    ]);
    expect(actions.map(({ label }) => label)).toEqual(['Verify 2 models', 'Delete 1 model…']);
    const [verify, remove] = actions;
    expect(verify?.leftOut).toEqual([
      { ref: 'org/C', name: 'C', reason: 'It is being verified now.' },
    ]);
    expect(remove?.models.map(({ ref }) => ref)).toEqual(['org/A']);
    expect(remove?.leftOut.map(({ name, reason }) => `${name}: ${reason}`)).toEqual([
      'B: Stop Writer before deleting this model.',
      'C: Cancel the verification before deleting this model.',
    ]);
  });

  it('repairs only what is damaged, and says so where nothing can be done at all', () => {
    const away = aModel({ state: 'unmounted', disk: 'Archive' });
    const actions = bulkActions([
      { model: named('A', { state: 'damaged' }), use: idle },
      { model: away, use: idle },
    ]);
    expect(actions.map(({ label }) => label)).toEqual([
      'Verify 1 model',
      'Repair 1 model',
      'Delete 1 model…',
    ]);
    const none = bulkActions([
      { model: away, use: idle },
      { model: away, use: idle },
    ]);
    const damaged = aLocalModel({ state: 'damaged' });
    expect(bulkActions([{ model: damaged, use: idle }])[1]?.reason).toMatch(/Hugging Face/);
    expect(none.map(({ reason }) => reason)).toEqual([
      'None of them can be verified now.',
      'None of them can be deleted now.',
    ]);
  });

  it('is in the palette too', () => {
    const ids = selectedActions([
      { model: named('A'), use: idle },
      { model: named('B'), use: idle },
    ]).map(({ id, label }) => `${id} ${label}`);
    expect(ids).toEqual(['selected:verify Verify 2 models', 'selected:delete Delete 2 models…']);
  });
});

describe('the question before several go', () => {
  it('says what is lost in GB and names, and who misses it', () => {
    const question = manyQuestion([
      named('A', { usedBy: ['Writer', 'Coder'] }),
      aLocalModel({ ref: '/models/B', name: 'B', usedBy: ['Writer'] }),
    ]);
    expect(question.title).toBe('Delete 2 models: 9.2 GB');
    expect(question.sentences).toEqual([
      "Writer and Coder can't start without them.",
      "B does not come from Hugging Face and there is no other copy. After the undo period it's gone for good.",
      'You can download 1 of them again from Hugging Face.',
    ]);
  });

  it('a copy that goes too is no copy', () => {
    const copy: ModelCopy = {
      ...{ ref: '/models/B', path: '/models/B', sizeBytes: 4.6e9, usedBy: [] },
      origin: 'folder',
    };
    const one = aLocalModel({ ref: '/models/A', name: 'A', copies: [copy] });
    const other = aLocalModel({
      ref: '/models/B',
      name: 'B',
      copies: [{ ...copy, ref: '/models/A' }],
    });
    expect(manyQuestion([one, named('C')]).sentences).toContain(
      'The same weights as in A stay on disk in another place.',
    );
    expect(manyQuestion([one, other]).sentences.join()).toMatch(/A and B do not come from/);
  });

  it('names a few of many', () => {
    expect(listedBriefly(['A', 'B', 'C', 'D', 'E'])).toBe('A, B, C, D and E');
    expect(listedBriefly(['A', 'B', 'C', 'D', 'E', 'F'])).toBe('A, B, C, D and 2 more');
  });
});

it('what fails is kept with its reason, and the rest goes on', async () => {
  const models = ['A', 'B', 'C'].map((name) => named(name));
  const { done, failed } = await withEach(models, ({ name }) =>
    name === 'org/B' ? Promise.reject(new Error('It is locked.')) : Promise.resolve(name),
  );
  expect(done.map(({ answer }) => answer)).toEqual(['org/A', 'org/C']);
  expect(failed).toEqual([{ ref: 'org/B', name: 'B', reason: 'It is locked.' }]);
  expect(failedTitle(failed, 3, 'deleted')).toBe('1 of 3 models was not deleted');
  expect(failedTitle(failed, 1, 'deleted')).toBe('B was not deleted');
  expect(failedText(failed, 3, 'verify')).toBe('1 of 3 models was not verified. B: It is locked.');
});

it('one undo is for all of them, with what they take together', () => {
  const deletion = (name: string) => ({ ref: name, name, freedBytes: 4.6e9 });
  expect(undoText([deletion('A'), deletion('B')], undefined)).toBe('Deleted 2 models, 9.2 GB');
  expect(undoText([deletion('A')], 'A')).toBe('Deleted A, 4.6 GB');
});

describe('an undo of several', () => {
  const deleted = ['A', 'B'].map((name) => ({ ref: name, name }));
  /** A manager that refuses what is about some of them. */
  const client = (...refused: string[]): Client => {
    const call = (_: string, { ref }: { ref: string }): Promise<unknown> =>
      refused.includes(ref) ? Promise.reject(new Error('Its place is taken.')) : Promise.resolve();
    return { call } as unknown as Client;
  };

  it('brings back what it can, and names the rest with the reason', async () => {
    await expect(undoAll(client(), deleted)).resolves.toBeUndefined();
    await expect(undoAll(client('A'), deleted)).rejects.toThrow(
      '1 of 2 models did not come back. A: Its place is taken.',
    );
    await expect(undoAll(client('A'), deleted.slice(0, 1))).rejects.toThrow(/^Its place is taken/);
  });

  it('stays possible as long as one of them can still come back', async () => {
    await expect(holdAll(client('A'), deleted)).resolves.toBeUndefined();
    await expect(holdAll(client('A', 'B'), deleted)).rejects.toThrow('Its place is taken.');
  });
});
