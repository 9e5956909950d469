import type { Dirent } from 'node:fs';
import { readdir } from 'node:fs/promises';
import path from 'node:path';

import type { ModelFolder } from '@shared/domain/model';

import { inParallel } from '../ports/in-parallel';
import { factsOf, inodeOf, isAbsent, isAccessError, LOOKS, statOf } from './disk';
import { repoOfFolder } from './hub-cache';
import { inspectFolder, inspectRepo } from './inspect-model';
import { announcesModel } from './model-folder';
import type { ModelRoot } from './model-roots';
import { scanOllama } from './ollama';
import { type FoundModel, isUnchanged, type ModelRecord } from './model-record';
import type { WeightsCheck } from './weights-check';

export interface ScanResult {
  readonly root: ModelRoot;
  readonly state: ModelFolder['state'];
  /** The name of its disk, where that is not there; then the models are those of the last look. */
  readonly disk?: string | undefined;
  readonly models: readonly FoundModel[];
  readonly records: readonly ModelRecord[];
  /** Folders whose change can change the result. */
  readonly watched: readonly string[];
}

export interface ScanContext {
  readonly weights: WeightsCheck;
  /** What an earlier look found in a folder. */
  readonly known: (key: string) => ModelRecord | undefined;
  /** Whether it is certain without a look that nothing has changed there. */
  readonly isQuiet: (key: string) => boolean;
  /** Inodes of folders that were met: another way to one of them leads to the same model. */
  readonly met: Set<string>;
}

/** Levels below a folder in which models are looked for: `org/name` is two. */
const MAX_DEPTH: Readonly<Record<ModelRoot['origin'], number>> = {
  huggingface: 1,
  lmstudio: 3,
  omlx: 3,
  ollama: 0,
  added: 4,
};

/** For a single look that nothing is remembered of. */
export function freshScan(weights: WeightsCheck): ScanContext {
  return { weights, known: () => undefined, isQuiet: () => false, met: new Set() };
}

/** Scans a folder; what is known and has not changed is not read again. */
export async function scanRoot(root: ModelRoot, context: ScanContext): Promise<ScanResult> {
  const state = await folderState(root.path);
  if (state !== 'ok') {
    const watched = [await nearestFolder(path.dirname(root.path))];
    return { root, state, models: [], records: [], watched };
  }
  if (root.origin === 'ollama') {
    const { models, folders } = await scanOllama(root.path);
    return { root, state, models: sorted(models), records: [], watched: folders };
  }
  const walk = new Walk(root, context);
  await walk.visit(root.path, 0);
  const models = walk.records.flatMap(({ model }) => (model ? [model] : []));
  return { root, state, models: sorted(models), records: walk.records, watched: walk.watched };
}

/** Made when it is first wanted. */
let order: Intl.Collator | undefined;

function sorted(models: readonly FoundModel[]): FoundModel[] {
  order ??= new Intl.Collator();
  const { compare } = order;
  return models.toSorted((a, b) => compare(a.ref, b.ref));
}

/** Where a folder that is missing would begin to appear. */
async function nearestFolder(folder: string): Promise<string> {
  const info = await statOf(folder).catch(() => undefined);
  return info?.isDirectory() || folder === path.dirname(folder)
    ? folder
    : nearestFolder(path.dirname(folder));
}

/** Whether a folder can be scanned now; one on an unmounted disk is missing, which is no error. */
async function folderState(folder: string): Promise<ModelFolder['state']> {
  try {
    await readdir(folder);
    return 'ok';
  } catch (error) {
    return isAbsent(error) ? 'missing' : 'unreadable';
  }
}

/** One walk through a folder. */
class Walk {
  readonly records: ModelRecord[] = [];
  readonly watched: string[] = [];
  readonly #root: ModelRoot;
  readonly #context: ScanContext;

  constructor(root: ModelRoot, context: ScanContext) {
    this.#root = root;
    this.#context = context;
  }

  async visit(folder: string, depth: number): Promise<void> {
    try {
      const record = await this.#unchanged(folder);
      if (record) await this.#add(record);
      else if (await this.#isNew(folder)) await this.#look(folder, depth);
    } catch (error) {
      // What vanishes or is closed to us while we look is not in the library; the rest is.
      if (!isAccessError(error)) throw error;
    }
  }

  /** What is known of a folder, where it still holds. */
  async #unchanged(folder: string): Promise<ModelRecord | undefined> {
    const known = this.#context.known(folder);
    if (!known || known.root !== this.#root.path) return undefined;
    return this.#context.isQuiet(folder) || (await isUnchanged(known)) ? known : undefined;
  }

  /** Links may lead round in a circle, or twice to the same place. */
  async #isNew(folder: string): Promise<boolean> {
    const info = await statOf(folder);
    return info !== undefined && !this.#context.met.has(inodeOf(factsOf(folder, info)));
  }

  async #look(folder: string, depth: number): Promise<void> {
    const { weights, met } = this.#context;
    if (depth > 0 && repoOfFolder(path.basename(folder)) !== undefined) {
      await this.#add(await inspectRepo(folder, weights, this.#root));
      return;
    }
    const entries = await readdir(folder, { withFileTypes: true });
    const isModel = announcesModel(entries.map(({ name }) => name));
    if (this.#root.origin !== 'huggingface' && isModel) {
      const record = await inspectFolder(folder, weights, this.#root);
      if (record.model) {
        await this.#add(record);
        return;
      }
    }
    const info = await statOf(folder);
    if (!info || met.has(inodeOf(factsOf(folder, info)))) return;
    met.add(inodeOf(factsOf(folder, info)));
    this.watched.push(folder);
    if (depth >= MAX_DEPTH[this.#root.origin]) return;
    // A folder goes before a link to it, so that it is the same one every time.
    for (const names of await foldersAmong(folder, entries, this.#root.origin)) {
      await inParallel(names, LOOKS, (name) => this.visit(path.join(folder, name), depth + 1));
    }
  }

  async #add(record: ModelRecord): Promise<void> {
    const { met } = this.#context;
    const inodes = await inodesOf(record);
    if (inodes.some((inode) => met.has(inode))) return;
    for (const inode of inodes) met.add(inode);
    this.records.push(record);
    this.watched.push(...record.watched);
  }
}

/** A record stays the same object while its folders stay the same. */
const inodesByRecord = new WeakMap<ModelRecord, readonly string[]>();

async function inodesOf(record: ModelRecord): Promise<readonly string[]> {
  const known = inodesByRecord.get(record);
  if (known) return known;
  const inodes = await Promise.all(
    record.folders.map(async (name) => {
      const folder = path.join(record.key, name);
      const info = await statOf(folder);
      return info ? [inodeOf(factsOf(folder, info))] : [];
    }),
  );
  inodesByRecord.set(record, inodes.flat());
  return inodes.flat();
}

/** Names of the folders in a folder, and of the links to folders. */
async function foldersAmong(
  folder: string,
  entries: readonly Dirent[],
  origin: ModelRoot['origin'],
): Promise<[folders: string[], links: string[]]> {
  const wanted = entries.filter(({ name }) => {
    if (name.startsWith('.') || name === 'node_modules') return false;
    return origin !== 'huggingface' || repoOfFolder(name) !== undefined;
  });
  const links: string[] = [];
  for (const { name } of wanted.filter((entry) => entry.isSymbolicLink())) {
    const target = await statOf(path.join(folder, name)).catch(() => undefined);
    if (target?.isDirectory()) links.push(name);
  }
  return [wanted.filter((entry) => entry.isDirectory()).map(({ name }) => name), links];
}
