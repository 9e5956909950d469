import type { EngineOption, VersionChange } from '@shared/domain/engine';
import type { ServerProfile } from '@shared/domain/profile';
import { DomainError, validationError } from '@shared/errors';

import type { EngineAdapter } from './adapters/adapter';
import type { StoredInstallation } from './install/engine-store';
import { type CarriedOptions, carryOver } from './options/carry-over';
import { optionDrift, profileProblems } from './options/option-drift';
import { parseOptions } from './options/options-parser';

export interface EngineOptionsSources {
  /** Undefined for an engine that only another version of this program knows. */
  readonly adapter: (engine: string) => EngineAdapter | undefined;
  /** The text of its `--help`: stored, or read now by running its program. */
  readonly helpOf: (stored: StoredInstallation) => Promise<string>;
  readonly profiles: () => readonly ServerProfile[];
}

/** What installed versions understand, and what a switch between them would mean for profiles. */
export class EngineOptions {
  readonly #sources: EngineOptionsSources;
  readonly #parsed = new Map<string, { readonly help: string; readonly options: EngineOption[] }>();

  constructor(sources: EngineOptionsSources) {
    this.#sources = sources;
  }

  /** Read from its `--help` once. */
  async of(stored: StoredInstallation): Promise<EngineOption[]> {
    return this.#parse(stored, await this.#sources.helpOf(stored));
  }

  /** How many it has that a person can set; undefined while its `--help` was not read. */
  countOf(stored: StoredInstallation): number | undefined {
    if (stored.help === undefined) return undefined;
    return this.#parse(stored, stored.help).filter(({ reserved }) => !reserved).length;
  }

  forget(id: string): void {
    this.#parsed.delete(id);
  }

  /**
   * What putting `to` in use in the place of `from` would mean for options and for the profiles that are not
   * pinned to another one.
   * @throws DomainError validation when they are not of the same engine.
   */
  async change(
    from: StoredInstallation | undefined,
    to: StoredInstallation,
  ): Promise<VersionChange> {
    if (from && from.engine !== to.engine) {
      const message = `${from.id} is an installation of ${from.engine}, not of ${to.engine}.`;
      throw validationError([{ field: 'from', message }]);
    }
    const after = await this.of(to);
    const before = from ? await this.of(from) : after;
    const drift = optionDrift(before, after);
    const adapter = this.#adapter(to.engine);
    const profiles = this.#sources
      .profiles()
      .filter(({ engine, installation }) => engine === to.engine && installation === null)
      .map(({ id, name, options }) => ({
        profileId: id,
        name,
        problems: profileProblems(options, drift, after, adapter),
      }));
    return { from: from?.id ?? null, to: to.id, drift, profiles };
  }

  /** A profile's options for an engine as it is installed (where it is), and what it cannot take over. */
  async carryOver(
    engine: string,
    installed: StoredInstallation | undefined,
    options: ServerProfile['options'],
  ): Promise<CarriedOptions> {
    const known = installed ? await this.of(installed) : undefined;
    return carryOver(options, known, this.#adapter(engine));
  }

  #adapter(engine: string): EngineAdapter {
    const adapter = this.#sources.adapter(engine);
    if (adapter) return adapter;
    throw new DomainError('not_found', `Unknown engine "${engine}".`);
  }

  #parse({ id, engine }: StoredInstallation, help: string): EngineOption[] {
    const before = this.#parsed.get(id);
    if (before?.help === help) return before.options;
    const adapter = this.#sources.adapter(engine);
    const options = adapter ? parseOptions(help, adapter) : [];
    this.#parsed.set(id, { help, options });
    return options;
  }
}
