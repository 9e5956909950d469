import { readFile } from 'node:fs/promises';

import { sentencesOf } from '@fixtures/sentences';
import { expect, test } from 'vitest';

/** What docs/wording.md rules out, as it stands in its table. */
const RULED_OUT: readonly (readonly [RegExp, string])[] = [
  [/\b(?:the|of the|a) hub\b|\bthe hub['’]s\b/i, 'Hugging Face'],
  [
    /\blicen[c]e|quantis|\bcancell(?:ed|ing)\b|recognis|organis|\bcolou?r\b(?<!color)|behaviour|favour/i,
    'American spelling',
  ],
  [/\bdoes not know\b/i, "doesn't support"],
  [/\bone (?:argument|NAME=value|value|address) a line\b/i, 'per line'],
  [/\bby (?:itself|themselves)\b/i, 'automatically'],
  [/\bcannot be had back\b/i, 'no longer possible'],
  [/\bcheckpoint\b/i, 'model'],
  [/\bgiven was\b|\b(?:known|kept|allowed) are\b/, 'got; a list'],
  [/\bgo(?:es)? on (?:with|installing|verifying|starting|running)\b/, 'continues, keeps'],
  [/\banew\b/, 'again'],
  [/\bmeanwhile\b/, 'in the meantime, has since'],
  [/\b(?:run|machine|one|bar|the latter) alone\b/, 'only'],
  [/\bmay not be (?:read|written|changed|executed|replaced)\b/, "don't have permission to"],
  [/\b(?:could not|cannot|can['’]t) be (?:told|known)\b|\bNobody can tell\b/, "can't tell"],
  [/\bSay (?:what|which|either)\b/, 'Specify'],
  [/\bNot looked at\b|\bLook (?:for|at|whether)\b/, 'Check'],
  [/(?:^|`)\d+ to \d+[;,:]/, 'what it does first'],
  [/\b(?:is|are) (?:not )?whole\b/, 'complete'],
  [/\bit is no [A-Za-z]|\bis no JSON\b/, "isn't a"],
  [/\btaken back\b|\btakes it back\b|\bput back\b/, 'undo, restore'],
  [/\b(?:is|was|being) fetched\b|\bFetching\b/, 'download'],
  [/\bgoes on from there\b|\bIt ended at\b|\bKnown from\b/, 'plain words'],
  [/\bhave room for\b|\bthe sum\b/i, 'memory needed'],
];

test('no sentence of the source holds a word that the glossary rules out', async () => {
  const found = (await sentencesOf()).flatMap(({ file, line, text }) =>
    RULED_OUT.filter(([word]) => word.test(text)).map(
      ([, say]) => `${file}:${line}: say "${say}": ${text}`,
    ),
  );

  expect(found).toEqual([]);
});

test('every word that is looked for stands in docs/wording.md', async () => {
  const table = (await readFile('docs/wording.md', 'utf8'))
    .split('\n')
    .filter((line) => line.startsWith('| '));
  for (const [word] of RULED_OUT) {
    expect(
      table.some((line) => word.test(line.split('|')[2] ?? '')),
      String(word),
    ).toBe(true);
  }
});

test('the list of sentences is that of the whole source', async () => {
  const all = await sentencesOf();
  expect(all.length).toBeGreaterThan(2000);
  expect(all.map(({ text }) => text)).toContain('Start anyway');
});
