import { mlxOpenaiServer } from '@core/engines/adapters/mlx-openai-server';
import type { ModelKind } from '@shared/domain/hub';
import { expect, it } from 'vitest';

const argv = (modelKind: ModelKind | undefined, options: Record<string, string> = {}) =>
  mlxOpenaiServer.command({
    ...{ bin: '/b', modelPath: '/m', host: '127.0.0.1', port: 1, options, modelKind },
    known: [],
    extraArgs: [],
  }).args;
const typeOf = (args: readonly string[]): string | undefined =>
  args[args.indexOf('--model-type') + 1];

it.each([
  ['text', 'lm', '/v1/chat/completions'],
  [undefined, 'lm', '/v1/chat/completions'],
  ['vision', 'multimodal', '/v1/chat/completions'],
  ['embedding', 'embeddings', '/v1/embeddings'],
  ['audio', 'whisper', undefined],
  ['image', 'image-generation', undefined],
] as const)('serves a model for %s as %s, and proves it by %s', (kind, type, path) => {
  expect(typeOf(argv(kind))).toBe(type);
  expect(mlxOpenaiServer.proof?.('/m', kind)?.path).toBe(path);
});

it('leaves the type to the profile that names one', () => {
  expect(argv('text', { 'model-type': 'multimodal' })).not.toContain('lm');
});
