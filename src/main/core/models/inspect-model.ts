import { readdir } from 'node:fs/promises';
import path from 'node:path';

import { statOf } from './disk';
import { repoOfFolder, snapshotsOf } from './hub-cache';
import { listModelFiles } from './model-files';
import { type FolderFacts, inspectFiles, inspectModelFolder } from './model-folder';
import { type FoundModel, isRacy, type ModelRecord, stampAt } from './model-record';
import type { ModelRoot } from './model-roots';
import type { WeightsCheck } from './weights-check';

const COMMIT = /^[0-9a-f]{40}$/;

/** What is in a repository's folder of a Hugging Face cache. Rejects when it cannot be read. */
export async function inspectRepo(
  repo: string,
  check: WeightsCheck,
  root?: ModelRoot,
): Promise<ModelRecord> {
  const at = Date.now();
  const ref = repoOfFolder(path.basename(repo)) ?? path.basename(repo);
  const { snapshot, facts, all } = await bestSnapshot(repo, check);
  const below = snapshot === undefined ? '' : path.relative(repo, snapshot);
  const partials = facts?.shown.complete ? [] : await partialBlobs(repo);
  const seen: [string, string][] = [
    ...(await stampsOf(repo, ['', 'refs/main', 'snapshots'])),
    // Another one may become whole.
    ...(await stampsOf(
      repo,
      all.filter((one) => one !== snapshot).map((one) => path.relative(repo, one)),
    )),
    ...(facts?.shown.complete ? [] : await stampsOf(repo, ['blobs', below, ...partials])),
    ...(facts?.seen ?? []).map(([name, stamp]): [string, string] => [
      path.join(below, name),
      stamp,
    ]),
  ];
  const base = {
    ref,
    name: ref,
    origin: 'huggingface' as const,
    ...(COMMIT.test(path.basename(below)) ? { revision: path.basename(below) } : {}),
    ...(root?.origin === 'added' ? { folder: root.path } : { hubRef: ref }),
  };
  // A download that has only begun has brought no weights yet, whatever else came.
  const hasBegun = partials.length > 0 && !(snapshot && (await hasOtherWeights(snapshot)));
  const model =
    snapshot !== undefined && facts && !(hasBegun && facts.shown.state === 'unusable')
      ? await withPartials(repo, partials, found(base, snapshot, facts))
      : hasBegun
        ? await begun(base, repo, snapshot, partials)
        : undefined;
  const parts = model?.complete ? ['refs', 'blobs'] : ['', 'refs', 'blobs', 'snapshots'];
  return {
    key: repo,
    root: root?.path,
    model,
    weights: facts?.weights ?? [],
    seen,
    watched: [...parts.map((part) => path.join(repo, part)), ...all],
    folders: below === '' ? [''] : ['', below],
    racy: isRacy(seen, at),
  };
}

/** The model in a plain folder. Rejects when it cannot be read. */
export async function inspectFolder(
  folder: string,
  check: WeightsCheck,
  root?: ModelRoot,
): Promise<ModelRecord> {
  const at = Date.now();
  const facts = await inspectModelFolder(folder, check);
  const seen = facts?.seen ?? [];
  const relative = root === undefined ? '' : path.relative(root.path, folder);
  const origin: FoundModel['origin'] =
    root === undefined || root.origin === 'added' ? 'folder' : root.origin;
  const base = {
    ref: folder,
    name: relative || path.basename(folder),
    origin,
    ...(root === undefined ? {} : { folder: root.path }),
  };
  return {
    key: folder,
    root: root?.path,
    model: facts && found(base, folder, facts),
    weights: facts?.weights ?? [],
    seen,
    watched: seen.flatMap(([name]) =>
      facts && isFolderOf(name, seen) ? [path.join(folder, name)] : [],
    ),
    folders: [''],
    racy: isRacy(seen, at),
  };
}

/** As {@link inspectFolder} for a folder that a person named: without weights it is an incomplete model. */
export async function inspectGivenFolder(
  folder: string,
  check: WeightsCheck,
): Promise<FoundModel | undefined> {
  const { model } = await inspectFolder(folder, check);
  if (model || !(await statOf(folder))?.isDirectory()) return model;
  return {
    ref: folder,
    name: path.basename(folder),
    origin: 'folder',
    path: folder,
    sizeBytes: 0,
    complete: false,
    state: 'incomplete',
    missing: ['there are no weights (model*.safetensors)'],
  };
}

