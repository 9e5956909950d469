import { randomBytes } from 'node:crypto';
import { readlink, realpath, rename, rm } from 'node:fs/promises';
import path from 'node:path';

import type { Download } from '@shared/domain/download';
import type { Deletion } from '@shared/domain/model';
import { DomainError } from '@shared/errors';

import { replaceByClone } from './clones';
import type { DuplicateFinder } from './duplicate-finder';
import type { HashFile } from './file-hash';
import type { ModelNotes } from './model-notes';
import { type FoundModel, type ModelRecord, stampIn } from './model-record';
import type { Trash, TrashEntry } from './trash';

/** A model of the library with the folder of the library that it lies in. */
export interface Located {
  readonly model: FoundModel;
  readonly record: ModelRecord;
  readonly root: string;
}

export interface ModelActionsOptions {
  readonly trash: Trash;
  readonly notes: ModelNotes;
  readonly duplicates: DuplicateFinder;
  readonly hashFile: HashFile;
  /** Names of the profiles whose servers run it. */
  readonly running: (model: FoundModel) => readonly string[];
  readonly isDownloading: (ref: string) => boolean;
  readonly isVerifying: (ref: string) => boolean;
  readonly startDownload: (ref: string, revision: string) => Promise<Download>;
}

/** What a person does to a model's files. */
export class ModelActions {
  readonly #options: ModelActionsOptions;

  constructor(options: ModelActionsOptions) {
    this.#options = options;
  }

  /** @throws DomainError in_use, permission, conflict, not_found: then nothing was changed. */
  async delete(located: Located, now: boolean): Promise<Deletion> {
    const { model, record, root } = located;
    this.#checkIdle(model, 'deleted');
    if (record.key === root) {
      const sentence = `${root} is the library folder itself. Remove it from the list and delete it in your file manager.`;
      throw new DomainError('conflict', sentence);
    }
    const from = await insideOf(root, record.key);
    const { trash } = this.#options;
    const entry = await trash.put(root, { ref: model.ref, name: model.name, from });
    if (!now) return deletionOf(entry);
    await trash.end(model.ref);
    return goneOf(entry);
  }

  undo(ref: string): Promise<TrashEntry> {
    return this.#options.trash.undo(ref);
  }

  async hold(ref: string): Promise<Deletion> {
    return deletionOf(await this.#options.trash.extend(ref));
  }

  async end(ref: string): Promise<Deletion> {
    return goneOf(await this.#options.trash.end(ref));
  }

  /**
   * Sets bad files aside and has them fetched again. They go once the download has begun, and come back
   * where it cannot begin.
   */
  async repair({ model, record }: Located): Promise<Download> {
    const { hubRef, revision } = model;
    if (hubRef === undefined) {
      const sentence = `${model.name} isn't from Hugging Face, so it can't be downloaded again.`;
      throw new DomainError('conflict', sentence);
    }
    this.#checkIdle(model, 'repaired');
    const aside = await setAside(badFiles(record, this.#options.notes), model.path);
    try {
      const download = await this.#options.startDownload(hubRef, revision ?? 'main');
      for (const { at } of aside) await rm(at, { force: true });
      return download;
    } catch (error) {
      for (const { at, from } of aside) await rename(at, from);
      throw error;
    }
  }

  /** @returns bytes that this freed. @throws DomainError in_use, conflict, permission, bad_hash. */
  async share(target: Located, source: Located): Promise<number> {
    const { duplicates, hashFile, notes } = this.#options;
    this.#checkIdle(target.model, 'changed');
    const copy = duplicates.copiesOf(source.model.path).find(({ ref }) => ref === target.model.ref);
    if (!copy) {
      const sentence = `${target.model.name} hasn't been verified to have the same weights as ${source.model.name}.`;
      throw new DomainError('conflict', sentence);
    }
    if (copy.cannotShare !== undefined) throw new DomainError('conflict', copy.cannotShare);
    let freed = 0;
    for (const file of target.record.weights) {
      const same = source.record.weights.find(({ name }) => name === file.name);
      const sha256 = duplicates.hashOf(file);
      if (!same || sha256 === undefined) continue;
      // The file itself: a link to it stays one.
      const at = await insideOf(target.root, file.facts.file);
      const own = { ...file, facts: { ...file.facts, file: at } };
      freed += await replaceByClone(same, own, sha256, (draft, size) =>
        hashFile(draft, sha256, size, {}),
      );
      await notes.noteClone(file.facts.file);
    }
    return freed;
  }

  /** @throws DomainError in_use, with who it is. */
  #checkIdle(model: FoundModel, done: string): void {
    const { running, isDownloading, isVerifying } = this.#options;
    const names = running(model);
    if (names.length > 0) {
      const sentence = `${model.name} can't be ${done} while ${names.join(', ')} uses it. Stop it first.`;
      throw new DomainError('in_use', sentence, { data: { running: [...names] } });
    }
    if (isDownloading(model.hubRef ?? model.ref)) {
      const sentence = `${model.name} can't be ${done} while it is being downloaded. Cancel the download first.`;
      throw new DomainError('in_use', sentence, { data: { downloading: true } });
    }
    if (isVerifying(model.ref)) {
      const sentence = `${model.name} can't be ${done} while it is being verified. Cancel the verification first.`;
      throw new DomainError('in_use', sentence, { data: { verifying: true } });
    }
  }
}

function deletionOf({ ref, name, freedBytes, until }: TrashEntry): Deletion {
  return { ref, name, freedBytes, until: new Date(until).toISOString() };
}

function goneOf({ ref, name, freedBytes }: TrashEntry): Deletion {
  return { ref, name, freedBytes };
}

/** The file or folder itself. @throws DomainError conflict where a link leads out of the library's folder. */
async function insideOf(root: string, place: string): Promise<string> {
  const [base, real] = await Promise.all([realpath(root), realpath(place)]).catch(() => {
    throw new DomainError('not_found', `${place} no longer exists.`);
  });
  if (real.startsWith(base + path.sep)) return real;
  const sentence = `${place} is a link to ${real}, outside ${root}, so it was left alone.`;
  throw new DomainError('conflict', sentence);
}

/** What the last verification found bad and is still as it was, and what its own header shows to be cut off. */
function badFiles(record: ModelRecord, notes: ModelNotes): string[] {
  const { model, weights } = record;
  if (!model) return [];
  const verified = notes.verified(model.path)?.bad ?? [];
  const found = verified
    .filter(({ file, stamp }) => stampIn(record, file) === stamp)
    .map(({ file }) => file);
  // Without a header that could be read it is no whole file of weights.
  const whole = new Set(weights.map(({ name }) => name));
  const below = path.relative(record.key, model.path);
  const there = record.seen
    .filter(([name, stamp]) => path.dirname(name) === (below || '.') && stamp !== '')
    .map(([name]) => path.basename(name));
  const broken = there.filter((name) => /^model.*\.safetensors$/.test(name) && !whole.has(name));
  return [...new Set([...found, ...broken])];
}

interface Aside {
  readonly from: string;
  readonly at: string;
}

/** Moves the blobs of bad files away; of one that is a link into a store that others share, only the link. */
async function setAside(names: readonly string[], folder: string): Promise<Aside[]> {
  const aside: Aside[] = [];
  for (const name of names) {
    const link = path.join(folder, name);
    const target = await readlink(link).catch(() => undefined);
    const from = target === undefined ? link : path.resolve(path.dirname(link), target);
    const at = `${from}.${randomBytes(4).toString('hex')}.bad`;
    await rename(from, at);
    aside.push({ from, at });
  }
  return aside;
}
