import { currentPart } from '@renderer/features/settings/current-part';
import { hoursOf, hoursSentence, timeOf } from '@renderer/features/settings/limit-hours';
import { keptFree, limitHint } from '@renderer/features/settings/memory-limits';
import { isDefault, SETTING_DEFAULTS } from '@renderer/features/settings/setting-defaults';
import { settingProblem } from '@renderer/text/setting-labels';
import { bytesInFolder, keptModels, storageParts } from '@renderer/features/settings/storage';
import type { Model } from '@shared/domain/model';
import { parseInput, refusedFields } from '@core/validation/validation';
import { type SettingKey, SETTING_KEYS, Settings } from '@shared/domain/settings';
import { DomainError, validationError } from '@shared/errors';
import { describe, expect, it } from 'vitest';

describe('the index of the settings', () => {
  const place = { tops: [0, 200, 400, 900, 1100], viewHeight: 700, contentHeight: 1200 };
  const at = (scrollTop: number) => currentPart({ ...place, scrollTop });

  it('begins at the first part and ends at the last, which never reaches the top', () => {
    expect(at(0)).toBe(0);
    expect(at(500)).toBe(4);
  });

  it('gives each part its turn, in order', () => {
    const seen = Array.from({ length: 501 }, (_, scrollTop) => at(scrollTop));
    expect([...new Set(seen)]).toEqual([0, 1, 2, 3, 4]);
    expect(seen).toEqual(seen.toSorted((a, b) => a - b));
  });

  it('stays at the first where nothing scrolls, and where scrolling bounces', () => {
    expect(currentPart({ ...place, scrollTop: 0, viewHeight: 2000 })).toBe(0);
    expect(at(-30)).toBe(0);
    expect(at(530)).toBe(4);
    expect(currentPart({ ...place, tops: [], scrollTop: 0 })).toBe(0);
  });
});

describe('a setting on screen', () => {
  it('has the defaults of the schema', () => {
    expect(SETTING_DEFAULTS).toEqual(Settings.parse({}));
  });

  it('can be reset when it is another value', () => {
    expect(isDefault('stopGraceSeconds', 10)).toBe(true);
    expect(isDefault('stopGraceSeconds', 11)).toBe(false);
    expect(isDefault('modelFolders', [])).toBe(true);
    expect(isDefault('modelFolders', ['/models'])).toBe(false);
  });

  it('is refused with what to enter, whichever sentence the schema says', () => {
    const refused = (key: SettingKey, value: unknown): Error => {
      const parsed = parseInput(Settings.pick({ [key]: true } as never), { [key]: value });
      return validationError(parsed.success ? [] : refusedFields(parsed.error));
    };
    const tooLong = refused('stopGraceSeconds', 999);
    expect(tooLong.message).toBe('stopGraceSeconds must be from 1 to 120; got 999.');
    expect(settingProblem(tooLong)).toBe('Enter a number from 1 to 120.');
    for (const key of SETTING_KEYS) {
      const error = refused(key, {});
      expect(error.message).toMatch(new RegExp(`^${key} must `));
      expect(settingProblem(error)).toMatch(/^Enter .+\.$/);
    }
    const full = new DomainError('disk_full', 'The disk is full.');
    expect(settingProblem(full)).toBe('The disk is full.');
  });
});

describe('the hours of the speed limit', () => {
  it.each([
    ['7', '07:00'],
    ['19:30', '19:30'],
    ['19.30', '19:30'],
    ['0730', '07:30'],
    [' 23:59 ', '23:59'],
    ['24:00', undefined],
    ['12:60', undefined],
    ['7:5', undefined],
    ['seven', undefined],
    ['', undefined],
  ])('%s is %s', (text, time) => expect(timeOf(text)).toBe(time));

  it('are read from the setting and said in words', () => {
    expect(hoursOf('')).toBeUndefined();
    expect(hoursOf('08:00-18:00')).toEqual({ from: '08:00', to: '18:00' });
    expect(hoursSentence(undefined)).toBe('The limit applies all day');
    expect(hoursSentence({ from: '08:00', to: '08:00' })).toBe('The limit applies all day');
    expect(hoursSentence({ from: '22:00', to: '06:00' })).toBe(
      'From 22:00 to 06:00 the next day, with no limit at other times',
    );
  });
});

describe('the memory that servers may take', () => {
  const mac = { memoryTotal: 64 * 2 ** 30, gpuLimit: 48 * 2 ** 30 };
  const settings = { keepFreePercent: 8, serverMemoryLimitGib: 0 };

  it('leaves a share of the limit that counts, and at least 1 GiB', () => {
    expect(keptFree(settings, mac)).toBeCloseTo(3.84 * 2 ** 30);
    expect(keptFree({ ...settings, serverMemoryLimitGib: 25 }, mac)).toBeCloseTo(2 * 2 ** 30);
    expect(keptFree({ ...settings, keepFreePercent: 0 }, mac)).toBe(2 ** 30);
  });

  it('is said with what the machine has', () => {
    expect(limitHint(settings, mac)).toBe(
      'For all servers together. 0 means all of the 48.0 GiB that the GPU may use.',
    );
    expect(limitHint({ serverMemoryLimitGib: 50 }, mac)).toMatch(
      /^More than the GPU may use. 48.0 GiB/,
    );
    expect(limitHint({ serverMemoryLimitGib: 5 }, { memoryTotal: 2 ** 33 })).toMatch(
      /^For all servers together, of the 8.0 GiB that this machine has/,
    );
  });
});

const model = (sizeBytes: number, origin: Model['origin'], folder?: string): Model => ({
  ref: 'x',
  name: 'x',
  path: '/x',
  sizeBytes,
  complete: true,
  state: 'complete',
  usedBy: [],
  unused: true,
  origin,
  ...(folder ? { folder } : {}),
});

describe('what is on disk', () => {
  const usage = {
    home: '/home',
    engines: { bytes: 50, count: 1 },
    logs: { bytes: 20, count: 2 },
    profiles: { bytes: 5, count: 3 },
    total: { bytes: 100 },
  };
  const values = (total: number) =>
    storageParts({ ...usage, total: { bytes: total } }).map((part) => part.value);

  it('adds up to the whole folder', () => {
    expect(values(100)).toEqual([50, 20, 5, 25]);
  });

  it('has nothing negative where the whole was counted before a part grew', () => {
    expect(values(70)).toEqual([50, 20, 5, 0]);
  });

  it('counts the models of a folder and of the cache apart', () => {
    const models = [
      model(1, 'built-in'),
      model(2, 'huggingface'),
      model(4, 'folder', '/a'),
      model(8, 'folder', '/b'),
    ];
    expect(bytesInFolder(models, '/cache', true)).toBe(2);
    expect(bytesInFolder(models, '/a', false)).toBe(4);
  });

  it('says which models stay, without the built-in one', () => {
    const two = [model(1, 'built-in'), model(2e9, 'huggingface'), model(1e9, 'folder', '/a')];
    expect(keptModels(two)).toBe('The 2 models on disk (3.0 GB) are kept for other apps to use.');
    expect(keptModels(two.slice(0, 2))).toBe(
      'The model on disk (2.0 GB) is kept for other apps to use.',
    );
    expect(keptModels([])).toBe('Models in the Hugging Face cache and in added folders are kept.');
  });
});
