import { ACTION_IDS } from '@shared/errors/action';
import { expect, it } from 'vitest';

import { readSources } from '../read-sources';

/** What shows sentences of the core, and makes none of them. */
const VIEWS = /^src\/(?:renderer|cli|main\/shell|main\/headless)\//;

/** A part of a sentence is data of its own: it is never cut out of the sentence, nor looked for in it. */
const EDITS = [
  /\b(?:message|sentence)\)?\??\.(?:replace|replaceAll|match|matchAll|search|slice|substring)\(/,
  /\b(?:message|sentence)\)?\??\.(?:startsWith|endsWith|includes|charAt|toLowerCase|toUpperCase)\(/,
  /\.(?:test|exec)\((?:[\w.?]*\.)?(?:message|sentence)\b/,
  /\blabel\??\.(?:replace|replaceAll|match|matchAll)\(/,
];

const HANDMADE = new RegExp(`\\{\\s*id: '(?:${ACTION_IDS.join('|')})',\\s*label:`);
const MAKERS = ['src/shared/errors/action.ts', 'src/shared/domain/failure.ts'];

const editsIn = (text: string): string[] =>
  text.split('\n').filter((line) => EDITS.some((pattern) => pattern.test(line)));

it('no view edits a sentence', async () => {
  const views = (await readSources()).filter(({ path }) => VIEWS.test(path));
  expect(views.length).toBeGreaterThan(200);
  const found = views.flatMap(({ path, text }) => editsIn(text).map((line) => `${path}: ${line}`));
  expect(found).toEqual([]);
});

it.each([
  "const bare = sentence.replace(/\\.$/, '');",
  'return message.replaceAll(key, label);',
  'if (/port/.test(failure.message)) return port;',
  'const short = server.failure?.message.slice(0, 20);',
  "return label.replace(/ and start$/, '');",
])('an edit would be seen: %s', (line) => expect(editsIn(line)).toEqual([line]));

it('every action is made in one place', async () => {
  const others = (await readSources()).filter(({ path }) => !MAKERS.includes(path));
  const found = others.filter(({ text }) => HANDMADE.test(text)).map(({ path }) => path);
  expect(found).toEqual([]);
});
