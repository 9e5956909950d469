import type { Target } from '@shared/gateway/target';

/**
 * One record of a model that every client understands: OpenAI's fields, Anthropic's, and those in which others look
 * for the context length and for what the model can do. A client that does not know a field passes over it.
 */
export function modelRecord(target: Target): Record<string, unknown> {
  const { name, contextLength, created, kind, tools, reasoning } = target;
  const createdAt = new Date(created * 1000).toISOString();
  const isChat = kind === 'text' || kind === 'vision';
  return {
    id: name,
    object: 'model',
    type: 'model',
    created,
    created_at: createdAt,
    owned_by: 'mlx-manager',
    display_name: name,
    name,
    description: `${name} (${target.engine}, ${target.state})`,
    ...(contextLength !== undefined && {
      context_length: contextLength,
      context_window: contextLength,
      max_model_len: contextLength,
      max_input_tokens: contextLength,
      meta: { n_ctx: contextLength },
    }),
    capabilities: {
      vision: kind === 'vision',
      ...(tools !== undefined && { function_calling: tools }),
      ...(reasoning !== undefined && { reasoning }),
    },
    architecture: {
      input_modalities:
        kind === 'vision' ? ['text', 'image'] : kind === 'speech' ? ['audio'] : ['text'],
      output_modalities: kind === 'embedding' ? ['embeddings'] : ['text'],
    },
    supported_parameters: isChat
      ? [
          'temperature',
          'top_p',
          'max_tokens',
          'stop',
          'seed',
          ...(tools === false ? [] : ['tools', 'tool_choice']),
        ]
      : [],
    status: { value: target.address ? 'loaded' : target.state },
  };
}

/** The list of models, in the envelope of both OpenAI and Anthropic. */
export function modelList(targets: readonly Target[]): Record<string, unknown> {
  const data = targets.map(modelRecord);
  return {
    object: 'list',
    data,
    has_more: false,
    first_id: data[0]?.id ?? null,
    last_id: data.at(-1)?.id ?? null,
  };
}
