import type { PrefixCause } from '@shared/domain/prefix-cause';
import type { PrefixFinding } from '@shared/gateway/record';
import type { PrefixComparison } from './prefix-memory';
import { isSamePart, type TextPart } from './prompt-parts';

/** Where the common beginning of two prompts ends, and what stands there. */
export interface PromptBreak {
  readonly cause: PrefixCause;
  /** Counted from 1. */
  readonly part: number;
  readonly role: string;
  /** Counted from 1. */
  readonly line?: number | undefined;
}

/** Text between two differences that is compared line by line, characters. */
const MAX_COMPARED = 50_000;

/**
 * What ends the common beginning of a prompt and the one before it; undefined where one of them is the beginning of
 * the other.
 * @param last what was found of the session's last prompt.
 */
export function breakOf(
  comparison: PrefixComparison,
  next: readonly TextPart[],
  last?: PrefixFinding | undefined,
): PromptBreak | undefined {
  const { previous, commonParts, commonCharacters } = comparison;
  const was = previous.parts[commonParts];
  const is = next[commonParts];
  if (!was || !is) return undefined;
  const isLastPart = commonParts === previous.parts.length - 1 || commonParts === next.length - 1;
  const isBeginning = commonCharacters === Math.min(was.length, is.length);
  if (isLastPart && isBeginning && was.role === is.role) return undefined;

  const before = previous.parts.slice(commonParts);
  const after = next.slice(commonParts);
  const at = { part: commonParts + 1, role: is.role };
  if (isNoteBefore(was, after)) return { ...at, cause: 'note_inserted' };
  if (was.role === 'tools' || is.role === 'tools') {
    const isReordered = sameParts(toolsOf(before), toolsOf(after));
    return { ...at, role: 'tools', cause: isReordered ? 'tools_reordered' : 'tools_changed' };
  }
  if (isCut(before, after)) return { ...at, cause: 'history_cut' };
  if (was.role !== is.role || was.text === undefined || is.text === undefined) {
    return { ...at, cause: 'message_changed' };
  }
  const line = lineAt(is.text, commonCharacters ?? 0);
  const changes = last?.part === at.part && last.line === line;
  const isChanging = changes || differInValues(was.text, is.text, commonCharacters ?? 0);
  return { ...at, line, cause: isChanging ? 'changing_line' : 'message_changed' };
}

/** Characters at the end that are the same in both, of those behind a common beginning. */
export function commonEnd(one: string, other: string, begin: number): number {
  const most = Math.min(one.length, other.length) - begin;
  let length = 0;
  while (
    length < most &&
    one.charCodeAt(one.length - 1 - length) === other.charCodeAt(other.length - 1 - length)
  ) {
    length++;
  }
  return length;
}

/** Whether system messages were put before a part that then goes on as it did. */
function isNoteBefore(was: TextPart, after: readonly TextPart[]): boolean {
  const goesOn = after.findIndex((part) => isSamePart(part, was));
  return goesOn > 0 && after.slice(0, goesOn).every(({ role }) => role === 'system');
}

/** Whether turns were left out, or replaced by something much shorter. */
function isCut(before: readonly TextPart[], after: readonly TextPart[]): boolean {
  const [first] = after;
  const goesOn = before.findIndex((part) => isSamePart(part, first));
  if (goesOn > 0) return before.slice(0, goesOn).some(({ role }) => role !== 'system');
  const here = new Set(after.map(({ hash }) => hash));
  const kept = before.filter(({ hash }) => here.has(hash)).length;
  return before.length > 1 && kept < before.length / 2 && lengthOf(after) < 0.6 * lengthOf(before);
}

function lengthOf(parts: readonly TextPart[]): number {
  return parts.reduce((sum, { length }) => sum + length, 0);
}

function toolsOf(parts: readonly TextPart[]): TextPart[] {
  return parts.filter(({ role }) => role === 'tools');
}

function sameParts(one: readonly TextPart[], other: readonly TextPart[]): boolean {
  const hashes = (parts: readonly TextPart[]): string =>
    parts
      .map(({ hash }) => hash)
      .sort()
      .join();
  return one.length > 0 && hashes(one) === hashes(other);
}

function lineAt(text: string, character: number): number {
  let line = 1;
  for (let at = text.indexOf('\n'); at !== -1 && at < character; at = text.indexOf('\n', at + 1)) {
    line++;
  }
  return line;
}

/** Whether two texts differ only in numbers, dates, times and ids. */
function differInValues(one: string, other: string, begin: number): boolean {
  const end = commonEnd(one, other, begin);
  const [was, is] = [whole(one, begin, end), whole(other, begin, end)];
  if (was.length > MAX_COMPARED || is.length > MAX_COMPARED) return false;
  return withoutValues(was) === withoutValues(is);
}

/** What differs, from the beginning of its first word to the end of its last one. */
function whole(text: string, begin: number, end: number): string {
  let [from, to] = [begin, text.length - end];
  while (from > 0 && isOfWord(text[from - 1])) from--;
  while (to < text.length && isOfWord(text[to])) to++;
  return text.slice(from, to);
}

function isOfWord(character: string | undefined): boolean {
  return character !== undefined && /[\w-]/.test(character);
}

/** Days, months and halves of a day, as dates in English name them. */
const OF_DATES =
  /^(?:mon|tue|tues|wed|thu|thur|thurs|fri|sat|sun|monday|tuesday|wednesday|thursday|friday|saturday|sunday|jan|feb|mar|apr|may|jun|jul|aug|sep|sept|oct|nov|dec|january|february|march|april|june|july|august|september|october|november|december|am|pm)$/i;

function withoutValues(text: string): string {
  return text.replaceAll(/[\w-]+/g, (word) =>
    /\d/.test(word) || OF_DATES.test(word) ? '#' : word,
  );
}
