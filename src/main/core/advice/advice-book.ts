import type { Advice } from '@shared/domain/advice';
import type { Installation } from '@shared/domain/engine';
import type { ServerProfile } from '@shared/domain/profile';
import type { Logger } from '../ports';
import { type AdviceEntry, adviceFor, readAdvice } from './advice';

export interface AdviceBookOptions {
  readonly resources: string;
  readonly logger: Logger;
  readonly installationOf: (profile: ServerProfile) => Installation | undefined;
  readonly architectureOf: (model: string) => Promise<string | undefined>;
}

/** The advice that ships with the program, read when it is first asked for. */
export class AdviceBook {
  readonly #options: AdviceBookOptions;
  #entries: Promise<AdviceEntry[]> | undefined;

  constructor(options: AdviceBookOptions) {
    this.#options = options;
  }

  /** What is known of the engine, the model and the options of a profile. */
  async forProfile(profile: ServerProfile): Promise<Advice[]> {
    const { engine } = profile;
    const version = this.#options.installationOf(profile)?.version;
    if (version === undefined) return [];
    const architecture = await this.#options.architectureOf(profile.model);
    const { platform } = process;
    return adviceFor({ engine, version, profile, architecture, platform }, await this.#read());
  }

  /** What is known of a version for every profile. */
  async forEngine(engine: string, version: string): Promise<Advice[]> {
    const { platform } = process;
    const facts = { engine, version, platform, profile: undefined, architecture: undefined };
    return adviceFor(facts, await this.#read());
  }

  #read(): Promise<AdviceEntry[]> {
    this.#entries ??= readAdvice(this.#options.resources, this.#options.logger);
    return this.#entries;
  }
}
