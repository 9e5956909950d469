import { describeValue } from '@shared/describe-value';
import {
  LOCAL_SETTING_KEYS,
  SETTING_KEYS,
  type SettingKey,
  Settings,
  settingsShape,
} from '@shared/domain/settings';
import { mergeList, sameValue } from '@shared/domain/merge-changes';
import { DomainError, validationError } from '@shared/errors';
import { z } from 'zod';
import { systemClock } from '../ports/clock';
import type { Clock, DocumentStore, Logger } from '../ports';
import { parseInput, refusedFields } from '../validation/validation';
import type { DocumentSpec } from '../storage/document-recovery';
import { JsonDocument } from '../storage/json-document';
import type { NoticeBoard } from '../notices/notice-board';

export interface SettingsServiceOptions {
  readonly document: DocumentStore;
  readonly logger: Logger;
  readonly notices: NoticeBoard;
  readonly clock?: Clock;
  readonly publish: (settings: Settings) => void;
}

const SPEC: DocumentSpec = {
  name: 'settings',
  version: 1,
  keys: Object.fromEntries(
    SETTING_KEYS.map((key) => [
      key,
      {
        kind: 'value',
        schema: settingsShape[key],
        fallback: () => settingsShape[key].parse(undefined),
      },
    ]),
  ),
  migrations: {},
};

/** The application's settings: each has a default, a limit and an effect. */
export class SettingsService {
  readonly #document: JsonDocument<Settings>;
  readonly #publish: (settings: Settings) => void;

  constructor(options: SettingsServiceOptions) {
    this.#publish = options.publish;
    this.#document = new JsonDocument<Settings>({
      store: options.document,
      spec: SPEC,
      clock: options.clock ?? systemClock,
      logger: options.logger,
      notices: options.notices,
    });
  }

  get readOnly(): boolean {
    return this.#document.readOnly;
  }

  load(): Promise<void> {
    return this.#document.load();
  }

  get(): Settings {
    return this.#document.value;
  }

  /**
   * `base` is what the setting was when the change was begun: of a list that others changed since then both changes
   * are kept, another value that they changed is a conflict.
   * @throws DomainError validation, conflict, unauthorised, read_only, disk_full, permission.
   */
  async set(
    key: string,
    value: unknown,
    scope: { local: boolean },
    base?: unknown,
  ): Promise<Settings> {
    const known = changeableKey(key, scope);
    if (value === undefined) {
      throw validationError([{ field: known, message: `${known} needs a value.` }]);
    }
    const parsed = parseInput(z.object({ [known]: settingsShape[known] }), { [known]: value });
    if (!parsed.success) throw validationError(refusedFields(parsed.error));
    const given = parsed.data[known];
    return this.#change((settings) => ({
      ...settings,
      [known]: base === undefined ? given : together(known, settings[known], given, base),
    }));
  }

  /** @throws as {@link set}. */
  async reset(key: string, scope: { local: boolean }): Promise<Settings> {
    const known = changeableKey(key, scope);
    return this.#change((settings) => ({
      ...settings,
      [known]: settingsShape[known].parse(undefined),
    }));
  }

  async resetAll(): Promise<void> {
    await this.#change(() => Settings.parse({}));
  }

  async #change(change: (settings: Settings) => Settings): Promise<Settings> {
    const settings = await this.#document.update(change);
    this.#publish(settings);
    return settings;
  }
}

/** The value to store, where others may have changed it since `base`. */
function together(key: SettingKey, stored: unknown, given: unknown, base: unknown): unknown {
  if (sameValue(stored, base) || sameValue(stored, given)) return given;
  if (Array.isArray(stored) && Array.isArray(given) && Array.isArray(base)) {
    return mergeList(stored, given, base);
  }
  const [was, is, wanted] = [base, stored, given].map((one) => describeValue(one));
  const message = `${key} was changed elsewhere from ${was} to ${is}, so ${wanted} wasn't saved.`;
  throw new DomainError('conflict', message, {
    data: { fields: [{ field: key, message }], conflicts: [{ field: key, base, stored, given }] },
  });
}

function changeableKey(key: string, scope: { local: boolean }): SettingKey {
  const known = knownKey(key);
  if (scope.local || !LOCAL_SETTING_KEYS.includes(known)) return known;
  throw new DomainError(
    'unauthorised',
    `${known} can only be changed in the desktop app or on the command line.`,
  );
}

function knownKey(key: string): SettingKey {
  const found = SETTING_KEYS.find((candidate) => candidate === key);
  if (found) return found;
  const message = `There is no setting ${describeValue(key)}. Settings: ${SETTING_KEYS.join(', ')}.`;
  throw validationError([{ field: 'key', message }]);
}
