import type { FitEstimate } from '@shared/domain/memory';
import type { EngineOption, Installation } from '@shared/domain/engine';
import { modelRefKind } from '@shared/domain/model-ref';
import type { ServerProfile } from '@shared/domain/profile';

import type { AdapterFields } from '../engines/adapters';
import type { EngineAdapter } from '../engines/adapters/adapter';
import type { MemoryUse } from '../engines/adapters/memory-use';
import type { Logger } from '../ports';
import { Background } from '../ports/background';
import { safeModeOptions } from '../engines/options/safe-mode';
import type { Budget } from './budget';
import { estimateFit } from './fit-estimate';
import type { LearnedPeaks } from './learned-peaks';
import { type ModelFacts, ModelFactsReader } from './model-facts';
import { learnedAt, memoryDigest, sumOf } from './profile-sum';
import type { TypeNames } from './type-names';

export interface ProfileFitsOptions {
  readonly logger: Logger;
  readonly profiles: () => readonly ServerProfile[];
  readonly adapterFor: (profile: AdapterFields) => EngineAdapter;
  readonly installationOf: (
    profile: Pick<ServerProfile, 'engine' | 'installation'>,
  ) => Installation | undefined;
  /** The types that an installation loads as others; undefined where that cannot be read. */
  readonly typeNames: (installation: Installation) => Promise<TypeNames | undefined>;
  readonly optionsOf: (installationId: string) => Promise<readonly EngineOption[]>;
  /** The folder of a model on this machine. */
  readonly folderOf: (ref: string) => Promise<string | undefined>;
  readonly learned: LearnedPeaks;
  readonly memoryTotal: () => number;
  readonly keepFreePercent: () => number;
  /** What profiles need is another figure than before. */
  readonly changed: () => void;
}

/** What a profile's server needs, whatever else runs. */
export interface ProfileNeed {
  readonly profileId: string;
  readonly digest: string;
  readonly use: MemoryUse;
  readonly model: ModelFacts;
  readonly draft: ModelFacts | undefined;
  /** The most that was measured with these settings. */
  readonly learned: number | undefined;
  /** The engine has an option for the context. */
  readonly hasContext: boolean;
  /** With what takes the least memory, where that is less. */
  readonly lowered: MemoryUse | undefined;
}

/** Says of profiles and drafts what they need; the figures of saved profiles are at hand at any moment. */
export class ProfileFits {
  readonly #options: ProfileFitsOptions;
  readonly #reader = new ModelFactsReader();
  #needs = new Map<string, number>();
  readonly #background: Background;
  #isStale = false;
  #isRefreshing = false;

  constructor(options: ProfileFitsOptions) {
    this.#options = options;
    this.#background = new Background(options.logger);
  }

  /**
   * Undefined where nobody can tell: a custom command, a model over several machines, of which each takes
   * a share that the engine decides, or a model that is not on this disk.
   */
  async need(profile: ServerProfile, { safeMode = false } = {}): Promise<ProfileNeed | undefined> {
    const { adapterFor, installationOf, optionsOf, typeNames, learned } = this.#options;
    const adapter = adapterFor(profile);
    if (!adapter.memory || profile.cluster) return undefined;
    const installation = installationOf(profile);
    const names = installation && (await typeNames(installation));
    const model = await this.#facts(profile.model, names);
    if (!model) return undefined;
    const known = installation ? await optionsOf(installation.id) : [];
    const options = safeMode ? safeModeOptions(profile.options, adapter, known) : profile.options;
    const use = adapter.memory(options);
    const draft =
      use.draftModel === undefined ? undefined : await this.#facts(use.draftModel, names);
    const run = { ...profile, options };
    const digest = memoryDigest(run, installation?.id, [model.stamp, draft?.stamp]);
    const has = (key: string): boolean =>
      key in adapter.common && (known.length === 0 || known.some((option) => option.key === key));
    return {
      profileId: profile.id,
      ...{ digest, use, model, draft },
      learned: learned.get(profile.id, digest),
      hasContext: has('context-length') && !model.embeds,
      lowered: safeMode ? undefined : loweredUse(profile, adapter, known, use),
    };
  }

