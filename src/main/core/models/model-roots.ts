import { readFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';

import type { ModelFolder } from '@shared/domain/model';
import { z } from 'zod';

import { statOf } from './disk';
import { hubCacheFolder } from './hub-cache';

type Env = Readonly<Record<string, string | undefined>>;

/** A folder that is scanned, and whose it is. */
export interface ModelRoot {
  readonly path: string;
  readonly origin: ModelFolder['origin'];
}

/** LM Studio's own setting of where it puts models (`settings.json` of its home). */
const LmStudioSettings = z.object({ downloadsFolder: z.string().min(1) });

/**
 * Every folder to look at, each once: the Hugging Face cache, those of other programs where they are, and
 * those that were added. LM Studio keeps `publisher/name` in ~/.lmstudio/models (before 0.3.3 in
 * ~/.cache/lm-studio/models), oMLX in ~/.omlx/models, Ollama its own store in OLLAMA_MODELS or
 * ~/.ollama/models.
 */
export async function modelRoots(env: Env, added: readonly string[]): Promise<ModelRoot[]> {
  const home = env.HOME ?? os.homedir();
  const lmStudio = await lmStudioHome(home);
  const chosen = await lmStudioFolder(lmStudio);
  const others: ModelRoot[] = [
    { path: path.join(lmStudio, 'models'), origin: 'lmstudio' },
    { path: path.join(home, '.lmstudio', 'models'), origin: 'lmstudio' },
    { path: path.join(home, '.cache', 'lm-studio', 'models'), origin: 'lmstudio' },
    { path: path.join(home, '.omlx', 'models'), origin: 'omlx' },
    { path: env.OLLAMA_MODELS || path.join(home, '.ollama', 'models'), origin: 'ollama' },
  ];
  const there = await Promise.all(
    others.map(async (root) => ((await isThere(root.path)) ? [root] : [])),
  );
  const roots: ModelRoot[] = [
    { path: hubCacheFolder(env), origin: 'huggingface' },
    // What LM Studio was told by a person is theirs even while its disk is not there.
    ...(chosen === undefined ? [] : [{ path: chosen, origin: 'lmstudio' as const }]),
    ...there.flat(),
    ...added.map((folder) => ({ path: folder, origin: 'added' as const })),
  ];
  return roots.filter((root, at) => roots.findIndex(({ path: p }) => p === root.path) === at);
}

async function isThere(folder: string): Promise<boolean> {
  return (await statOf(folder).catch(() => undefined))?.isDirectory() ?? false;
}

/** A person may have moved all of LM Studio: a file in their home then says where to. */
async function lmStudioHome(home: string): Promise<string> {
  const pointer = path.join(home, '.lmstudio-home-pointer');
  const text = await readFile(pointer, 'utf8').catch(() => '');
  const moved = text.trim();
  return path.isAbsolute(moved) ? path.normalize(moved) : path.join(home, '.lmstudio');
}

async function lmStudioFolder(lmStudio: string): Promise<string | undefined> {
  try {
    const text = await readFile(path.join(lmStudio, 'settings.json'), 'utf8');
    const parsed = LmStudioSettings.safeParse(JSON.parse(text));
    const folder = parsed.data?.downloadsFolder;
    return folder !== undefined && path.isAbsolute(folder) ? path.normalize(folder) : undefined;
  } catch {
    return undefined; // there is no LM Studio, or its settings are not ours to judge
  }
}
