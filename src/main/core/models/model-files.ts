import { readdir, readlink } from 'node:fs/promises';
import path from 'node:path';

import { type FileFacts, factsOf, inodeOf, statOf } from './disk';

/** Folders below a model that still belong to it. */
const MAX_DEPTH = 3;
/** The name of a blob in a Hugging Face cache: SHA-256 of a large file, git's SHA-1 of a small one. */
const ETAG = /^(?:[0-9a-f]{64}|[0-9a-f]{40})$/;

/** A file of a model, or a link that leads nowhere, by its path below the model's folder. */
export interface ModelFile {
  readonly name: string;
  readonly facts: FileFacts | undefined;
  /** The hash that it was published with, where a link to a blob tells it. */
  readonly etag?: string | undefined;
}

/** Names beside which nothing of a model may change unseen: its folders. */
export interface ModelFiles {
  readonly files: readonly ModelFile[];
  readonly folders: readonly { readonly name: string; readonly facts: FileFacts }[];
}

/** All files of a model; folders that are hidden (`.cache`, `.git`) do not belong to it. */
export async function listModelFiles(folder: string): Promise<ModelFiles> {
  const files: ModelFile[] = [];
  const folders: { name: string; facts: FileFacts }[] = [];
  const visit = async (below: string, depth: number): Promise<void> => {
    const at = path.join(folder, below);
    // Before its content: what changes in between is then seen as a change.
    const info = await statOf(at);
    if (info) folders.push({ name: below, facts: factsOf(at, info) });
    for (const entry of await readdir(at, { withFileTypes: true })) {
      const name = below === '' ? entry.name : `${below}/${entry.name}`;
      if (entry.isDirectory()) {
        if (depth < MAX_DEPTH && !entry.name.startsWith('.')) await visit(name, depth + 1);
      } else if (entry.isFile() || entry.isSymbolicLink()) {
        const found = await fileAt(path.join(folder, name), name, entry.isSymbolicLink());
        if (found) files.push(found);
      }
    }
  };
  await visit('', 1);
  return { files, folders };
}

async function fileAt(file: string, name: string, isLink: boolean): Promise<ModelFile | undefined> {
  const info = await statOf(file);
  if (info && !info.isFile()) return undefined;
  const etag = isLink ? await etagOf(file) : undefined;
  return { name, facts: info && factsOf(file, info), ...(etag === undefined ? {} : { etag }) };
}

/** The blob's own name: what it leads to further may be a shared store, which is named otherwise. */
async function etagOf(link: string): Promise<string | undefined> {
  const target = await readlink(link).catch(() => '');
  const name = path.basename(target);
  return path.basename(path.dirname(target)) === 'blobs' && ETAG.test(name) ? name : undefined;
}

/** Bytes on disk: a file that several names lead to counts once. */
export function totalSize(files: readonly ModelFile[]): number {
  const sizes = new Map(
    files.flatMap(({ facts }) => (facts ? [[inodeOf(facts), facts.size]] : [])),
  );
  return [...sizes.values()].reduce((sum, size) => sum + size, 0);
}
