import { isObject, parsed } from './json-object';
import type { ModelSource } from './model-source';
import { type Problem, refusal } from './problem';
import { isPartialWeights } from './unfinished';
import { INDEX } from './weights-index';

/** An adapter, with the model that it was made for. */
export async function adapterProblem(source: ModelSource): Promise<Problem> {
  const text = await source.text('adapter_config.json');
  const config = text === undefined ? undefined : parsed(text);
  const base = isObject(config) ? (config.base_model_name_or_path ?? config.model) : undefined;
  const of = typeof base === 'string' ? ` for ${base.slice(0, 200)}` : '';
  return refusal(
    `This is an adapter${of}, not a model. An engine loads it together with its model.`,
  );
}

/** Files by whether they are there or are links to files that are gone. */
interface Names {
  readonly names: readonly string[];
  readonly gone: readonly string[];
}

/** Why no package here can load what is there, whatever else came; undefined for what may be a model. */
export function foreignProblem({ names, gone }: Names): Problem | undefined {
  const all = [...names, ...gone];
  const isOurs = all.some(
    (name) =>
      name.endsWith('.safetensors') ||
      name === 'weights.npz' ||
      name === INDEX ||
      isPartialWeights(name),
  );
  if (!isOurs) return refusal(whatInstead(names));
  if (names.includes('config.json') || all.includes('model_index.json')) return undefined;
  if (
    names.includes('params.json') &&
    names.some((name) => /^consolidated.*\.safetensors$/.test(name))
  ) {
    return refusal(
      'This model is in Mistral’s own format, without config.json, which MLX engines can’t load.',
    );
  }
  const weights = all.filter((name) => name.endsWith('.safetensors'));
  if (weights.length === 0 || weights.some((name) => !name.includes('/'))) return undefined;
  const folders = [...new Set(weights.map((name) => name.split('/')[0] ?? ''))];
  const some = folders.slice(0, 3).join(', ');
  return refusal(
    `Its weights are in subfolders (${some}), where engines don’t look. Use one of these folders instead.`,
  );
}

/** Says what a repository holds in place of weights for MLX. */
export function whatInstead(names: readonly string[]): string {
  if (names.some((name) => name.endsWith('.gguf'))) {
    return 'The weights are in GGUF format, which MLX engines can’t load.';
  }
  if (names.some((name) => /\.(?:bin|pt|pth|ckpt|pkl)$/.test(name))) {
    return 'The weights are pickled PyTorch files, which MLX engines can’t load.';
  }
  if (names.some((name) => /\.(?:onnx|mlmodel|mlpackage|tflite|h5|msgpack)(?:$|\/)/.test(name))) {
    return 'The weights are in another program’s format.';
  }
  return 'It contains no weights (*.safetensors).';
}
