/** Engines that are installed; `custom` runs any program instead. Without zod, for the screens. */
export const INSTALLABLE_IDS = ['mlx-lm', 'mlx-vlm', 'vllm-mlx', 'mlx-openai-server'] as const;
export const ENGINE_IDS = [...INSTALLABLE_IDS, 'custom'] as const;
