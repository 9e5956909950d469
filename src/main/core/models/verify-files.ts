import { readFile } from 'node:fs/promises';
import path from 'node:path';

import { z } from 'zod';

import { isAccessError, stampOf } from './disk';
import type { HashFile } from './file-hash';
import type { FoundModel } from './model-record';
import { listModelFiles, type ModelFile } from './model-files';
import { parsePythonJson } from '../verdict/python-json';
import { TOKENIZER_JSON } from '../verdict/tokenizer-problems';
import { inspectFiles } from './model-folder';
import type { WeightsCheck } from './weights-check';

/** A file with the hash that it should have, where that is known. */
export interface Expected {
  readonly file: ModelFile;
  readonly etag: string | undefined;
}

const HASH = /^(?:[0-9a-f]{64}|[0-9a-f]{40})$/;
const Trees = z.object({
  files: z.record(
    z.string(),
    z.object({ blob_id: z.string().optional(), lfs_sha256: z.string().optional() }),
  ),
});

/**
 * The files of a model with their hashes. A cache with links names blobs by them; one without has
 * `trees/COMMIT.json` (huggingface_hub 1.x); a folder of `hf download --local-dir` has
 * `.cache/huggingface/download/PATH.metadata` with the commit and the hash on two lines.
 */
export async function expectedFiles(model: FoundModel): Promise<Expected[]> {
  const { files } = await listModelFiles(model.path);
  const trees = model.origin === 'huggingface' ? await readTrees(model) : undefined;
  return Promise.all(
    files.map(async (file) => {
      const etag =
        file.etag ?? trees?.get(file.name) ?? (await recordedHash(model.path, file.name));
      return { file, etag: etag !== undefined && HASH.test(etag) ? etag : undefined };
    }),
  );
}

async function readTrees({ path: folder }: FoundModel): Promise<Map<string, string> | undefined> {
  const commit = path.basename(folder);
  const file = path.join(folder, '..', '..', 'trees', `${commit}.json`);
  try {
    const { data } = Trees.safeParse(JSON.parse(await readFile(file, 'utf8')));
    const entries = Object.entries(data?.files ?? {});
    return new Map(
      entries.flatMap(([name, { blob_id, lfs_sha256 }]) => {
        const hash = lfs_sha256 ?? blob_id;
        return hash === undefined ? [] : [[name, hash] as const];
      }),
    );
  } catch {
    return undefined; // an older program wrote the cache
  }
}

async function recordedHash(folder: string, name: string): Promise<string | undefined> {
  const file = path.join(folder, '.cache', 'huggingface', 'download', `${name}.metadata`);
  const text = await readFile(file, 'utf8').catch(() => '');
  return text.split('\n')[1]?.trim();
}

/** Files that every load parses; others may hold anything. */
const LOADED_JSON: ReadonlySet<string> = new Set(['config.json', ...TOKENIZER_JSON]);

/** What the verdict on a model says of single files, by their names. Rejects when the folder cannot be read. */
export async function fileProblems(
  folder: string,
  check: WeightsCheck,
): Promise<ReadonlyMap<string, string>> {
  const { problems } = await inspectFiles(await listModelFiles(folder), check);
  return new Map(
    problems.flatMap(({ file, text }) =>
      file === undefined ? [] : [[file, text.replace(`${file} `, '')]],
    ),
  );
}

export interface BadFile {
  readonly file: string;
  readonly problem: string;
  /** How it looked. */
  readonly stamp: string;
}

export interface Tools {
  readonly hashFile: HashFile;
  /** What the verdict on the model says of its files. */
  readonly problems: ReadonlyMap<string, string>;
  readonly signal: AbortSignal;
  readonly onProgress: (bytes: number) => void;
}

/** Reads a file to its end. @returns what is wrong with it. Rejects with the signal's reason. */
export async function verifyFile(
  { file, etag }: Expected,
  { hashFile, problems, signal, onProgress }: Tools,
): Promise<BadFile | undefined> {
  const { name, facts } = file;
  const said = problems.get(name);
  if (!facts) return said === undefined ? undefined : { file: name, problem: said, stamp: '' };
  const bad = (problem: string): BadFile => ({ file: name, problem, stamp: stampOf(facts) });
  try {
    if (etag !== undefined) {
      const hash = await hashFile(facts.file, etag, facts.size, { signal, onProgress });
      return hash === etag ? undefined : bad("doesn't match what was published");
    }
    if (said !== undefined) return bad(said);
    // What a list judges by its first and last bytes is read to its end here.
    if (LOADED_JSON.has(name)) parsePythonJson(await readFile(facts.file, 'utf8'));
    return undefined;
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof SyntaxError) return bad("is damaged: it isn't valid JSON");
    if (isAccessError(error))
      return bad(`can't be read (${(error as NodeJS.ErrnoException).code})`);
    throw error;
  }
}
