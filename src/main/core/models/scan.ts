import { readdir, realpath, stat } from 'node:fs/promises';
import path from 'node:path';

import type { Model, ModelFolder } from '@shared/domain/model';

import { currentSnapshot, hasPartialBlobs, repoOfFolder } from './hub-cache';
import { type FolderFacts, inspectModelFolder } from './model-folder';
import type { WeightsCheck } from './weights-check';

/** A model as it lies on disk; who uses it is not a fact of the disk. */
export type FoundModel = Omit<Model, 'usedBy'>;

export interface ScanResult {
  readonly folder: ModelFolder;
  readonly models: readonly FoundModel[];
  /** Folders whose change can change the result. */
  readonly watched: readonly string[];
}

/** Levels below an added folder in which models are looked for: `org/name` is two. */
const MAX_DEPTH = 4;
/** Folders that are looked at at the same time. */
const PARALLEL = 8;

/** Scans a Hugging Face cache, or a folder that a person added (which may be such a cache too). */
export async function scanFolder(
  root: string,
  origin: ModelFolder['origin'],
  weights: WeightsCheck,
): Promise<ScanResult> {
  const state = await folderState(root);
  if (state !== 'ok') {
    const folder = { path: root, origin, state, models: 0 };
    return { folder, models: [], watched: [await nearestFolder(path.dirname(root))] };
  }
  const scan = new Scan(root, origin, weights);
  await scan.visit(root, 0);
  const models = scan.models.toSorted((a, b) => a.ref.localeCompare(b.ref));
  return {
    folder: { path: root, origin, state, models: models.length },
    models,
    watched: scan.watched,
  };
}

/** Where a folder that is missing would begin to appear. */
async function nearestFolder(folder: string): Promise<string> {
  const info = await stat(folder).catch(() => undefined);
  return info?.isDirectory() || folder === path.dirname(folder)
    ? folder
    : nearestFolder(path.dirname(folder));
}

/** Whether a folder can be scanned now; one on an unmounted disk is missing, which is no error. */
export async function folderState(folder: string): Promise<ModelFolder['state']> {
  try {
    await readdir(folder);
    return 'ok';
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    return code === 'ENOENT' || code === 'ENOTDIR' ? 'missing' : 'unreadable';
  }
}

/** The model of one cached repository, or undefined when it holds no safetensors weights. */
export async function inspectRepo(
  repoFolder: string,
  weights: WeightsCheck,
): Promise<FoundModel | undefined> {
  const ref = repoOfFolder(path.basename(repoFolder));
  if (ref === undefined) return undefined;
  const base = { ref, name: ref, origin: 'huggingface' as const };
  const snapshot = await currentSnapshot(repoFolder);
  const facts = snapshot === undefined ? undefined : await inspectModelFolder(snapshot, weights);
  if (snapshot !== undefined && facts) return found(base, snapshot, facts);
  if (!(await hasPartialBlobs(repoFolder)) || (await hasOtherWeights(snapshot))) return undefined;
  const missing = ['model.safetensors is not fully downloaded'];
  return found(base, snapshot ?? repoFolder, { sizeBytes: 0, complete: false, missing });
}

/** The model in a plain folder, or undefined when it is none. */
export async function inspectFolder(
  folder: string,
  weights: WeightsCheck,
  root?: string,
): Promise<FoundModel | undefined> {
  const facts = await inspectModelFolder(folder, weights);
  if (!facts) return undefined;
  const name = (root === undefined ? '' : path.relative(root, folder)) || path.basename(folder);
  const base = { ref: folder, name, origin: 'folder' as const };
  return found(base, folder, facts, root);
}

/** As {@link inspectFolder} for a folder that a person named: without weights it is an incomplete model. */
export async function inspectGivenFolder(
  folder: string,
  weights: WeightsCheck,
): Promise<FoundModel | undefined> {
  const model = await inspectFolder(folder, weights);
  if (model || !(await stat(folder)).isDirectory()) return model;
  const base = { ref: folder, name: path.basename(folder), origin: 'folder' as const };
  const missing = ['there are no weights (model*.safetensors)'];
  return found(base, folder, { sizeBytes: 0, complete: false, missing });
}

