import fc from 'fast-check';
import { expect, test } from 'vitest';
import { z } from 'zod';

import { type DocumentSpec, recoverDocument } from '@core/storage/document-recovery';

const SPEC: DocumentSpec = {
  name: 'things',
  version: 3,
  keys: {
    size: { kind: 'value', schema: z.number().max(10), fallback: () => 5 },
    label: { kind: 'value', schema: z.string(), fallback: () => 'none' },
    items: {
      kind: 'list',
      item: z.object({ name: z.string(), colour: z.enum(['red', 'blue']) }),
      fieldDefaults: { colour: 'red' },
      nameOf: (record) => String(record.name),
    },
  },
  migrations: {
    1: ({ amount, ...rest }) => ({ ...rest, size: amount }),
    2: ({ title, ...rest }) => ({ ...rest, label: title }),
  },
};

const DEFAULTS = { size: 5, label: 'none', items: [] };

test('no file: the defaults', () => {
  expect(recoverDocument(undefined, SPEC)).toEqual({ kind: 'new', value: DEFAULTS });
});

test.each(['', '   ', '{', '{"size":', 'null', '[]', '"x"', '\0\0\0'])('%j is corrupt', (text) => {
  expect(recoverDocument(text, SPEC)).toMatchObject({ kind: 'corrupt', value: DEFAULTS });
});

test('a bad key falls back alone', () => {
  const found = recoverDocument('{"version":3,"size":11,"label":"kept"}', SPEC);
  expect(found).toMatchObject({ kind: 'read', value: { size: 5, label: 'kept' } });
  expect(found.kind === 'read' && found.repairs.join()).toContain('size');
});

test('a bad field of a record falls back, a record without its name is left out, others are kept', () => {
  const items = [
    { name: 'a', colour: 'green' },
    { colour: 'red' },
    { name: 'c', colour: 'blue' },
    'nonsense',
  ];
  const found = recoverDocument(JSON.stringify({ version: 3, items }), SPEC);
  expect(found).toMatchObject({
    kind: 'read',
    value: {
      items: [
        { name: 'a', colour: 'red' },
        { name: 'c', colour: 'blue' },
      ],
    },
  });
  expect(found.kind === 'read' && found.repairs.length).toBe(3);
});

test('migrations run in order from the version of the file', () => {
  const found = recoverDocument('{"version":1,"amount":7,"title":"old"}', SPEC);
  expect(found).toMatchObject({
    kind: 'read',
    value: { size: 7, label: 'old' },
    migratedFrom: 1,
    repairs: [],
  });
});

test('a newer version is told apart and nothing of it is called damaged', () => {
  expect(recoverDocument('{"version":4,"size":3}', SPEC)).toMatchObject({
    kind: 'newer',
    version: 4,
    value: { size: 3 },
  });
});

test('a migration that fails or is missing makes the file damaged, not the start impossible', () => {
  const throwing = { ...SPEC, migrations: { 1: () => fail() } };
  for (const spec of [throwing, { ...SPEC, migrations: {} }]) {
    expect(recoverDocument('{"version":1}', spec)).toMatchObject({
      kind: 'corrupt',
      value: DEFAULTS,
      reason: expect.stringContaining('version 1'),
    });
  }
});

function fail(): never {
  throw new Error('cannot be migrated');
}

test.each(['-1e308', '0', '1.5', '"3"', 'null'])(
  'version %s is a bad key like any other',
  (bad) => {
    const found = recoverDocument(`{"version":${bad},"size":7,"label":"kept"}`, SPEC);
    expect(found).toMatchObject({ kind: 'read', value: { size: 7, label: 'kept' } });
    expect(found.kind === 'read' && found.repairs.join()).toContain('version');
  },
);

test('a byte order mark that an editor put in front is no damage', () => {
  expect(recoverDocument('\ufeff{"version":3,"size":7}', SPEC)).toMatchObject({
    kind: 'read',
    value: { size: 7 },
    repairs: [],
  });
});

test('a record that is left out is named, or counted where it has no name', () => {
  const items = [{ name: 'Ada', colour: 1, size: 2 }, { colour: 'red' }, 'nonsense'];
  const found = recoverDocument(JSON.stringify({ version: 3, items }), {
    ...SPEC,
    keys: {
      items: {
        kind: 'list',
        item: z.object({ name: z.string(), colour: z.string() }),
        fieldDefaults: {},
        nameOf: ({ name }) => `Item ${typeof name === 'string' ? name : 'without a name'}`,
      },
    },
  });
  const said = found.kind === 'read' ? found.repairs.join() : '';
  for (const part of ['Item Ada', 'colour', 'Item without a name', 'Entry 3']) {
    expect(said).toContain(part);
  }
});

const KEYS = ['version', 'size', 'label', 'items', 'amount', 'title', '__proto__', 'constructor'];

test('whatever the file holds, reading it ends with a valid value and never throws', () => {
  const anything = fc.oneof(
    fc.string(),
    fc.json(),
    fc
      .dictionary(fc.constantFrom(...KEYS), fc.jsonValue())
      .map((document) => JSON.stringify(document)),
  );
  const valid = z.object({
    size: z.number().max(10),
    label: z.string(),
    items: z.array(z.object({ name: z.string(), colour: z.enum(['red', 'blue']) })),
  });
  fc.assert(
    fc.property(anything, (text) => {
      expect(valid.safeParse(recoverDocument(text, SPEC).value).success).toBe(true);
    }),
  );
});
