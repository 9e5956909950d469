import { isNamed } from './model-config';
import type { Loader } from './loaders';

type Part = Readonly<Record<string, unknown>>;

/** How weights may be quantised that are not in MLX's own way (mlx_lm/utils.py, load_model). */
const FOREIGN_METHODS: Readonly<Record<string, (part: Part) => string | undefined>> = {
  'compressed-tensors': ({ format }) =>
    ['nvfp4-pack-quantized', 'mxfp4-pack-quantized', 'pack-quantized'].includes(String(format))
      ? undefined
      : `${String(format)} of compressed-tensors`,
  modelopt: (part) => {
    const settings = asPart(part.quantization) ?? part;
    const algorithm = String(settings.quant_algo);
    return algorithm === 'NVFP4' ? undefined : `${algorithm} of ModelOpt`;
  },
  awq: ({ bits }) => ((bits ?? 4) === 4 ? undefined : `AWQ of ${String(bits)} bits`),
  gptq: ({ bits }) => ((bits ?? 4) === 4 ? undefined : `GPTQ of ${String(bits)} bits`),
};

/**
 * Why a package cannot load weights that are quantised as the config says; undefined where it can, or where only
 * the load can tell.
 * @param hasSideFile whether there is a hf_quant_config.json, as ModelOpt writes it.
 */
export function quantisationProblem(
  config: Part,
  loader: Loader,
  hasSideFile: boolean,
): string | undefined {
  if (config.text_config === null && (loader === 'mlx_vlm' || !('quantization_config' in config))) {
    return 'the text_config of its config.json is null';
  }
  const own = asPart(config.quantization);
  if (own) {
    const lacks = ['group_size', 'bits'].find((name) => typeof own[name] !== 'number');
    return lacks === undefined ? undefined : `its quantization has no ${lacks}`;
  }
  if (loader !== 'mlx_lm') return undefined;
  const foreign =
    asPart(config.quantization_config) ?? asPart(asPart(config.text_config)?.quantization_config);
  if (!foreign && hasSideFile && !('quantization_config' in config)) {
    return 'its quantization is described only in hf_quant_config.json';
  }
  if (!foreign || Object.keys(foreign).length === 0) return undefined;
  if (typeof foreign.quant_method !== 'string')
    return 'its quantization_config names no quant_method';
  const found = FOREIGN_METHODS[foreign.quant_method]?.(foreign);
  return found === undefined ? undefined : `its weights are quantized as ${found}`;
}

function asPart(value: unknown): Part | undefined {
  return isNamed(value) && typeof value === 'object' && !Array.isArray(value)
    ? (value as Part)
    : undefined;
}