function found(
  base: Pick<FoundModel, 'ref' | 'name' | 'origin'>,
  folder: string,
  facts: FolderFacts,
  root?: string,
): FoundModel {
  const { missing, ...rest } = facts;
  return {
    ...base,
    path: folder,
    ...rest,
    ...(missing.length > 0 ? { missing: [...missing] } : {}),
    ...(root === undefined ? {} : { folder: root }),
  };
}

/** A repository in another format (GGUF, PyTorch) is not a model for MLX, however far its download is. */
async function hasOtherWeights(snapshot: string | undefined): Promise<boolean> {
  if (snapshot === undefined) return false;
  return (await readdir(snapshot)).some((name) => /\.(?:gguf|bin|pt|pth|onnx|npz)$/.test(name));
}

/** One walk through a folder. */
class Scan {
  readonly models: FoundModel[] = [];
  readonly watched: string[] = [];
  readonly #seen = new Set<string>();
  readonly #root: string;
  readonly #origin: ModelFolder['origin'];
  readonly #weights: WeightsCheck;

  constructor(root: string, origin: ModelFolder['origin'], weights: WeightsCheck) {
    this.#root = root;
    this.#origin = origin;
    this.#weights = weights;
  }

  async visit(folder: string, depth: number): Promise<void> {
    // Links may lead round in a circle, or twice to the same place.
    const real = await realpath(folder).catch(() => folder);
    if (this.#seen.has(real)) return;
    this.#seen.add(real);
    this.watched.push(folder);
    try {
      if (repoOfFolder(path.basename(folder)) !== undefined) await this.#visitRepo(folder);
      else await this.#visitPlain(folder, depth);
    } catch (error) {
      // What vanishes or is closed to us while we look is not in the library; the rest is.
      if (!isAccessError(error)) throw error;
    }
  }

  async #visitRepo(folder: string): Promise<void> {
    const model = await inspectRepo(folder, this.#weights);
    for (const part of ['blobs', 'refs', 'snapshots']) this.watched.push(path.join(folder, part));
    if (!model) return;
    this.watched.push(model.path);
    this.models.push(this.#origin === 'added' ? { ...model, folder: this.#root } : model);
  }

  async #visitPlain(folder: string, depth: number): Promise<void> {
    if (this.#origin === 'added') {
      const model = await inspectFolder(folder, this.#weights, this.#root);
      if (model) {
        this.models.push(model);
        return;
      }
    }
    if (depth >= (this.#origin === 'added' ? MAX_DEPTH : 1)) return;
    const names = await foldersIn(folder, this.#origin);
    await inParallel(names, (name) => this.visit(path.join(folder, name), depth + 1));
  }
}

async function foldersIn(folder: string, origin: ModelFolder['origin']): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true });
  const names = await Promise.all(
    entries.map(async (entry) => {
      if (entry.name.startsWith('.') || entry.name === 'node_modules') return [];
      if (origin === 'huggingface' && repoOfFolder(entry.name) === undefined) return [];
      if (entry.isDirectory()) return [entry.name];
      if (!entry.isSymbolicLink()) return [];
      const target = await stat(path.join(folder, entry.name)).catch(() => undefined);
      return target?.isDirectory() ? [entry.name] : [];
    }),
  );
  return names.flat();
}

function isAccessError(error: unknown): boolean {
  const code = (error as NodeJS.ErrnoException).code ?? '';
  return ['ENOENT', 'ENOTDIR', 'EACCES', 'EPERM', 'ELOOP', 'EIO', 'ESTALE'].includes(code);
}

/** Works through the items, a few at a time, so that a large library does not exhaust file handles. */
async function inParallel<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
  const queue = items.values();
  const worker = async (): Promise<void> => {
    for (const item of queue) await work(item);
  };
  await Promise.all(Array.from({ length: Math.min(PARALLEL, items.length) }, worker));
}
