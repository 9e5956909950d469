import { readdir } from 'node:fs/promises';
import path from 'node:path';

import type { Logger, Ports } from '../ports';
import { Background } from '../ports/background';
import { FolderWatch } from './folder-watch';
import { LibraryMemory, type Memory, type RootMemory } from './library-memory';
import type { FoundModel, ModelRecord } from './model-record';
import { type ModelRoot, modelRoots } from './model-roots';
import { isMounted, mountOf } from './mounts';
import { type ScanContext, type ScanResult, scanRoot } from './scan';
import type { WeightsCheck } from './weights-check';

/** Where nothing tells of changes, a result older than this is read again, ms. */
const STALE_MS = 10_000;

export interface LibraryScanOptions {
  readonly ports: Pick<Ports, 'clock' | 'env' | 'paths'>;
  readonly logger: Logger;
  readonly weights: WeightsCheck;
  /** Folders that the person added. */
  readonly folders: () => readonly string[];
  /** Whether something may be written into the data folder. */
  readonly mayWrite: () => boolean;
  readonly scanned: (scan: Scanned, isNews: boolean) => void;
}

export interface Scanned {
  readonly results: readonly ScanResult[];
  /** By the folder that each is of. */
  readonly records: ReadonlyMap<string, ModelRecord>;
  readonly at: number;
}

/** Keeps the library as the disks have it: reads what changed, remembers the rest. */
export class LibraryScan {
  readonly #options: LibraryScanOptions;
  readonly #memory: LibraryMemory;
  readonly #watch: FolderWatch;
  readonly #background: Background;
  #roots: ReadonlyMap<string, RootMemory> = new Map();
  #records: ReadonlyMap<string, ModelRecord> | undefined;
  #scanned: Scanned | undefined;
  #scanning: Promise<Scanned> | undefined;
  #writing: Promise<void> = Promise.resolve();
  #again = false;
  #isRunning = false;
  /** Something changed on disk since the last scan began. */
  #isStale = false;
  /** The records in whose folders it changed. */
  #dirty = new Set<string>();

