import { readdir } from 'node:fs/promises';
import path from 'node:path';

import { ifThere } from '../checks/disk';
import { folderSize } from './folder-size';

/** Where uv unpacks a package while it arrives: `.tmpAbCdEf`. */
const UNPACKING = /^\.tmp/;
/** Where it keeps packages that are whole, a folder each. */
const WHOLE = /^archive-v\d+$/;

export interface Growth {
  readonly packages: number;
  readonly bytes: number;
}

/** What uv has put into its cache since a moment. Only what is new is looked at: a cache may hold millions of files. */
export class CacheGrowth {
  readonly #folder: string;
  readonly #before: ReadonlySet<string>;
  /** Bytes of whole packages, which do not change any more. */
  readonly #whole = new Map<string, number>();

  private constructor(folder: string, before: ReadonlySet<string>) {
    this.#folder = folder;
    this.#before = before;
  }

  static async since(folder: string): Promise<CacheGrowth> {
    const { whole, unpacking } = await entriesOf(folder);
    return new CacheGrowth(folder, new Set([...whole, ...unpacking]));
  }

  /** Rejects with the system's error where a part of it cannot be read. */
  async look(): Promise<Growth> {
    const { whole, unpacking } = await entriesOf(this.#folder);
    const isNew = (name: string): boolean => !this.#before.has(name);
    const arriving = await Promise.all(
      unpacking.filter(isNew).map((name) => folderSize(path.join(this.#folder, name))),
    );
    for (const name of whole.filter(isNew)) {
      if (!this.#whole.has(name)) {
        this.#whole.set(name, await folderSize(path.join(this.#folder, name)));
      }
    }
    const bytes = [...arriving, ...this.#whole.values()].reduce((sum, size) => sum + size, 0);
    return { packages: this.#whole.size, bytes };
  }
}

/** Paths in the cache. */
async function entriesOf(folder: string): Promise<{ whole: string[]; unpacking: string[] }> {
  const namesIn = async (at: string): Promise<string[]> => (await ifThere(readdir(at))) ?? [];
  const names = await namesIn(folder);
  const whole = names
    .filter((name) => WHOLE.test(name))
    .map(async (name) =>
      (await namesIn(path.join(folder, name))).map((one) => path.join(name, one)),
    );
  return {
    whole: (await Promise.all(whole)).flat(),
    unpacking: names.filter((name) => UNPACKING.test(name)),
  };
}
