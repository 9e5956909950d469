import { readdir, readFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { adapters, requestLines } from '@core/engines/adapters';
import { clusterAdapter } from '@core/engines/adapters/cluster-adapter';
import { cleanText, levelOf, lineOf } from '@core/logs/log-line';
import { LogScreen } from '@core/logs/log-screen';
import { MAX_LINE_CHARS } from '@core/logs/row';
import { findInLog } from '@core/servers/health/classify-exit';
import { findTracebacks } from '@core/servers/health/traceback';
import { Cluster } from '@shared/domain/cluster';
import type { LogLine } from '@shared/domain/log';
import { rankOfLine } from '@shared/rank-of-line';
import { parseSync } from 'vite';
import { describe, expect, it } from 'vitest';

import { longLines } from '../../fixtures/long-lines';

/**
 * No regular expression may take more than a moment for one long line, whatever it is made of: an engine
 * writes what it likes, and a hundred such lines a second must not be felt. Every pattern of the program
 * is tried, found in its syntax tree, so that a new one is covered without anybody thinking of it.
 */
const BUDGET_MS = 5;
const LINE_CHARS = 8192;

const root = join(import.meta.dirname, '../../..');
const lines = longLines(LINE_CHARS);

async function patternsOf(folder: string): Promise<[string, RegExp][]> {
  const entries = await readdir(join(root, folder), { recursive: true, withFileTypes: true });
  const files = entries
    .filter((entry) => entry.isFile() && /\.tsx?$/.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name));
  const found = await Promise.all(
    files.map(async (file) => {
      const { program } = parseSync(file, await readFile(file, 'utf8'));
      return regexesIn(program).map((regex): [string, RegExp] => [relative(root, file), regex]);
    }),
  );
  return found.flat();
}

/** Every regular expression within a value: literals of a syntax tree, and those that were made. */
function regexesIn(value: unknown): RegExp[] {
  if (value instanceof RegExp) return [value];
  if (typeof value !== 'object' || value === null) return [];
  if ('regex' in value && isRegexNode(value.regex))
    return [new RegExp(value.regex.pattern, value.regex.flags)];
  return Object.values(value).flatMap(regexesIn);
}

function isRegexNode(value: unknown): value is { pattern: string; flags: string } {
  return typeof value === 'object' && value !== null && 'pattern' in value && 'flags' in value;
}

/** Lines of a pattern's own words: where it begins again and again and never ends. */
function ownLines(regex: RegExp): [string, string][] {
  const words = regex.source
    .replace(/\\[sb]/g, ' ')
    .replace(/\\([^a-zA-Z0-9])/g, '$1')
    .split(/\\[a-zA-Z]|[()|[\]{}?*+^$]/)
    .filter((part) => part.length > 2);
  return words.flatMap((word) =>
    [word, `${word} `, `${word}1`].map((text): [string, string] => [
      JSON.stringify(text),
      text.repeat(Math.ceil(LINE_CHARS / text.length)),
    ]),
  );
}

/** The shortest of a few tries, in ms of this process: the machine may be busy with others. */
function timeOf(work: () => void): number {
  let best = Number.POSITIVE_INFINITY;
  for (let tries = 0; tries < 5 && best > BUDGET_MS / 2; tries++) {
    const began = process.cpuUsage();
    work();
    best = Math.min(best, process.cpuUsage(began).user / 1000);
  }
  return best;
}

function slowOnes(name: string, regex: RegExp, on: Iterable<[string, string]>): string[] {
  return [...on].flatMap(([kind, line]) => {
    const ms = timeOf(() => void line.replace(regex, ''));
    return ms > BUDGET_MS ? [`${name} ${regex}: ${ms.toFixed(0)} ms for ${kind}`] : [];
  });
}

/** Where the output of engines is read. */
const READERS =
  /^src\/(?:main\/core\/(?:engines|logs|servers)\/|shared\/(?:rank-of-line|probe-mark)\.ts)/;

describe('one long line of any character', () => {
  it('takes no pattern that is written in the program more than a moment', async () => {
    const patterns = await patternsOf('src');
    expect(patterns.length).toBeGreaterThan(300);
    expect(patterns.filter(([file]) => READERS.test(file)).length).toBeGreaterThan(100);
    const slow = patterns.flatMap(([file, regex]) => [
      ...slowOnes(file, regex, lines),
      ...(READERS.test(file) ? slowOnes(file, regex, ownLines(regex)) : []),
    ]);
    expect(slow).toEqual([]);
  });

  it('takes no pattern that is made for an engine more than a moment', () => {
    const cluster = Cluster.parse({ ranks: 2, backend: 'ring', sharding: 'tensor' });
    const all = adapters.flatMap((one) => regexesIn([one, clusterAdapter(one, cluster)]));
    expect(all.length).toBeGreaterThan(150);
    expect([...new Set(all.map(String))].length).toBeGreaterThan(50);
    expect(
      all.flatMap((regex) => slowOnes('adapter', regex, [...lines, ...ownLines(regex)])),
    ).toEqual([]);
  });

  it.each([
    ['its level', (line: string) => levelOf(line)],
    ['cleaning it', (line: string) => cleanText(line)],
    ['its rank', (line: string) => rankOfLine(line)],
    ['a traceback in it', (line: string) => findTracebacks(Array(10).fill(asLine(line)))],
  ])('%s is found within a moment', (_, work) => {
    for (const [kind, line] of lines) {
      expect(
        timeOf(() => void work(line)),
        kind,
      ).toBeLessThan(BUDGET_MS);
    }
  });

  it('is taken in, searched for failures and cleaned within a moment, from bytes on', () => {
    for (const [kind, line] of lines) {
      const bytes = Buffer.from(`${line}\n`);
      const screen = new LogScreen({ requestLines, begin: () => ({ n: 0, time: 0 }) });
      const ms = timeOf(() => {
        screen.push(bytes);
        const said = screen.terminal.takeChanged().map((row) => lineOf(row, false, []));
        for (const adapter of adapters) findInLog(adapter, said);
      });
      expect(ms, kind).toBeLessThan(BUDGET_MS);
    }
  });

  it('would be refused where a pattern begins again at every character', () => {
    const line = lines.get('letters') ?? '';
    expect(timeOf(() => void line.replace(/\w*Warning:/, ''))).toBeGreaterThan(BUDGET_MS);
  });
});

function asLine(text: string): LogLine {
  expect(text.length).toBeLessThanOrEqual(MAX_LINE_CHARS);
  return { n: 0, time: '', source: 'engine', text };
}
