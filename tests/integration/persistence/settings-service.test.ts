import { mkdir } from 'node:fs/promises';
import { afterEach, beforeEach, expect, test } from 'vitest';

import { systemClock } from '@core/ports/clock';
import { NoticeBoard } from '@core/notices/notice-board';
import { SettingsService } from '@core/settings/settings-service';
import { silentLogger } from '@fixtures/server-harness';
import { createTempHome, type TempHome } from '@fixtures/temp-home';
import { createDocumentStore } from '@host/document-store';
import { LOCAL_SETTING_KEYS, SETTING_KEYS, Settings } from '@shared/domain/settings';

const LOCAL = { local: true };
const REMOTE = { local: false };

let home: TempHome;
let published: Settings[];
beforeEach(async () => {
  home = await createTempHome();
  await mkdir(home.paths.home, { recursive: true });
  published = [];
});
afterEach(() => home.close());

async function open(): Promise<SettingsService> {
  const settings = new SettingsService({
    document: createDocumentStore(home.paths.home, 'settings'),
    logger: silentLogger,
    notices: new NoticeBoard({ clock: systemClock, publish: () => undefined }),
    publish: (next) => void published.push(next),
  });
  await settings.load();
  return settings;
}

test('every setting has a default, can be changed, and reset alone', async () => {
  const settings = await open();
  expect(settings.get()).toEqual(Settings.parse({}));
  await settings.set('appearance', 'dark', REMOTE);
  await settings.set('sampleSeconds', 5, REMOTE);
  expect(await settings.reset('appearance', REMOTE)).toMatchObject({
    appearance: 'system',
    sampleSeconds: 5,
  });
  expect((await open()).get()).toEqual(settings.get());
  expect(published.at(-1)).toEqual(settings.get());
});

test('changes made at once are all kept', async () => {
  const settings = await open();
  await Promise.all([
    settings.set('appearance', 'dark', REMOTE),
    settings.set('sampleSeconds', 5, REMOTE),
    settings.set('modelFolders', ['/Volumes/My Models'], LOCAL),
  ]);
  expect((await open()).get()).toMatchObject({
    appearance: 'dark',
    sampleSeconds: 5,
    modelFolders: ['/Volumes/My Models'],
  });
});

test.each(['noSuch', '', 'constructor', '__proto__', 'version'])(
  '%j is no setting, and the ones there are are named',
  async (key) => {
    const settings = await open();
    const refusal = { code: 'validation', message: expect.stringContaining('sampleSeconds') };
    await expect(settings.set(key, 1, LOCAL)).rejects.toMatchObject(refusal);
    await expect(settings.reset(key, LOCAL)).rejects.toMatchObject(refusal);
  },
);

test.each(SETTING_KEYS)('%s refuses what it cannot be, with its name', async (key) => {
  const settings = await open();
  for (const value of [undefined, null, {}, Number.NaN, 'x'.repeat(10_000)]) {
    const refused = settings.set(key, value, LOCAL);
    await expect(refused).rejects.toMatchObject({
      code: 'validation',
      data: { fields: [{ field: key, message: expect.stringContaining(key) }] },
    });
    const message = await refused.catch((error: Error) => error.message);
    expect(String(message).length).toBeLessThan(400);
  }
  expect(settings.get()).toEqual(Settings.parse({}));
  expect(published).toEqual([]);
});

test.each(LOCAL_SETTING_KEYS)('%s is changed and reset with local scope alone', async (key) => {
  const settings = await open();
  await settings.set(key, ['/one'], LOCAL);
  await expect(settings.set(key, [], REMOTE)).rejects.toMatchObject({ code: 'unauthorised' });
  await expect(settings.reset(key, REMOTE)).rejects.toMatchObject({ code: 'unauthorised' });
  expect(settings.get()[key]).toEqual(['/one']);
  expect((await settings.reset(key, LOCAL))[key]).toEqual([]);
});

test('a notice stands there once, until it is dismissed', () => {
  const seen: number[] = [];
  const board = new NoticeBoard({
    clock: systemClock,
    publish: (notices) => void seen.push(notices.length),
  });
  board.add('warning', 'One.');
  board.add('warning', 'One.');
  board.add('problem', 'Two.');
  expect(board.list().map(({ message }) => message)).toEqual(['One.', 'Two.']);
  const id = board.list()[0]?.id ?? '';
  board.dismiss(id);
  expect(() => board.dismiss(id)).toThrow('Already dismissed');
  expect(seen).toEqual([1, 2, 1]);
});

test('keeps what two views changed of one list, and refuses a value that was changed meanwhile', async () => {
  const settings = await open();
  const before = settings.get().notifications;
  const without = (kind: string) => before.filter((one) => one !== kind);
  await settings.set('notifications', without('failures'), REMOTE, before);
  await settings.set('notifications', without('updates'), REMOTE, before);
  expect(settings.get().notifications).toEqual(['installations', 'downloads']);

  await settings.set('unusedDays', 60, REMOTE, 30);
  await expect(settings.set('unusedDays', 90, REMOTE, 30)).rejects.toMatchObject({
    code: 'conflict',
    message: "unusedDays was changed elsewhere from 30 to 60, so 90 wasn't saved.",
  });
  expect(settings.get().unusedDays).toBe(60);
  await settings.set('unusedDays', 90, REMOTE, 60);
  expect(settings.get().unusedDays).toBe(90);
});
