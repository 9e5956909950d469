import { MASK } from '@shared/domain/secret';

/** What a secret looks like wherever it turns up: Hugging Face and API tokens, headers, userinfo of URLs. */
const PATTERNS: readonly (readonly [RegExp, string])[] = [
  [/\bhf_[A-Za-z0-9]{8,}/g, MASK],
  [/\bsk-[A-Za-z0-9_-]{8,}/g, MASK],
  [/\b(Bearer|Basic)\s+[A-Za-z0-9._~+/=-]+/gi, `$1 ${MASK}`],
  // Bounded, so that a long line of letters costs no more than its length.
  [/([a-z][a-z0-9+.-]{0,20}:\/\/)[^\s/@"']{1,512}@/gi, `$1${MASK}@`],
  [/([#?&](?:token|key|secret|password)=)[^\s&"']+/gi, `$1${MASK}`],
];

/** The text without what looks like a secret and without the given ones. */
export function redactSecrets(text: string, known: readonly string[] = []): string {
  let result = text;
  for (const secret of known) result = result.replaceAll(secret, MASK);
  for (const [pattern, replacement] of PATTERNS) result = result.replace(pattern, replacement);
  return result;
}