  constructor(options: LibraryScanOptions) {
    this.#options = options;
    this.#background = new Background(options.logger);
    this.#memory = new LibraryMemory(options.ports.paths.cache, options.logger);
    this.#watch = new FolderWatch({
      clock: options.ports.clock,
      logger: options.logger,
      touched: (place) => this.#touched(place),
      changed: () => this.#scanLater(),
    });
  }

  get last(): Scanned | undefined {
    return this.#scanned;
  }

  start(): void {
    this.#isRunning = true;
    this.#scanLater();
  }

  async stop(): Promise<void> {
    this.#isRunning = false;
    this.#watch.close();
    await this.#background.stop();
    // Whoever asked for a scan hears of its failure.
    await this.#scanning?.catch(() => undefined);
    this.#watch.close();
    await this.#writing;
  }

  /** The library as it is now. */
  async current(): Promise<Scanned> {
    const known = this.#scanned;
    if (!known) return this.#scanning ?? this.scan();
    const age = this.#options.ports.clock.monotonic() - known.at;
    // Nothing tells of a disk that is mounted where a folder stands.
    const isTold =
      this.#isRunning &&
      this.#watch.isComplete &&
      known.results.every(({ state }) => state === 'ok');
    return !this.#isStale && (isTold || age < STALE_MS) ? known : this.scan();
  }

  /** One scan at a time; a request during one is answered by another that begins after it. */
  scan(): Promise<Scanned> {
    if (this.#scanning) {
      this.#again = true;
      return this.#scanning;
    }
    this.#scanning = this.#scanUntilQuiet().finally(() => {
      this.#scanning = undefined;
    });
    return this.#scanning;
  }

  async #scanUntilQuiet(): Promise<Scanned> {
    let scanned: Scanned;
    do {
      this.#again = false;
      scanned = await this.#scanOnce();
    } while (this.#again);
    return scanned;
  }

  async #scanOnce(): Promise<Scanned> {
    const { ports, folders, scanned: tell } = this.#options;
    const known = await this.#known();
    this.#isStale = false;
    const dirty = this.#dirty;
    this.#dirty = new Set();
    const context: ScanContext = {
      weights: this.#options.weights,
      known: (key) => known.get(key),
      isQuiet: (key) => this.#isQuiet(known.get(key), dirty),
      met: new Set(),
    };
    const results: ScanResult[] = [];
    for (const root of await modelRoots(ports.env, folders())) {
      results.push((await this.#absent(root, known)) ?? (await scanRoot(root, context)));
    }
    const records = new Map(results.flatMap((one) => one.records).map((one) => [one.key, one]));
    const before = this.#scanned;
    const scanned = { results, records, at: ports.clock.monotonic() };
    this.#records = records;
    this.#scanned = scanned;
    await this.#remember(scanned);
    if (this.#isRunning) {
      const roots = results.filter(({ state }) => state === 'ok').map(({ root }) => root.path);
      await this.#watch.set(
        results.flatMap(({ watched }) => watched),
        roots,
      );
    }
    tell(scanned, before !== undefined && shown(before) !== shown(scanned));
    return scanned;
  }

  async #known(): Promise<ReadonlyMap<string, ModelRecord>> {
    if (!this.#records) {
      const { roots, records } = await this.#memory.read();
      this.#roots = roots;
      this.#records = records;
    }
    return this.#records;
  }

  #isQuiet(record: ModelRecord | undefined, dirty: ReadonlySet<string>): boolean {
    if (!this.#isRunning || !record || record.racy || dirty.has(record.key)) return false;
    return record.watched.length > 0 && record.watched.every((one) => this.#watch.covers(one));
  }

  /** What is known of a folder whose disk is not there now; undefined where the folder can be scanned. */
  async #absent(
    root: ModelRoot,
    known: ReadonlyMap<string, ModelRecord>,
  ): Promise<ScanResult | undefined> {
    const mount = this.#roots.get(root.path)?.mount;
    if (mount === undefined || (await isMounted(mount).catch(() => true))) return undefined;
    // The place may have been filled without the disk.
    if ((await readdir(root.path).catch(() => [])).length > 0) return undefined;
    const records = [...known.values()].filter((record) => record.root === root.path);
    const disk = path.basename(mount);
    const models = records.flatMap(({ model }) => (model ? [unmounted(model)] : []));
    const watched = [path.dirname(mount)];
    return { root, state: 'missing', disk, models, records, watched };
  }

  async #remember(scanned: Scanned): Promise<void> {
    const roots = new Map<string, RootMemory>();
    for (const { root, state } of scanned.results) {
      const before = this.#roots.get(root.path);
      const mount =
        state === 'ok' ? await mountOf(root.path).catch(() => undefined) : before?.mount;
      if (mount !== undefined) roots.set(root.path, { mount });
    }
    this.#roots = roots;
    if (!this.#options.mayWrite()) return;
    const memory: Memory = { roots, records: scanned.records };
    this.#writing = this.#writing.then(() => this.#memory.write(memory));
  }

  #touched(place: string): void {
    this.#isStale = true;
    for (let at = place; at !== path.dirname(at); at = path.dirname(at)) {
      if (!this.#records?.has(at)) continue;
      this.#dirty.add(at);
      return;
    }
  }

  /** A scan that nobody waits for. */
  #scanLater(): void {
    if (!this.#isRunning) return;
    this.#background.run('scan the models', () => this.scan());
  }
}

function unmounted(model: FoundModel): FoundModel {
  const { missing: _, damaged: __, ...rest } = model;
  return { ...rest, complete: false, state: 'unmounted' };
}

function shown({ results }: Scanned): string {
  return JSON.stringify(results.map(({ root, state, models }) => [root, state, models]));
}