/** The model's own folder, and those that something in it lies in. */
function isFolderOf(name: string, seen: FolderFacts['seen']): boolean {
  return name === '' || seen.some(([other]) => other.startsWith(`${name}/`));
}

type Base = Pick<FoundModel, 'ref' | 'name' | 'origin' | 'folder' | 'revision' | 'hubRef'>;

function found(base: Base, folder: string, { shown }: FolderFacts): FoundModel {
  const { missing, ...rest } = shown;
  return {
    ...base,
    path: folder,
    ...rest,
    ...(missing.length > 0 ? { missing: [...missing] } : {}),
  };
}

/** What has come of the files that are missing takes room too. */
async function withPartials(
  repo: string,
  partials: readonly string[],
  model: FoundModel,
): Promise<FoundModel> {
  if (partials.length === 0) return model;
  const more = await bytesOf(repo, partials);
  const { expectedBytes } = model;
  const sizeBytes = model.sizeBytes + more;
  return {
    ...model,
    sizeBytes,
    ...(expectedBytes === undefined ? {} : { expectedBytes: Math.max(expectedBytes, sizeBytes) }),
  };
}

/** A download that has only begun. */
async function begun(
  base: Base,
  repo: string,
  snapshot: string | undefined,
  partials: readonly string[],
): Promise<FoundModel> {
  return {
    ...base,
    path: snapshot ?? repo,
    sizeBytes: await bytesOf(repo, partials),
    complete: false,
    state: 'incomplete',
    missing: ['model.safetensors is not fully downloaded'],
  };
}

/** Files that a download into this repository has not finished, by their path below it. */
async function partialBlobs(repo: string): Promise<string[]> {
  const blobs = await readdir(path.join(repo, 'blobs')).catch(() => []);
  return blobs.filter((name) => name.endsWith('.incomplete')).map((name) => `blobs/${name}`);
}

async function bytesOf(repo: string, names: readonly string[]): Promise<number> {
  const sizes = await Promise.all(
    names.map(async (name) => {
      const info = await statOf(path.join(repo, name)).catch(() => undefined);
      // Ours are made with their whole length: what counts is what was written.
      return info ? Math.min(info.size, info.blocks * 512) : 0;
    }),
  );
  return sizes.reduce((sum, size) => sum + size, 0);
}

async function stampsOf(repo: string, names: readonly string[]): Promise<[string, string][]> {
  return Promise.all(
    names.map(
      async (name): Promise<[string, string]> => [name, await stampAt(path.join(repo, name))],
    ),
  );
}

/** A repository in another format (GGUF, PyTorch) is not a model for MLX, however far its download is. */
async function hasOtherWeights(snapshot: string): Promise<boolean> {
  return (await readdir(snapshot)).some((name) => /\.(?:gguf|bin|pt|pth|onnx)$/.test(name));
}

interface Snapshot {
  readonly all: readonly string[];
  readonly snapshot: string | undefined;
  readonly facts: FolderFacts | undefined;
}

/**
 * The snapshot that a repository is served from: the one that it stands for, unless only another one is whole. An
 * update that was begun, or that brought a card alone, takes nothing away from what was there before.
 */
async function bestSnapshot(repo: string, check: WeightsCheck): Promise<Snapshot> {
  const all = await snapshotsOf(repo);
  const [first, ...others] = all;
  if (first === undefined) return { all, snapshot: undefined, facts: undefined };
  const facts = await inspectSnapshot(first, check);
  if (facts.shown.complete) return { all, snapshot: first, facts };
  for (const snapshot of others) {
    const other = await inspectSnapshot(snapshot, check);
    if (other.shown.complete) return { all, snapshot, facts: other };
  }
  return { all, snapshot: first, facts };
}

/** Also what is no model for MLX: it takes room, and can be deleted. */
async function inspectSnapshot(snapshot: string, check: WeightsCheck): Promise<FolderFacts> {
  return inspectFiles(await listModelFiles(snapshot), check);
}
