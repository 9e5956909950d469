import { aProfile } from '@fixtures/a-profile';
import {
  createDraftStore,
  type Edits,
  keepDraftsOf,
  setEdits,
} from '@renderer/domain/servers/drafts';
import { draftOf, type ProfileDraft } from '@renderer/features/servers/form/draft';
import {
  clashesOf,
  editsOf,
  editsSince,
  insistingOn,
  withEdits,
  withoutEdit,
} from '@renderer/features/servers/form/edits';
import { describe, expect, it } from 'vitest';

const stored = draftOf(aProfile({ name: 'A', options: { temp: 1 }, env: { A: 'x' } }));
const change = (changes: Partial<ProfileDraft>): ProfileDraft => ({ ...stored, ...changes });
const edit = (draft: ProfileDraft, before: Edits = {}): Edits => editsOf(draft, stored, before);

describe('the edits of a profile', () => {
  it('are what differs, each option for itself, with what it was', () => {
    const edits = edit(change({ name: 'B', options: { seed: 2 } }));
    expect(edits).toEqual({
      name: { base: 'A', value: 'B' },
      'options.temp': { base: 1, value: undefined },
      'options.seed': { base: undefined, value: 2 },
    });
    expect(withEdits(stored, edits)).toEqual(change({ name: 'B', options: { seed: 2 } }));
    expect(edit(stored, edits)).toEqual({});
  });

  it('keep what others save in other fields', () => {
    const edits = edit(change({ options: { temp: 1, seed: 2 }, env: 'A=x\nB=y' }));
    const theirs = change({ name: 'Theirs', options: { temp: 7 }, env: 'A=x\nC=z' });
    expect(withEdits(theirs, edits)).toMatchObject({
      name: 'Theirs',
      options: { temp: 7, seed: 2 },
      env: 'A=x\nC=z\nB=y',
    });
    expect(clashesOf(theirs, edits)).toEqual([]);
  });

  it('clash with another value of the same field until one of both is chosen', () => {
    const edits = edit(change({ options: { temp: 2 }, env: 'A=mine' }));
    const theirs = change({ options: { temp: 3 }, env: 'A=theirs' });
    expect(clashesOf(theirs, edits)).toEqual([
      { field: 'env', base: 'A=x', stored: 'A=theirs', given: 'A=mine' },
      { field: 'options.temp', base: 1, stored: 3, given: 2 },
    ]);
    const settled = insistingOn(withoutEdit(edits, 'env'), theirs, 'options.temp');
    expect(clashesOf(theirs, settled)).toEqual([]);
    expect(withEdits(theirs, settled)).toMatchObject({ options: { temp: 2 }, env: 'A=theirs' });
  });

  it('that were sent are over, those made since are not', () => {
    const sent = edit(change({ name: 'B', port: 11_000 }));
    const now = edit(change({ name: 'C', port: 11_000 }), sent);
    expect(editsSince(now, sent)).toEqual({ name: { base: 'A', value: 'C' } });
  });
});

describe('the store of drafts', () => {
  function memory(): Pick<Storage, 'getItem' | 'setItem'> & { text: () => string } {
    let kept: string | null = null;
    return {
      getItem: () => kept,
      setItem: (_, text) => {
        kept = text;
      },
      text: () => kept ?? '',
    };
  }

  it('outlives a reload, and forgets profiles that are gone', () => {
    const storage = memory();
    const store = createDraftStore(storage);
    setEdits(store, 'a', { name: { base: 'A', value: 'B' } });
    setEdits(store, 'b', { port: { base: 1, value: 2 } });
    const again = createDraftStore(storage);
    expect(again.getState()).toEqual(store.getState());
    keepDraftsOf(again, ['b']);
    expect(Object.keys(createDraftStore(storage).getState().edits)).toEqual(['b']);
    setEdits(again, 'b', {});
    expect(again.getState().edits).toEqual({});
  });

  it('writes no secret, in a variable, an argument or an option', () => {
    const storage = memory();
    const store = createDraftStore(storage);
    setEdits(store, 'a', {
      name: { base: 'A', value: 'B' },
      env: { base: '', value: 'HF_TOKEN=hidden1' },
      extraArgs: { base: '', value: '--api-key\nhidden2' },
      'options.api-key': { base: undefined, value: 'hidden3' },
    });
    store.setState({
      fresh: { begunWith: '', values: { name: 'C', env: 'A_SECRET=hidden4' } },
    });
    expect(storage.text()).not.toContain('hidden');
    expect(storage.text()).toContain('"value":"B"');
    expect(storage.text()).toContain('"name":"C"');
    expect(store.getState().edits.a?.env?.value).toBe('HF_TOKEN=hidden1');
  });

  it('begins empty where what is kept cannot be read, and goes on where it cannot be kept', () => {
    const broken = {
      getItem: () => '{"edits":',
      setItem: () => {
        throw new Error('full');
      },
    };
    const store = createDraftStore(broken);
    setEdits(store, 'a', { name: { base: 'A', value: 'B' } });
    expect(store.getState().edits).toHaveProperty('a');
  });
});
