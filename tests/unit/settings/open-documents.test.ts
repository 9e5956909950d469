import type { DocumentStore } from '@core/ports';
import { OpenDocuments } from '@core/storage/open-documents';
import { expect, it } from 'vitest';

it('waits for what is being written, and for what waits behind it', async () => {
  const written: unknown[] = [];
  const turns: (() => void)[] = [];
  const store: DocumentStore = {
    path: '/notes.json',
    read: async () => undefined,
    write: async (value) => {
      await new Promise<void>((resolve) => turns.push(resolve));
      if (value === 'bad') throw new Error('the disk is full');
      written.push(value);
    },
  };
  const documents = new OpenDocuments(() => store);
  const notes = documents.open('notes');
  const first = notes.write('bad');
  const second = first.catch(() => notes.write('good'));
  let isSettled = false;
  const settled = documents.settled().then(() => {
    isSettled = true;
  });
  await expect(Promise.all([first, turns.shift()?.()])).rejects.toThrow('the disk is full');
  await new Promise(setImmediate);
  expect(isSettled).toBe(false);
  turns.shift()?.();
  await second;
  await settled;
  expect(written).toEqual(['good']);
});
