import { MASK } from './secret-mask';

/** Gets what was found and its groups; those that took no part are undefined. */
type Replacer = (found: string, ...groups: (string | undefined)[]) => string;

/**
 * What a secret looks like wherever it turns up. Everything is bounded, so that a line costs no more
 * than its length.
 */
const PATTERNS: readonly (readonly [RegExp, Replacer])[] = [
  [/\bhf_[A-Za-z0-9]{8,}/g, () => MASK],
  [/\bsk-[A-Za-z0-9_-]{8,}/g, () => MASK],
  [/\bmlxm_[A-Za-z0-9_-]{8,}/g, () => MASK],
  [/\b(?:gh[pousr]|github_pat)_[A-Za-z0-9_]{8,}/g, () => MASK],
  // After the name of the header whatever stands there is one, as JSON and Python print it too.
  [
    /(\b(?:proxy-)?authorization(?:["']\s{0,4},|["']?\s{0,4}[:=])\s{0,4}(?:b(?=["']))?["']?)(?:(basic|bearer|token|digest)\s{1,4})?([^\s"',;]+)/gi,
    (_, name = '', scheme = '') => `${name}${scheme === '' ? '' : `${scheme} `}${MASK}`,
  ],
  // A quoted text of two words, a scheme and something, is the value of a header.
  [
    /(["'])(basic|bearer)(\s{1,4})([^\s"']{1,4096})\1/gi,
    (_, quote = '', scheme = '', space = '') => `${quote}${scheme}${space}${MASK}${quote}`,
  ],
  // In a text these are words: `it only implements basic security checks`.
  [
    /\b(basic|bearer)(\s{1,4})([A-Za-z0-9._~+/-]{8,4096}={0,2})/gi,
    (found, scheme = '', space = '', value = '') =>
      isCredential(scheme, value) ? `${scheme}${space}${MASK}` : found,
  ],
  [/([a-z][a-z0-9+.-]{0,20}:\/\/)[^\s/@"']{1,512}@/gi, (_, scheme = '') => `${scheme}${MASK}@`],
  [/([#?&](?:token|key|secret|password)=)[^\s&"']+/gi, (_, name = '') => `${name}${MASK}`],
];

/** The text without what looks like a secret and without the given ones. */
export function redactSecrets(text: string, known: readonly string[] = []): string {
  let result = text;
  for (const secret of known) result = result.replaceAll(secret, MASK);
  for (const [pattern, replace] of PATTERNS) result = result.replace(pattern, replace);
  return result;
}

/** Whether what follows the name of a scheme is a credential and not the next word of a sentence. */
function isCredential(scheme: string, value: string): boolean {
  return scheme.toLowerCase() === 'basic' ? isUserAndPassword(value) : isToken(value);
}

/** RFC 7617: `user:password` in base64. */
function isUserAndPassword(value: string): boolean {
  const decoded = fromBase64(value);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: a decoded word is full of them
  return decoded.includes(':') && !/[\u0000-\u001f\u007f]/.test(decoded);
}

/** The bytes as Latin-1; nothing where it is no base64 of either alphabet. */
function fromBase64(text: string): string {
  const plain = text.replace(/[-_.~=]/g, (sign) => ({ '-': '+', _: '/' })[sign] ?? '');
  return plain.length % 4 === 1 ? '' : atob(plain);
}

/** A word has no digits, no capitals within, and an end. */
function isToken(value: string): boolean {
  return /\d/.test(value) || /[a-z][A-Z]/.test(value) || value.length >= 32;
}
