import { appendFile, mkdir, readdir, readFile, rm } from 'node:fs/promises';
import path from 'node:path';

import { z } from 'zod';

import { nameProblem, type RepoFile } from '../hub/model-files';
import { writeFileDurably } from '../storage/durable-file';

const Manifest = z.object({
  ref: z.string(),
  commit: z.string().regex(/^[0-9a-f]{40}$/),
  files: z.array(
    z.object({
      path: z.string().refine((name) => nameProblem(name) === undefined),
      size: z.number().int().nonnegative(),
      etag: z.string().regex(/^(?:[0-9a-f]{64}|[0-9a-f]{40})$/),
    }),
  ),
});
/** The files of a job: fixed when it began, whatever becomes of the branch. */
export type Manifest = z.infer<typeof Manifest>;

/** What a job keeps beside the cache: its files, which of them are proven, and journals of the others. */
export class JobFolder {
  readonly path: string;

  constructor(downloads: string, jobId: string) {
    this.path = path.join(downloads, jobId);
  }

  /** Undefined when there is none, or it is damaged: then the hub is asked again. */
  async manifest(): Promise<Manifest | undefined> {
    try {
      const text = await readFile(path.join(this.path, 'files.json'), 'utf8');
      const parsed = Manifest.safeParse(JSON.parse(text));
      return parsed.success ? parsed.data : undefined;
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'ENOENT' || error instanceof SyntaxError) return undefined;
      throw error;
    }
  }

  async keepManifest(manifest: Manifest): Promise<void> {
    await mkdir(this.path, { recursive: true, mode: 0o700 });
    await writeFileDurably(path.join(this.path, 'files.json'), JSON.stringify(manifest));
  }

  /** Hashes of the files that were proven. */
  async verified(): Promise<ReadonlySet<string>> {
    return new Set((await this.#proven()).map(([etag = '']) => etag));
  }

  /** Hashes of those that the job itself has brought. */
  async downloaded(): Promise<ReadonlySet<string>> {
    const proven = await this.#proven();
    return new Set(proven.flatMap(([etag = '', how]) => (how === 'found' ? [] : [etag])));
  }

  /**
   * Lost lines cost a second look at a file, nothing else.
   * @param how whether the job fetched the file, or found it where it belongs.
   */
  async addVerified(file: RepoFile, how: 'downloaded' | 'found'): Promise<void> {
    await appendFile(path.join(this.path, 'verified'), `${file.etag} ${how}\n`);
  }

  async #proven(): Promise<string[][]> {
    const text = await readFile(path.join(this.path, 'verified'), 'utf8').catch(() => '');
    const lines = text.split('\n').filter((line) => line !== '');
    return lines.map((line) => line.split(' '));
  }

  async remove(): Promise<void> {
    await rm(this.path, { recursive: true, force: true });
  }
}

/** Ids of the jobs that keep something in this folder. Rejects with the system's error; a missing folder has none. */
export async function foldersIn(downloads: string): Promise<string[]> {
  try {
    const entries = await readdir(downloads, { withFileTypes: true });
    return entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return [];
    throw error;
  }
}

/** Bytes of all files together; those with the same content come once. */
export function contentBytes(files: Manifest['files']): number {
  const sizes = new Map(files.map(({ etag, size }) => [etag, size]));
  return [...sizes.values()].reduce((sum, size) => sum + size, 0);
}
