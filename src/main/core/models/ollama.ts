import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';

import { z } from 'zod';

import { inParallel } from '../ports/in-parallel';
import { LOOKS } from './disk';
import type { FoundModel } from './model-record';

/**
 * A manifest of Ollama's store: `manifests/HOST/NAMESPACE/NAME/TAG`. Its MLX models have one layer of this
 * type per tensor, each a safetensors file of its own named by its digest; GGUF ones have `image.model`.
 */
const TENSOR = 'application/vnd.ollama.image.tensor';
const Manifest = z.object({
  layers: z.array(z.object({ mediaType: z.string(), size: z.number().nonnegative().default(0) })),
});
const DEPTH = 4;

const WHY =
  'Ollama stores each tensor in a separate file, but the engines need a folder with model.safetensors. Download the model from Hugging Face to run it here.';

/** MLX models in Ollama's store. They are shown because they take room; no engine can be given them. */
export async function scanOllama(
  root: string,
): Promise<{ models: FoundModel[]; folders: string[] }> {
  const folders: string[] = [root];
  const manifests: string[] = [];
  const visit = async (folder: string, depth: number): Promise<void> => {
    const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
    folders.push(folder);
    for (const entry of entries) {
      const at = path.join(folder, entry.name);
      if (entry.isDirectory() && depth < DEPTH) await visit(at, depth + 1);
      else if (entry.isFile() && depth === DEPTH) manifests.push(at);
    }
  };
  await visit(path.join(root, 'manifests'), 1);
  const models: FoundModel[] = [];
  await inParallel(manifests, LOOKS, async (file) => {
    const model = await readManifest(root, file);
    if (model) models.push(model);
  });
  return { models, folders };
}

async function readManifest(root: string, file: string): Promise<FoundModel | undefined> {
  const text = await readFile(file, 'utf8').catch(() => '');
  const layers = parseLayers(text);
  if (!layers.some(({ mediaType }) => mediaType === TENSOR)) return undefined;
  const [host, namespace, name, tag] = path
    .relative(path.join(root, 'manifests'), file)
    .split(path.sep);
  const owner = namespace === 'library' ? '' : `${namespace}/`;
  const place = host === 'registry.ollama.ai' ? '' : `${host}/`;
  const shown = `${place}${owner}${name}:${tag}`;
  return {
    ref: `ollama:${shown}`,
    name: shown,
    path: file,
    sizeBytes: layers.reduce((sum, { size }) => sum + size, 0),
    complete: false,
    state: 'unusable',
    unusable: WHY,
    origin: 'ollama',
    folder: root,
  };
}

function parseLayers(text: string): z.infer<typeof Manifest>['layers'] {
  try {
    return Manifest.safeParse(JSON.parse(text)).data?.layers ?? [];
  } catch {
    return []; // no manifest, whatever it is
  }
}
