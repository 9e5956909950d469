import { createHash } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { systemClock } from '@core/clock';
import { ModelLibrary, type ModelLibraryOptions } from '@core/models/model-library';
import type { Clock, Logger } from '@core/ports';
import { NoticeBoard } from '@core/settings/notice-board';
import { createDocumentStore } from '@host/document-store';
import { createFileVault } from '@host/file-vault';
import type { VerifyJob } from '@shared/domain/model';

const quiet: Logger = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
  child: () => quiet,
};

/** A library on a home of its own; what the rest of the program would say is set by the test. */
export interface LibraryHarness {
  readonly root: string;
  readonly hub: string;
  readonly env: Record<string, string>;
  readonly added: string[];
  /** Names of profiles by the model they use, and of those whose servers run. */
  readonly users: Map<string, string[]>;
  readonly running: Map<string, string[]>;
  readonly downloading: Set<string>;
  readonly jobs: VerifyJob[];
  /** Files that were hashed, in order. */
  readonly hashed: string[];
  readonly clock: Clock & { ahead: number };
  changes: number;
  library: ModelLibrary;
  /** A new library on the same home, as after a start of the program. */
  again(changes?: Partial<ModelLibraryOptions>): Promise<ModelLibrary>;
  close(): Promise<void>;
}

/** The hash that the thread of the downloads would make. */
export async function hashOf(file: string, etag: string, size: number): Promise<string> {
  const hash = createHash(etag.length === 64 ? 'sha256' : 'sha1');
  if (etag.length === 40) hash.update(`blob ${size}\0`);
  return hash.update(await readFile(file)).digest('hex');
}

export async function createLibrary(
  changes: Partial<ModelLibraryOptions> = {},
): Promise<LibraryHarness> {
  const root = await mkdtemp(path.join(tmpdir(), 'mm-library ü-'));
  const home = path.join(root, 'home');
  const hub = path.join(root, 'hf', 'hub');
  const clock = {
    ...systemClock,
    ahead: 0,
    now: () => Date.now() + clock.ahead,
  };
  const harness: Omit<LibraryHarness, 'library'> = {
    root,
    hub,
    env: { HF_HUB_CACHE: hub, HOME: root },
    added: [],
    users: new Map(),
    running: new Map(),
    downloading: new Set(),
    jobs: [],
    hashed: [],
    clock,
    changes: 0,
    async again(more = {}) {
      await whole.library.stop();
      whole.library = make({ ...changes, ...more });
      await whole.library.load();
      return whole.library;
    },
    async close() {
      await whole.library.stop();
      await rm(root, { recursive: true, force: true });
    },
  };
  const make = (more: Partial<ModelLibraryOptions>): ModelLibrary =>
    new ModelLibrary({
      ports: {
        host: 'headless',
        version: '0',
        paths: {
          ...{ home, documents: home, engines: home, logs: home, run: home, socket: home },
          models: path.join(home, 'models'),
          cache: path.join(home, 'cache'),
        },
        resources: '/nowhere',
        vault: createFileVault('/nowhere'),
        clock,
        logger: quiet,
        document: () => createDocumentStore(home, 'unused'),
        env: harness.env,
      },
      document: createDocumentStore(home, 'models'),
      notices: new NoticeBoard({ clock, publish: () => undefined }),
      folders: () => harness.added,
      usedBy: (ref) => harness.users.get(ref) ?? [],
      running: (ref) => harness.running.get(ref) ?? [],
      isDownloading: (ref) => harness.downloading.has(ref),
      startDownload: () => Promise.reject(new Error('nothing is downloaded here')),
      hashFile: (file, etag, size) => {
        harness.hashed.push(file);
        return hashOf(file, etag, size);
      },
      unusedDays: () => 30,
      mayWrite: () => true,
      publishChanged: () => {
        whole.changes += 1;
      },
      publishJob: (job) => harness.jobs.push(job),
      ...more,
    });
  const whole: LibraryHarness = Object.assign(harness, { library: make(changes) });
  await whole.library.load();
  return whole;
}
