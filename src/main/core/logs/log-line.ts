import type { LogLine } from '@shared/domain/log';
import { redactSecrets } from '@shared/domain/redact';
import { MAX_LINE_CHARS, type Row } from './row';
import type { Note } from './run-meta';

// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is removed
const CONTROLS = /[\u0000-\u0008\u000a-\u001f\u007f-\u009f]/g;
/** Characters that reorder text (Trojan Source): shown by their number instead. */
const BIDI = /[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;

/** A text as a person may see it: one line without control characters, secrets masked, of limited length. */
export function cleanText(raw: string, secrets: readonly string[] = []): string {
  const capped = raw.length > MAX_LINE_CHARS ? raw.slice(0, MAX_LINE_CHARS) : raw;
  const text = capped
    .replace(CONTROLS, '')
    .replace(BIDI, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`);
  return redactSecrets(text, secrets);
}

/** A line of the engine. `isOpen`: it is still being written; `secrets`: what its profile holds of them. */
export function lineOf(row: Row, isOpen: boolean, secrets: readonly string[]): LogLine {
  const clean = cleanText(row.text, secrets);
  const level = levelOf(clean);
  return {
    n: row.n,
    time: new Date(row.time).toISOString(),
    source: row.isProbe ? 'probe' : 'engine',
    text: row.isCut ? `${clean} … (line cut)` : clean,
    ...(level && !row.isProbe ? { level } : {}),
    ...(isOpen ? { open: true } : {}),
  };
}

/** A line of the manager's own. */
export function noteLine({ n, time, text }: Note, secrets: readonly string[]): LogLine {
  const shown = redactSecrets(text, secrets);
  return { n, time: new Date(time).toISOString(), source: 'manager', text: shown };
}

const ERROR =
  /\b(?:ERROR|CRITICAL|FATAL)\b|^Traceback \(|^[\w.]{0,200}(?:Error|Exception)\b[:(]|terminating due to/;
const WARNING = /\bWARN(?:ING)?\b|Warning:/;

/** How grave a line is, by the words that logs use. */
export function levelOf(text: string): 'error' | 'warning' | undefined {
  if (ERROR.test(text)) return 'error';
  return WARNING.test(text) ? 'warning' : undefined;
}
