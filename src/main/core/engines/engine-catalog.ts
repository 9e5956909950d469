import type { AvailableEngine, Installation } from '@shared/domain/engine';
import { InstallableId } from '@shared/domain/profile';

import type { Clock, Logger } from '../ports';
import type { EngineAdapter } from './adapters/adapter';
import { type EnginePackages, readPackages } from './install/engine-packages';
import { NewestVersions } from './install/newest-versions';
import { sumOfSizes } from './install/package-sizes';
import type { Uv } from './install/uv';

export interface EngineCatalogOptions {
  readonly adapters: readonly EngineAdapter[];
  readonly uv: Uv;
  readonly clock: Clock;
  readonly logger: Logger;
  /** The folder of what ships beside the program. */
  readonly resources: string;
  readonly cacheFolder: string;
  /** The package index told a newer version than before. */
  readonly onNews: () => void;
}

/** What can be installed, and of what. */
export class EngineCatalog {
  readonly #options: EngineCatalogOptions;
  readonly #newest: NewestVersions;

  constructor(options: EngineCatalogOptions) {
    this.#options = options;
    const { uv, clock, logger, cacheFolder: folder, onNews } = options;
    const packages = (adapter: EngineAdapter) => this.packagesOf(adapter);
    this.#newest = new NewestVersions({ uv, clock, logger, folder, packages, onNews });
  }

  /**
   * Every engine; its newest version is null when the package index cannot be asked.
   * @param quick does not wait for the package index.
   */
  list(installed: readonly Installation[], quick: boolean): Promise<AvailableEngine[]> {
    return Promise.all(
      this.#options.adapters.map(async (adapter) => {
        const { lockedVersion, sizes } = await this.packagesOf(adapter);
        const sum = sizes && sumOfSizes(sizes);
        return {
          engine: InstallableId.parse(adapter.id),
          title: adapter.title,
          description: adapter.description,
          recommended: adapter.recommended,
          capabilities: [...adapter.capabilities],
          loadsWith: [...adapter.loadsWith],
          version: await this.#newest.of(adapter, quick),
          tested: lockedVersion,
          downloadBytes: sum?.download,
          diskBytes: sum?.disk,
          installed: installed
            .filter(({ engine, state }) => engine === adapter.id && state !== 'installing')
            .map(({ version }) => version),
        };
      }),
    );
  }

  packagesOf({ id, distribution }: EngineAdapter): Promise<EnginePackages> {
    return readPackages({ resources: this.#options.resources, engine: id, distribution });
  }

  /** Ends what is being asked of the package index. */
  stop(): Promise<void> {
    return this.#newest.stop();
  }
}
