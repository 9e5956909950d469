import { readdir, readFile, stat } from 'node:fs/promises';
import path from 'node:path';

/** A folder that holds a model, and what a profile calls it. */
export interface FoundModel {
  readonly ref: string;
  readonly name: string;
  readonly path: string;
}

export interface FolderScan {
  readonly state: 'ok' | 'missing' | 'unreadable';
  readonly models: readonly FoundModel[];
}

/** Levels below an added folder that are looked into: `publisher/model` and one more. */
const MAX_DEPTH = 3;

/** The environment variables of huggingface_hub (constants.py), in its order of precedence. */
export function hubCacheFolder(
  env: Readonly<Record<string, string | undefined>>,
  home: string,
): string {
  const cache = env.HF_HUB_CACHE ?? env.HUGGINGFACE_HUB_CACHE;
  if (cache) return path.resolve(cache);
  const base =
    env.HF_HOME ?? path.join(env.XDG_CACHE_HOME ?? path.join(home, '.cache'), 'huggingface');
  return path.resolve(base, 'hub');
}

/** Models of the Hugging Face cache: the snapshot that `refs/main` names, else the newest one. */
export async function scanHubCache(folder: string): Promise<FolderScan> {
  const entries = await list(folder);
  if (!Array.isArray(entries)) return { state: entries, models: [] };
  const models: FoundModel[] = [];
  for (const entry of entries) {
    const match = /^models--([^/]+?)--(.+)$/.exec(entry.name);
    if (!match || !entry.isDirectory()) continue;
    const [, owner = '', rest = ''] = match;
    const snapshot = await currentSnapshot(path.join(folder, entry.name));
    if (!snapshot || !(await mayBeModel(snapshot))) continue;
    const name = rest.replaceAll('--', '/');
    models.push({ ref: `${owner}/${name}`, name, path: snapshot });
  }
  return { state: 'ok', models };
}

/** Models in a folder that a person added; LM Studio's `publisher/model` is found as well. */
export async function scanFolder(folder: string): Promise<FolderScan> {
  const entries = await list(folder);
  if (!Array.isArray(entries)) return { state: entries, models: [] };
  const models: FoundModel[] = [];
  await walk(folder, 0, models);
  return { state: 'ok', models };
}

async function walk(folder: string, depth: number, models: FoundModel[]): Promise<void> {
  const entries = await list(folder);
  if (!Array.isArray(entries)) return;
  if (
    entries.some((entry) => entry.name === 'config.json') &&
    hasWeights(entries.map((e) => e.name))
  ) {
    models.push({ ref: folder, name: path.basename(folder), path: folder });
    return;
  }
  if (depth >= MAX_DEPTH) return;
  for (const entry of entries) {
    if (entry.isDirectory() && !entry.name.startsWith('.')) {
      await walk(path.join(folder, entry.name), depth + 1, models);
    }
  }
}

function hasWeights(names: readonly string[]): boolean {
  return names.some((name) => /\.safetensors(\.index\.json|\.incomplete)?$/.test(name));
}

async function mayBeModel(snapshot: string): Promise<boolean> {
  const entries = await list(snapshot);
  if (!Array.isArray(entries)) return false;
  const names = entries.map((entry) => entry.name);
  return names.includes('config.json') || hasWeights(names);
}

async function currentSnapshot(repo: string): Promise<string | undefined> {
  const main = await readFile(path.join(repo, 'refs', 'main'), 'utf8').catch(() => undefined);
  const snapshots = path.join(repo, 'snapshots');
  if (main && /^[0-9a-f]{40}$/.test(main.trim())) {
    const named = path.join(snapshots, main.trim());
    if (
      await stat(named).then(
        (info) => info.isDirectory(),
        () => false,
      )
    )
      return named;
  }
  const entries = await list(snapshots);
  if (!Array.isArray(entries)) return undefined;
  const dated = await Promise.all(
    entries.map(async ({ name }) => {
      const folder = path.join(snapshots, name);
      const info = await stat(folder).catch(() => undefined);
      return { folder, time: info?.isDirectory() ? info.mtimeMs : -1 };
    }),
  );
  return dated.filter(({ time }) => time >= 0).sort((a, b) => b.time - a.time)[0]?.folder;
}

async function list(folder: string) {
  try {
    return await readdir(folder, { withFileTypes: true });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    return code === 'ENOENT' || code === 'ENOTDIR' ? 'missing' : 'unreadable';
  }
}
