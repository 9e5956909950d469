import { aProfile } from '@fixtures/a-profile';
import {
  draftChanges,
  draftOf,
  draftValues,
  newDraft,
} from '@renderer/features/servers/form/draft';
import { FIELD_NAMES, LOCAL_FIELDS } from '@shared/domain/profile-fields';
import { describe, expect, it } from 'vitest';

const profile = aProfile({
  options: { 'max-tokens': 512 },
  env: { A: 'x=y' },
  extraArgs: ['--flag', 'a b'],
});

describe('a profile in the form', () => {
  it('comes out as it went in, whole but for its position in the list', () => {
    const { id: _, order: __, createdAt: ___, updatedAt: ____, ...fields } = profile;
    expect(draftValues(draftOf(profile), true)).toEqual(fields);
  });

  it('begins with what the manager would choose for what is left out', () => {
    const { id: _, order: __, createdAt: ___, updatedAt: ____, ...fields } = aProfile({ name: '' });
    expect(draftValues(newDraft(10240, 'demo'), true)).toEqual(fields);
  });

  it('sends no local field from a browser', () => {
    const sent = Object.keys(draftValues(draftOf(profile), false));
    const open = FIELD_NAMES.filter((field) => !LOCAL_FIELDS.some((local) => local === field));
    expect(sent).toEqual(open.filter((field) => field !== 'order'));
  });

  it('changes only what differs, options as a whole', () => {
    const stored = draftOf(profile);
    expect(draftChanges(stored, stored, true)).toEqual({});
    const edited = { ...stored, options: { temp: 1 }, port: '12x' };
    expect(draftChanges(edited, stored, true)).toEqual({ options: { temp: 1 }, port: '12x' });
  });

  it('leaves out an empty port, so that the manager chooses one', () => {
    expect(draftValues(newDraft(undefined, 'demo'), false)).not.toHaveProperty('port');
  });
});
