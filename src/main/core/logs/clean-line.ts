import { redactSecrets } from './redact';

/** A longer line is cut: no engine says anything that long to a person. */
export const MAX_LINE_CHARS = 8192;

// biome-ignore lint/suspicious/noControlCharactersInRegex: terminal escapes are what is removed
const ANSI = /\u001b(?:\[[0-?]*[ -/]*[@-~]|\][^\u0007\u001b]*(?:\u0007|\u001b\\)?|[@-Z\\-_])/g;
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is removed
const CONTROLS = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g;
/** Characters that reorder text (Trojan Source): shown by their number instead. */
const BIDI = /[\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;

/**
 * One line as a person may see it: the last part of a progress line, without terminal escapes and
 * control characters, secrets masked, at most {@link MAX_LINE_CHARS} characters.
 */
export function cleanLine(raw: string): string {
  const capped = raw.length > MAX_LINE_CHARS * 2 ? raw.slice(0, MAX_LINE_CHARS * 2) : raw;
  const last = lastSegment(capped.replace(ANSI, ''));
  const text = last
    .replace(CONTROLS, '')
    .replace(BIDI, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`);
  const cut = raw.length > MAX_LINE_CHARS ? `${text.slice(0, MAX_LINE_CHARS)} … (line cut)` : text;
  return redactSecrets(cut);
}

/** What a terminal would show of a line that overwrote itself with carriage returns. */
function lastSegment(text: string): string {
  if (!text.includes('\r')) return text;
  const parts = text.split('\r').filter((part) => part.trim() !== '');
  return parts.at(-1) ?? '';
}

/** How grave a line is, by the words that logs use. */
export function levelOf(text: string): 'error' | 'warning' | undefined {
  if (
    /\b(ERROR|CRITICAL|FATAL)\b|^Traceback \(|^\w*(\.\w+)*(Error|Exception)\b[:(]|terminating due to/.test(
      text,
    )
  ) {
    return 'error';
  }
  return /\bWARN(ING)?\b|\w*Warning:/.test(text) ? 'warning' : undefined;
}
