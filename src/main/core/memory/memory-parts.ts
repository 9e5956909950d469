import type { MetricsTick } from '@shared/domain/metrics';
import type { ServerProfile } from '@shared/domain/profile';
import type { Server } from '@shared/domain/server';
import { isServing } from '@shared/domain/server-state';
import type { Settings } from '@shared/domain/settings';
import { GIB } from '@shared/format/bytes';

import { mlxLm } from '../engines/adapters/mlx-lm';
import type { MetricsSampler } from '../metrics';
import type { DocumentStore } from '../ports';
import type { NoticeBoard } from '../notices/notice-board';
import { Admission, type AdmissionOptions } from './admission';
import { FitService, type FitServiceOptions } from './fit-service';
import { LearnedPeaks, type LearnedPeaksOptions } from './learned-peaks';
import { ProfileFits, type ProfileFitsOptions } from './profile-fits';
import { WorkWatch } from './work-watch';

export interface MemorySources
  extends Pick<LearnedPeaksOptions, 'clock'>,
    Pick<AdmissionOptions, 'servers' | 'logger'>,
    Pick<FitServiceOptions, 'folderOf' | 'onHub'>,
    Pick<
      ProfileFitsOptions,
      'profiles' | 'adapterFor' | 'installationOf' | 'optionsOf' | 'typeNames' | 'changed'
    > {
  readonly document: DocumentStore;
  readonly notices: NoticeBoard;
  readonly sampler: () => MetricsSampler;
  readonly settings: () => Settings;
}

/** The services about memory: estimates, peaks learned from runs, and the admission of servers. */
export class MemoryParts {
  readonly fits: FitService;
  readonly profileFits: ProfileFits;
  readonly admission: Admission;
  readonly #learned: LearnedPeaks;
  readonly #work = new WorkWatch();
  readonly #sources: MemorySources;

  constructor(sources: MemorySources) {
    const { sampler, settings } = sources;
    const machine = {
      memoryTotal: () => sampler().memory().total,
      keepFreePercent: () => settings().keepFreePercent,
    };
    this.#sources = sources;
    this.#learned = new LearnedPeaks(sources);
    this.profileFits = new ProfileFits({ ...sources, ...machine, learned: this.#learned });
    this.admission = new Admission({
      ...sources,
      fits: this.profileFits,
      learned: this.#learned,
      work: this.#work,
      memory: () => sampler().memory(),
      measure: () => sampler().measure(),
      ownLimit: () => settings().serverMemoryLimitGib * GIB,
    });
    this.fits = new FitService({
      ...sources,
      ...machine,
      budget: async () => this.admission.budget(),
      usual: mlxLm.memory?.({}) ?? {},
      usualNames: async () => {
        const usual = sources.installationOf({ engine: 'mlx-lm', installation: null });
        return usual && sources.typeNames(usual);
      },
    });
  }

  load(): Promise<void> {
    return this.#learned.load();
  }

  /** What was learned and is not written yet, is. */
  async stop(): Promise<void> {
    await this.profileFits.stop();
    await this.#learned.stop();
  }

  /** Profiles were made, changed or deleted. */
  profilesChanged(): void {
    this.#learned.keepOnly(this.#sources.profiles().map(({ id }) => id));
    this.profileFits.refresh();
  }

  /** What a ready server takes while it works is learned; what it takes idle says little. */
  note({ servers }: MetricsTick): void {
    this.#work.note(servers, this.#sources.clock.monotonic());
    const serving = new Set(
      this.#sources
        .servers()
        .filter(({ state }) => isServing(state))
        .map(({ profileId }) => profileId),
    );
    const news = servers.filter(({ profileId, memoryBytes }) => {
      const digest = this.admission.digestOf(profileId);
      if (memoryBytes === undefined || digest === undefined) return false;
      if (!serving.has(profileId) || !this.#work.works(profileId)) return false;
      return this.#learned.observe(profileId, digest, memoryBytes);
    });
    if (news.length > 0) this.profileFits.refresh();
  }

  /** Servers that were taken over are known by their profiles, where they run with what these say still. */
  async adopted(servers: readonly Server[]): Promise<void> {
    const known = new Map(this.#sources.profiles().map((profile) => [profile.id, profile]));
    for (const { profileId, adopted, restartNeeded, safeMode } of servers) {
      const profile = known.get(profileId);
      if (!profile || !adopted || restartNeeded || safeMode) continue;
      await this.#adopt(profile);
    }
  }

  async #adopt(profile: ServerProfile): Promise<void> {
    try {
      await this.admission.adopted(profile);
    } catch (error) {
      this.#sources.logger.warn(`What ${profile.name} needs could not be found out`, {
        error: String(error),
      });
    }
  }
}
