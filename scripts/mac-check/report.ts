import { homedir, hostname, userInfo } from 'node:os';

import { redactSecrets } from '@shared/domain/redact';
import { MASK } from '@shared/domain/secret';

import type { Result, State } from './check';

/** Names of this person and this machine, which a report that is sent to somebody must not hold. */
export interface Names {
  readonly user: string;
  readonly home: string;
  readonly host: string;
  /** Folders that are said by what they are: each with the word for it. */
  readonly folders: readonly (readonly [folder: string, word: string])[];
}

export function namesOfThisMachine(folders: Names['folders']): Names {
  return { user: userInfo().username, home: homedir(), host: hostname(), folders };
}

/** What is called a token, a key or a password, beside what the program itself leaves out of its logs. */
const NAMED = /(?<=(token|secret|password|key)["']?\s?[=:]\s?["']?)[^\s"',;]{8,}/gi;

/** The text without the names and without what looks like a secret. */
export function redact(text: string, { user, home, host, folders }: Names): string {
  const words: (readonly [string, string])[] = [...folders, [home, '~']];
  const [short = ''] = host.split('.');
  const bare: (readonly [string, string])[] = [
    [host, 'HOST'],
    [short, 'HOST'],
    [user, 'USER'],
  ];
  let clean = text;
  // The longest first, since one folder may lie in another.
  for (const [folder, word] of words.toSorted(([a], [b]) => b.length - a.length)) {
    if (folder.length > 1) clean = clean.replaceAll(folder, word);
  }
  for (const [name, word] of bare) {
    if (name.length > 1) clean = clean.replace(new RegExp(`\\b${escaped(name)}\\b`, 'gi'), word);
  }
  return redactSecrets(clean).replace(NAMED, MASK);
}

const escaped = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');

const ORDER: readonly State[] = ['not ok', 'not here', 'ok'];

/** The table: what is not ok first, then what could not be looked at, then the rest. */
export function table(results: readonly Result[]): string[] {
  const rows = ORDER.flatMap((state) => results.filter((one) => one.state === state)).map(
    ({ name, state, seen, ms }) => [name, state, `${(ms / 1000).toFixed(1)} s`, oneLine(seen)],
  );
  const all = [['check', 'result', 'took', 'seen'], ...rows];
  const widths = [0, 1, 2].map((column) => Math.max(...all.map((row) => row[column]?.length ?? 0)));
  return all.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  );
}

const LONGEST = 400;

function oneLine(text: string): string {
  const line = text.replace(/\s+/g, ' ').trim();
  return line.length > LONGEST ? `${line.slice(0, LONGEST)} ...` : line;
}

/** `12 ok, 1 not ok, 20 not here`. */
export function count(results: readonly Result[]): string {
  const of = (state: State): number => results.filter((one) => one.state === state).length;
  return `${of('ok')} ok, ${of('not ok')} not ok, ${of('not here')} not here`;
}
