import { readdir, readFile, stat } from 'node:fs/promises';
import path from 'node:path';

import { expandPath, huggingFaceHome } from '../hub/hf-home';

type Env = Readonly<Record<string, string | undefined>>;

/** The Hugging Face cache that Python's huggingface_hub would use (its `constants.py`). */
export function hubCacheFolder(env: Env): string {
  const direct = env.HF_HUB_CACHE || env.HUGGINGFACE_HUB_CACHE;
  return direct ? expandPath(direct, env) : path.join(huggingFaceHome(env), 'hub');
}

/** `org/name` of a cache folder `models--org--name`; undefined for data sets and others. */
export function repoOfFolder(folder: string): string | undefined {
  const parts = folder.split('--');
  return parts.length === 3 && parts[0] === 'models' ? `${parts[1]}/${parts[2]}` : undefined;
}

/** The cache folder of a repository. */
export function folderOfRepo(hub: string, repo: string): string {
  return path.join(hub, `models--${repo.replace('/', '--')}`);
}

/**
 * The snapshots of a repository: first the one that it stands for, that of `refs/main`, then the newest ones (some
 * programs write no refs). Empty when nothing was downloaded yet.
 */
export async function snapshotsOf(repoFolder: string): Promise<string[]> {
  const snapshots = path.join(repoFolder, 'snapshots');
  const commit = await readFile(path.join(repoFolder, 'refs', 'main'), 'utf8').catch(() => '');
  const names = await readdir(snapshots).catch(() => []);
  const dated = await Promise.all(
    names.map(async (name) => {
      const folder = path.join(snapshots, name);
      const info = await stat(folder).catch(() => undefined);
      return info?.isDirectory()
        ? [{ folder, at: info.mtimeMs, isMain: name === commit.trim() }]
        : [];
    }),
  );
  // Two of the same time have an order all the same.
  return dated
    .flat()
    .sort(
      (a, b) =>
        Number(b.isMain) - Number(a.isMain) || b.at - a.at || (a.folder < b.folder ? -1 : 1),
    )
    .map(({ folder }) => folder);
}
