import { mkdir, readdir, writeFile } from 'node:fs/promises';
import path from 'node:path';

import { ModelNotes } from '@core/models/model-notes';
import { TRASH, Trash, UNDO_MS } from '@core/models/trash';
import { NoticeBoard } from '@core/notices/notice-board';
import { createManualClock, type ManualClock } from '@fixtures/manual-clock';
import { recordingLogger } from '@fixtures/recording-logger';
import { createTempHome, type TempHome } from '@fixtures/temp-home';
import { createDocumentStore } from '@host/document-store';
import { afterEach, beforeEach, expect, it } from 'vitest';

const DAYS = 86_400_000;
const { logger } = recordingLogger();

let home: TempHome;
let clock: ManualClock;
beforeEach(async () => {
  home = await createTempHome();
  clock = createManualClock();
});
afterEach(() => home.close());

it('a deleted model goes in time when the clock was set back by days since', async () => {
  const trash = path.join(home.folder, TRASH);
  const folder = path.join(trash, 'abcabcabcabc');
  await mkdir(path.join(folder, 'model'), { recursive: true });
  const entry = { ref: 'a', name: 'a', from: path.join(home.folder, 'a'), freedBytes: 0 };
  const until = clock.now() + UNDO_MS;
  await writeFile(path.join(folder, 'entry.json'), JSON.stringify({ ...entry, until }));
  clock.step(-10 * DAYS);
  const gone: string[] = [];
  const swept = new Trash({ clock, logger, ended: ({ ref }) => gone.push(ref) });
  await swept.sweep(home.folder);
  expect(swept.entry('a')).toBeDefined();
  clock.advance(UNDO_MS);
  expect(swept.entry('a')).toBeUndefined();
  await swept.close();
  expect(gone).toEqual(['a']);
  expect(await readdir(home.folder)).not.toContain(TRASH);
});

it('the use of a model is noted again after the clock was set back by days', async () => {
  const notes = new ModelNotes({
    document: createDocumentStore(home.paths.documents, 'models'),
    notices: new NoticeBoard({ clock, publish: () => undefined }),
    clock,
    logger,
  });
  await notes.load();
  expect(await notes.noteUse('a')).toBe(true);
  expect(await notes.noteUse('a')).toBe(false);
  clock.step(-10 * DAYS);
  expect(await notes.noteUse('a')).toBe(true);
  expect(notes.lastUsed('a')).toBe(new Date(clock.now()).toISOString());
});