  /** The sum held against what is free. What was measured on earlier runs counts before it. */
  estimate(need: ProfileNeed, budget: Budget): FitEstimate {
    return this.#estimate(need, need.use, budget, need.learned);
  }

  /** The same with another context; what was learned is carried over. */
  atContext(need: ProfileNeed, budget: Budget, context: number): FitEstimate {
    const { use, learned } = need;
    const plain = this.#estimate(need, { ...use, context }, budget);
    if (learned === undefined) return plain;
    const set = this.#estimate(need, use, budget);
    return this.#estimate(need, { ...use, context }, budget, learnedAt(learned, set, plain));
  }

  /** The same with what takes the least memory; undefined where nothing can be lowered. */
  lowered(need: ProfileNeed, budget: Budget): FitEstimate | undefined {
    return need.lowered && this.#estimate(need, need.lowered, budget);
  }

  #estimate(
    { model, draft }: ProfileNeed,
    use: MemoryUse,
    machine: Budget,
    learnedPeak?: number,
  ): FitEstimate {
    const memoryTotal = this.#options.memoryTotal();
    const { notes, ...sum } = sumOf({ use, model, draft, memoryTotal });
    const keepFreePercent = this.#options.keepFreePercent();
    const fit = estimateFit({ ...sum, machine, keepFreePercent, learnedPeak });
    return { ...fit, unknown: [...fit.unknown, ...notes] };
  }

  /** Bytes that the profile needs as it is now, as last looked at; undefined where unknown. */
  needsOf(profileId: string): number | undefined {
    return this.#needs.get(profileId);
  }

  /** Profiles, models, engines or what was learned have changed: looks again, in the background. */
  refresh(): void {
    this.#isStale = true;
    if (this.#isRefreshing) return;
    this.#background.run('work out what profiles need', (signal) => this.#refresh(signal));
  }

  async stop(): Promise<void> {
    await this.#background.stop();
  }

  async #refresh(signal: AbortSignal): Promise<void> {
    this.#isRefreshing = true;
    while (this.#isStale) {
      this.#isStale = false;
      const needs = new Map<string, number>();
      for (const profile of this.#options.profiles()) {
        const total = await this.#total(profile);
        if (signal.aborted) return;
        if (total !== undefined) needs.set(profile.id, total);
      }
      const isNews = !sameEntries(needs, this.#needs);
      this.#needs = needs;
      if (isNews) this.#options.changed();
    }
    this.#isRefreshing = false;
  }

  async #total(profile: ServerProfile): Promise<number | undefined> {
    try {
      const need = await this.need(profile);
      return need && this.estimate(need, NO_LIMIT).total;
    } catch (error) {
      this.#options.logger.warn(`What ${profile.name} needs could not be found out`, {
        error: String(error),
      });
      return undefined;
    }
  }

  async #facts(ref: string, names: TypeNames | undefined): Promise<ModelFacts | undefined> {
    if (modelRefKind(ref) === 'none' || modelRefKind(ref) === 'invalid') return undefined;
    const folder = await this.#options.folderOf(ref);
    return folder === undefined ? undefined : this.#reader.read(folder, names);
  }
}

function loweredUse(
  { options }: ServerProfile,
  adapter: EngineAdapter,
  known: readonly EngineOption[],
  use: MemoryUse,
): MemoryUse | undefined {
  const lowered = adapter.memory?.(safeModeOptions(options, adapter, known));
  return JSON.stringify(lowered) === JSON.stringify(use) ? undefined : lowered;
}

/** For a sum alone. */
const NO_LIMIT: Budget = { limit: 0, limitSource: 'memory', inUse: 0 };

function sameEntries(a: ReadonlyMap<string, number>, b: ReadonlyMap<string, number>): boolean {
  return a.size === b.size && [...a].every(([key, value]) => b.get(key) === value);
}
