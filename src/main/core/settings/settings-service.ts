import { describeValue } from '@shared/describe-value';
import {
  LOCAL_SETTING_KEYS,
  SETTING_KEYS,
  type SettingKey,
  Settings,
  settingsShape,
} from '@shared/domain/settings';
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

  /** @throws DomainError validation, unauthorised, read_only, disk_full, permission. */
  async set(key: string, value: unknown, scope: { local: boolean }): Promise<Settings> {
    const known = changeableKey(key, scope);
    if (value === undefined) {
      throw validationError([{ field: known, message: `${known} needs a value.` }]);
    }
    const parsed = parseInput(z.object({ [known]: settingsShape[known] }), { [known]: value });
    if (!parsed.success) throw validationError(refusedFields(parsed.error));
    return this.#change((settings) => ({ ...settings, ...parsed.data }));
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

function changeableKey(key: string, scope: { local: boolean }): SettingKey {
  const known = knownKey(key);
  if (scope.local || !LOCAL_SETTING_KEYS.includes(known)) return known;
  throw new DomainError(
    'unauthorised',
    `${known} can only be changed in the desktop application or on the command line.`,
  );
}

function knownKey(key: string): SettingKey {
  const found = SETTING_KEYS.find((candidate) => candidate === key);
  if (found) return found;
  const message = `There is no setting ${describeValue(key)}; there are ${SETTING_KEYS.join(', ')}.`;
  throw validationError([{ field: 'key', message }]);
}
