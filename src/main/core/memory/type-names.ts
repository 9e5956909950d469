import { cachesOf } from './architectures';

/** The types that a package loads as another one, as its `utils.py` has them. */
export interface TypeNames {
  readonly byType: ReadonlyMap<string, string>;
  /** By the type and the name in `architectures`, with a space between them: these count first. */
  readonly byArchitecture: ReadonlyMap<string, string>;
}

/** Of the tested version of mlx-lm. */
export const MLX_LM_NAMES: TypeNames = {
  byType: new Map([
    ['mistral', 'llama'],
    ['llava', 'mistral3'],
    ['phi-msft', 'phixtral'],
    ['falcon_mamba', 'mamba'],
    ['joyai_llm_flash', 'deepseek_v3'],
    ['kimi_k2', 'deepseek_v3'],
    ['qwen2_5_vl', 'qwen2_vl'],
    ['minimax_m2', 'minimax'],
    ['iquestcoder', 'llama'],
    ['xverse', 'llama'],
    ['gemma4_unified', 'gemma4'],
    ['deepseek_v41_text', 'deepseek_v41'],
  ]),
  byArchitecture: new Map([['bailing_hybrid BailingMoeV3ForCausalLM', 'bailing_moe_v3']]),
};

/** Of the tested version of mlx-vlm. */
export const MLX_VLM_NAMES: TypeNames = {
  byType: new Map([
    ['muse_spark_open', 'muse_spark'],
    ['nemotron_h_puzzle', 'nemotron_h'],
    ['moondream1', 'moondream2'],
    ['llava_qwen2', 'fastvlm'],
    ['llava-qwen2', 'llava_bunny'],
    ['bunny-llama', 'llava_bunny'],
    ['lfm2-vl', 'lfm2_vl'],
    ['cohere2_vision', 'aya_vision'],
    ['jvlm', 'jina_vlm'],
    ['phi4-siglip', 'phi4_siglip'],
    ['sam3_video', 'sam3'],
    ['sam3.1_video', 'sam3_1'],
    ['granite-vision', 'granite_vision'],
    ['granite4-vision', 'granite4_vision'],
    ['granite4_vision', 'granite4_vision'],
    ['rf-detr', 'rfdetr'],
    ['dinov2_with_registers', 'dinov2'],
    ['falcon-perception', 'falcon_perception'],
    ['nemotronh_nano_omni_reasoning_v3', 'nemotron_h_nano_omni'],
    ['nemotron_h_omni', 'nemotron_h_nano_omni'],
    ['cohere2moe', 'cohere2_moe'],
    ['unlimited-ocr', 'unlimited_ocr'],
    ['mistral', 'llama'],
    ['phi-msft', 'phixtral'],
    ['falcon_mamba', 'mamba'],
    ['joyai_llm_flash', 'deepseek_v3'],
    ['kimi_k2', 'deepseek_v3'],
    ['minimax_m2', 'minimax'],
    ['iquestcoder', 'llama'],
    ['nemotron-nas', 'nemotron_nas'],
    ['inkling_mm_model', 'inkling'],
    ['lille-130m', 'lille_130m'],
  ]),
  byArchitecture: new Map(),
};

/**
 * The type that a model of this one is counted as: what the installed engine makes of it; where none is installed, or
 * neither it nor our table knows the type, what the tested versions make of it.
 */
export function countedAs(
  type: string,
  architectures: readonly string[],
  installed: TypeNames | undefined,
): string {
  const said = installed && mapped(installed, type, architectures);
  if (said !== undefined) return said;
  if (installed && cachesOf(type)) return type;
  return (
    mapped(MLX_LM_NAMES, type, architectures) ?? mapped(MLX_VLM_NAMES, type, architectures) ?? type
  );
}

function mapped(
  { byType, byArchitecture }: TypeNames,
  type: string,
  architectures: readonly string[],
): string | undefined {
  const named = architectures.map((name) => byArchitecture.get(`${type} ${name}`));
  return named.find((one) => one !== undefined) ?? byType.get(type);
}
