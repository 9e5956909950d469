/** The answer of `POST /v1/messages/count_tokens`: tokens of the prompt, those in a cache among them. */
export function countAnswer(promptTokens: number): { readonly input_tokens: number } {
  return { input_tokens: promptTokens };
}
