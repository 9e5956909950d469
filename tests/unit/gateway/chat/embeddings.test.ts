import { RequestRefused } from '@gateway/conversation/refusal';
import { embeddingEdits, embeddingsAnswer, readEmbedding } from '@gateway/dialects/chat/embeddings';
import { quirksOf } from '@gateway/engines/quirks';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

const floats = fc.array(fc.array(fc.float({ noNaN: true })), { minLength: 1 });
const engineJson = (lists: readonly unknown[]): unknown => ({
  data: lists.map((embedding, index) => ({ object: 'embedding', index, embedding })),
  usage: { prompt_tokens: 3, total_tokens: 3 },
});

describe('embeddings', () => {
  it('are base64 of little-endian floats where that is asked for', () => {
    fc.assert(
      fc.property(floats, (lists) => {
        const { data } = embeddingsAnswer(engineJson(lists), 'base64', 'm');
        const decoded = data.map(({ embedding }) => {
          const bytes = Uint8Array.from(Buffer.from(String(embedding), 'base64'));
          return [...new Float32Array(bytes.buffer)];
        });
        expect(decoded).toEqual(lists);
        // An engine that gives base64 unasked is understood too.
        const again = embeddingsAnswer(engineJson(data.map((one) => one.embedding)), 'float', 'm');
        expect(again.data.map(({ embedding }) => embedding)).toEqual(lists);
      }),
    );
  });

  it('are numbers else, with the name that was asked for', () => {
    expect(embeddingsAnswer(engineJson([[1, 0.5]]), 'float', 'm')).toEqual({
      object: 'list',
      data: [{ object: 'embedding', index: 0, embedding: [1, 0.5] }],
      model: 'm',
      usage: { prompt_tokens: 3, total_tokens: 3 },
    });
  });

  it.each([[null], [{}], [{ data: [{}] }], [{ data: [{ embedding: ['a'] }] }]])(
    '%j has none',
    (json) => {
      expect(() => embeddingsAnswer(json, 'float', 'm')).toThrow(
        expect.objectContaining({ refusal: expect.objectContaining({ status: 502 }) }),
      );
    },
  );

  it('are asked for as numbers, of texts', () => {
    const text = '{"input": ["a"], "model":"m","encoding_format":"base64"}';
    const body: unknown = JSON.parse(text);
    const request = readEmbedding(body);
    expect(request).toMatchObject({ encodingFormat: 'base64', input: { texts: ['a'] } });
    expect(embeddingEdits(text, body, request, quirksOf('mlx-vlm'), 'x')).toBe(
      '{"input": ["a"], "model":"x","encoding_format":"float"}',
    );
    const tokens = { input: [1, 2], model: 'm' };
    expect(readEmbedding(tokens).input).toEqual({ kind: 'tokens', tokens: [[1, 2]] });
    const ask = (engine: string) =>
      embeddingEdits(JSON.stringify(tokens), tokens, readEmbedding(tokens), quirksOf(engine), 'm');
    expect(ask('custom')).toBe(JSON.stringify(tokens));
    expect(() => ask('vllm-mlx')).toThrow(RequestRefused);
    for (const input of [undefined, [], [['a']], 7])
      expect(() => readEmbedding({ model: 'm', input })).toThrow(RequestRefused);
  });
});
