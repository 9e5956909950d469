import { messageOf } from '@shared/errors';
import path from 'node:path';

import type { Installation } from '@shared/domain/engine';
import { z } from 'zod';

import type { Seen } from '../ports/processes';
import { known, unknown } from '../processes/seen';
import { engineAdapter } from './adapters';
import { type Disk, realDisk } from './checks/disk';
import { sitePackages } from './checks/environment';

/** Types of the config that name a model's own file; `mlx_lm/utils.py` and `mlx_vlm/utils.py` rename some. */
const REMAPPING = /^MODEL_REMAPPING\s*=\s*\{([^}]*)\}/m;
const Config = z.object({ model_type: z.string().max(100) });

/**
 * Which installed engines have code for a model: each brings a file or a folder per architecture, and loads
 * by that name. Said of the versions that are in use; others are not known.
 */
export class Architectures {
  readonly #installed: () => readonly Installation[];
  readonly #disk: Pick<Disk, 'names' | 'text'>;
  /** By folder: an environment does not change once it is there. What could not be read is not kept. */
  readonly #known = new Map<string, Promise<Types>>();

  constructor(
    installed: () => readonly Installation[],
    disk: Pick<Disk, 'names' | 'text'> = realDisk,
  ) {
    this.#installed = installed;
    this.#disk = disk;
  }

  /**
   * Ids of engines that load it. Undefined where that cannot be told: none is installed that has such a list, or
   * none that could be read loads it while another one could not be read.
   */
  async enginesFor(config: unknown): Promise<string[] | undefined> {
    const parsed = Config.safeParse(config);
    if (!parsed.success) return undefined;
    const type = parsed.data.model_type;
    const names = [type, type.replaceAll('-', '_')];
    const installed = this.#installed().filter(({ inUse, state }) => inUse && state === 'ready');
    const answers = await Promise.all(
      installed.map(async (one) => ({ id: one.engine, types: await this.#typesOf(one) })),
    );
    const told = answers.flatMap(({ id, types }) =>
      types.known && types.value.size > 0
        ? [{ id, has: names.some((name) => types.value.has(name)) }]
        : [],
    );
    const found = told.filter(({ has }) => has).map(({ id }) => id);
    const isUnknown = answers.some(({ types }) => !types.known);
    return told.length === 0 || (found.length === 0 && isUnknown) ? undefined : found;
  }

  async #typesOf(installation: Installation): Promise<Types> {
    const { path: folder } = installation;
    const reading = this.#known.get(folder) ?? readTypes(installation, this.#disk);
    this.#known.set(folder, reading);
    const types = await reading;
    if (!types.known) this.#known.delete(folder);
    return types;
  }
}

/** Where a package keeps one file or folder for each type: what writes, what hears, what speaks. */
const MODEL_FOLDERS = ['models', 'stt/models', 'tts/models'] as const;
/** Types of the packages that are for one type alone. */
const SINGLE: Readonly<Record<string, readonly string[]>> = { mlx_whisper: ['whisper'] };

/** Unknown where the disk did not answer; empty where an environment has no such list. */
type Types = Seen<ReadonlySet<string>>;

async function readTypes(
  { engine, path: folder }: Installation,
  disk: Pick<Disk, 'names' | 'text'>,
): Promise<Types> {
  try {
    const site = await sitePackages(folder, disk);
    if (site === undefined) return known(new Set());
    const packages = engineAdapter(engine).loadsWith.map((name) => path.join(site, name));
    const all = await Promise.all(packages.map((one) => typesOfPackage(one, disk)));
    return known(new Set(all.flat()));
  } catch (error) {
    return unknown(messageOf(error));
  }
}

async function typesOfPackage(
  folder: string,
  disk: Pick<Disk, 'names' | 'text'>,
): Promise<string[]> {
  const lists = await Promise.all(
    MODEL_FOLDERS.map(async (one) => (await disk.names(path.join(folder, one))) ?? []),
  );
  const own = [...lists.flat(), ...(SINGLE[path.basename(folder)] ?? [])]
    .filter((name) => !name.startsWith('_'))
    .map((name) => name.replace(/\.py$/, ''));
  const has = new Set(own);
  const utils = (await disk.text(path.join(folder, 'utils.py'))) ?? '';
  const pairs = REMAPPING.exec(utils)?.[1]?.matchAll(/"([\w.-]+)":\s*"([\w.-]+)"/g) ?? [];
  const renamed = [...pairs].flatMap(([, from = '', to = '']) => (has.has(to) ? [from] : []));
  return [...own, ...renamed];
}
