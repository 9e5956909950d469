import type { ProofRequest } from './adapter';

/** One token of a chat completion, which every engine here has. */
export const chatProof = (model: string): ProofRequest => ({
  path: '/v1/chat/completions',
  body: { model, messages: [{ role: 'user', content: 'hi' }], max_tokens: 1, stream: false },
  answersWith: 'choices',
});
