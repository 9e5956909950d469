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
/** Some by their type and what stands in `architectures`; these count first. */
const BY_ARCHITECTURE = /^MODEL_ARCHITECTURE_REMAPPING\s*=\s*\{([^}]*)\}/m;
const WORD = /["']([\w.-]+)["']/.source;
const RENAMED = new RegExp(`${WORD}\\s*:\\s*${WORD}`, 'g');
const RENAMED_BOTH = new RegExp(`\\(\\s*${WORD}\\s*,\\s*${WORD}\\s*,?\\s*\\)\\s*:\\s*${WORD}`, 'g');
const COMMENT = /#.*$/gm;
const Config = z.object({ model_type: z.string().max(100) });

/**
 * Which installed engines have code for a model: each brings a file or a folder per architecture, and loads
 * by that name. Said of the versions that are in use; others are not known.
 */
export class Architectures {
  readonly #installed: () => readonly Installation[];
  readonly #disk: Pick<Disk, 'names' | 'text'>;
  /** By folder and version: an environment of ours does not change, others are upgraded. What could not be read is not kept. */
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
      types.known && types.value.own.size > 0
        ? [{ id, has: names.some((name) => types.value.own.has(name)) }]
        : [],
    );
    const found = told.filter(({ has }) => has).map(({ id }) => id);
    const isUnknown = answers.some(({ types }) => !types.known);
    return told.length === 0 || (found.length === 0 && isUnknown) ? undefined : found;
  }

  /** What it loads as another type; undefined where it is not ready, has no code for models or cannot be read. */
  async namesOf(installation: Installation): Promise<Names | undefined> {
    if (installation.state !== 'ready') return undefined;
    const types = await this.#typesOf(installation);
    return types.known && types.value.own.size > 0 ? types.value.names : undefined;
  }

  async #typesOf(installation: Installation): Promise<Types> {
    const place = `${installation.path} ${installation.version}`;
    const reading = this.#known.get(place) ?? readTypes(installation, this.#disk);
    this.#known.set(place, reading);
    const types = await reading;
    if (!types.known) this.#known.delete(place);
    return types;
  }
}

/** The types that an installation loads as another one. */
interface Names {
  readonly byType: ReadonlyMap<string, string>;
  /** By the type and the name in `architectures`, with a space between them. */
  readonly byArchitecture: ReadonlyMap<string, string>;
}

/** Where a package keeps one file or folder for each type: what writes, what hears, what speaks. */
const MODEL_FOLDERS = ['models', 'stt/models', 'tts/models'] as const;
/** Types of the packages that are for one type alone. */
const SINGLE: Readonly<Record<string, readonly string[]>> = { mlx_whisper: ['whisper'] };

interface Code {
  /** Every type that it loads, renamed ones too; empty where an environment has no such list. */
  readonly own: ReadonlySet<string>;
  readonly names: Names;
}

/** Unknown where the disk did not answer. */
type Types = Seen<Code>;

async function readTypes(
  { engine, path: folder }: Installation,
  disk: Pick<Disk, 'names' | 'text'>,
): Promise<Types> {
  try {
    const site = await sitePackages(folder, disk);
    if (site === undefined) return known(together([]));
    const packages = engineAdapter(engine).loadsWith.map((name) => path.join(site, name));
    return known(together(await Promise.all(packages.map((one) => codeOfPackage(one, disk)))));
  } catch (error) {
    return unknown(messageOf(error));
  }
}

/** Of several packages in one environment; where two rename the same type, the first counts. */
function together(packages: readonly Code[]): Code {
  const reversed = packages.toReversed();
  return {
    own: new Set(packages.flatMap(({ own }) => [...own])),
    names: {
      byType: new Map(reversed.flatMap(({ names }) => [...names.byType])),
      byArchitecture: new Map(reversed.flatMap(({ names }) => [...names.byArchitecture])),
    },
  };
}

async function codeOfPackage(folder: string, disk: Pick<Disk, 'names' | 'text'>): Promise<Code> {
  const lists = await Promise.all(
    MODEL_FOLDERS.map(async (one) => (await disk.names(path.join(folder, one))) ?? []),
  );
  const files = new Set(
    [...lists.flat(), ...(SINGLE[path.basename(folder)] ?? [])]
      .filter((name) => !name.startsWith('_'))
      .map((name) => name.replace(/\.py$/, '')),
  );
  const names = readNames((await disk.text(path.join(folder, 'utils.py'))) ?? '');
  const renamed = [...names.byType].flatMap(([from, to]) => (files.has(to) ? [from] : []));
  return { own: new Set([...files, ...renamed]), names };
}

function readNames(utils: string): Names {
  const code = utils.replaceAll(COMMENT, '');
  const table = (one: RegExp): string => one.exec(code)?.[1] ?? '';
  const pairs = [...table(REMAPPING).matchAll(RENAMED)];
  const both = [...table(BY_ARCHITECTURE).matchAll(RENAMED_BOTH)];
  return {
    byType: new Map(pairs.map(([, from = '', to = '']) => [from, to])),
    byArchitecture: new Map(both.map(([, type, name, to = '']) => [`${type} ${name}`, to])),
  };
}
