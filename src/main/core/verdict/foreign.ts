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
  return refusal(`It is an adapter${of} and not a model: an engine loads it beside that model.`);
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
      'It is in Mistral’s own format, without config.json, which MLX engines cannot load.',
    );
  }
  const weights = all.filter((name) => name.endsWith('.safetensors'));
  if (weights.length === 0 || weights.some((name) => !name.includes('/'))) return undefined;
  const folders = [...new Set(weights.map((name) => name.split('/')[0] ?? ''))];
  const some = folders.slice(0, 3).join(', ');
  return refusal(
    `Its weights lie in folders of it (${some}), which no engine looks into: give an engine one of these folders.`,
  );
}

/** Says what a repository holds in place of weights for MLX. */
export function whatInstead(names: readonly string[]): string {
  if (names.some((name) => name.endsWith('.gguf'))) {
    return 'It holds GGUF weights, which MLX engines cannot load.';
  }
  if (names.some((name) => /\.(?:bin|pt|pth|ckpt|pkl)$/.test(name))) {
    return 'Its weights are pickled PyTorch files, which MLX engines cannot load.';
  }
  if (names.some((name) => /\.(?:onnx|mlmodel|mlpackage|tflite|h5|msgpack)(?:$|\/)/.test(name))) {
    return 'Its weights are in the format of another program.';
  }
  return 'It holds no weights (*.safetensors).';
}
