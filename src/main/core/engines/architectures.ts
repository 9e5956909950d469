import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';

import type { Installation } from '@shared/domain/engine';
import { z } from 'zod';

import { engineAdapter } from './adapters';

/** Types of the config that name a model's own file; `mlx_lm/utils.py` and `mlx_vlm/utils.py` rename some. */
const REMAPPING = /^MODEL_REMAPPING\s*=\s*\{([^}]*)\}/m;
const Config = z.object({ model_type: z.string().max(100) });

/**
 * Which installed engines have code for a model: each brings a file or a folder per architecture, and loads
 * by that name. Said of the versions that are in use; others are not known.
 */
export class Architectures {
  readonly #installed: () => readonly Installation[];
  /** By installation and package: an environment does not change once it is there. */
  readonly #known = new Map<string, Promise<ReadonlySet<string>>>();

  constructor(installed: () => readonly Installation[]) {
    this.#installed = installed;
  }

  /** Ids of engines; undefined where no installed one tells. */
  async enginesFor(config: unknown): Promise<string[] | undefined> {
    const parsed = Config.safeParse(config);
    if (!parsed.success) return undefined;
    const type = parsed.data.model_type.replaceAll('-', '_');
    const answers = await Promise.all(
      this.#installed()
        .filter(({ inUse, state }) => inUse && state === 'ready')
        .map(async (installation) => {
          const types = await this.#typesOf(installation);
          return types.size === 0
            ? undefined
            : {
                id: installation.engine,
                has: types.has(type) || types.has(parsed.data.model_type),
              };
        }),
    );
    const told = answers.filter((answer) => answer !== undefined);
    return told.length === 0 ? undefined : told.filter(({ has }) => has).map(({ id }) => id);
  }

  #typesOf(installation: Installation): Promise<ReadonlySet<string>> {
    const { id } = installation;
    const known = this.#known.get(id);
    if (known) return known;
    const reading = readTypes(installation);
    this.#known.set(id, reading);
    return reading;
  }
}

async function readTypes({ engine, path: folder }: Installation): Promise<ReadonlySet<string>> {
  const lib = path.join(folder, 'lib');
  const pythons = await namesIn(lib);
  const python = pythons.find((name) => /^python3\.\d+$/.test(name));
  if (python === undefined) return new Set();
  const packages = engineAdapter(engine).loadsWith;
  const all = await Promise.all(
    packages.map((name) => typesOfPackage(path.join(lib, python, 'site-packages', name))),
  );
  return new Set(all.flat());
}

async function typesOfPackage(folder: string): Promise<string[]> {
  const names = await namesIn(path.join(folder, 'models'));
  const own = names
    .filter((name) => !name.startsWith('_'))
    .map((name) => name.replace(/\.py$/, ''));
  const has = new Set(own);
  const utils = await readFile(path.join(folder, 'utils.py'), 'utf8').catch(() => '');
  const pairs = REMAPPING.exec(utils)?.[1]?.matchAll(/"([\w.-]+)":\s*"([\w.-]+)"/g) ?? [];
  const renamed = [...pairs].flatMap(([, from = '', to = '']) => (has.has(to) ? [from] : []));
  return [...own, ...renamed];
}

/** Empty where there is no such folder: then this environment tells nothing. */
function namesIn(folder: string): Promise<string[]> {
  return readdir(folder).catch(() => []);
}
