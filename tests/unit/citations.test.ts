import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';

const root = join(import.meta.dirname, '../..');

/** What others wrote, or what is text to be found wrong. */
const NOT_OURS = [
  /^tests\/fixtures\/help\//,
  /^tests\/unit\/(citations|docs|renderer\/card)\.test\.ts$/,
];
/** Names that documents of other programs and of models have, and the ones at our root. */
const KNOWN = /^(README|CONTRIBUTING|MODEL_CARD)\.md$/;
/** A number of a list that is kept elsewhere, as an author might cite it. */
const ID =
  /\([A-Z]\d{1,2}(?=[):,; ])|(?:\/\/|\*|['"`])\s*[A-Z]\d{1,2}:|\b(?:finding|invariant|decision|must show)s? [A-Z]?\d/gi;

/** Documents and ids in the text that a reader of the repository cannot look up. */
function citations(file: string, text: string): string[] {
  const documents = (text.match(/[\w./-]*\w\.md\b/g) ?? []).filter((name) => !isHere(file, name));
  return [...documents, ...(text.match(ID) ?? [])].map((cited) => `${file}: ${cited}`);
}

function isHere(file: string, name: string): boolean {
  const last = name.split('/').at(-1) ?? '';
  if (KNOWN.test(last)) return true;
  return existsSync(join(root, name)) || existsSync(join(root, dirname(file), name));
}

describe('comments, titles of tests and messages', () => {
  it('cite nothing that is not in the repository', async () => {
    const found: string[] = [];
    for (const folder of ['src', 'tests', 'scripts', 'docs']) {
      const names = await readdir(join(root, folder), { recursive: true });
      for (const name of names) {
        const file = join(folder, name);
        if (!/\.(ts|tsx|mjs|cjs|css|md|py)$/.test(file)) continue;
        if (NOT_OURS.some((pattern) => pattern.test(file))) continue;
        found.push(...citations(file, await readFile(join(root, file), 'utf8')));
      }
    }
    for (const file of ['README.md', 'CONTRIBUTING.md'])
      found.push(...citations(file, await readFile(join(root, file), 'utf8')));
    expect(found).toEqual([]);
  });

  it.each([
    '/** A model on disk (product.md "Shapes"). */',
    '/** As measured (reference/engines.md 5.2). */',
    '/** Ready means proven (S3): the listener is ours. */',
    '/** Asks the person (S10). */',
    '// A3: a lock is not taken over.',
    "it('D13: keeps the last line', () => {});",
    '/** Keeps finding A4 out. */',
  ])('are found to: %s', (line) => {
    expect(citations('src/main/core/core.ts', line)).not.toEqual([]);
  });

  it.each([
    '/** Its fields are public (docs/architecture.md). */',
    'const card = path.join(folder, "README.md");',
    'const floats = stored.F32 ?? 0;',
    '// huggingface/hub-docs issue 2704',
  ])('may: %s', (line) => {
    expect(citations('src/main/core/core.ts', line)).toEqual([]);
  });
});
