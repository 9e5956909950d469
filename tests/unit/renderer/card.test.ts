import { cardAddress } from '@renderer/features/discover/card/card-address';
import { cardParts } from '@renderer/features/discover/card/card-parts';
import { CardMarkdown } from '@renderer/features/discover/card/CardMarkdown';
import { createElement } from 'react';
import { renderToStaticMarkup } from 'react-dom/server';
import { describe, expect, it, vi } from 'vitest';

const PAGE = 'https://huggingface.co/org/model';

// A link asks whether it is in the desktop window.
vi.stubGlobal('window', {});

describe('the parts of a card', () => {
  it('are one for a card that a person writes', () => {
    expect(cardParts('# A model\n\nIt *speaks*.')).toEqual(['# A model\n\nIt *speaks*.']);
  });

  it('are cut between blocks, keep every line, and carry the addresses that are defined at the end', () => {
    const blocks = Array.from({ length: 3000 }, (_, index) => `Block ${index}, [see][1].`);
    const text = `${blocks.join('\n\n')}\n\n[1]: https://example.org/a`;
    const parts = cardParts(text);
    expect(parts.length).toBeGreaterThan(8);
    expect(parts.join('\n').match(/Block \d+,/g)).toHaveLength(3000);
    expect(parts.every((part) => part.includes('[1]: https://example.org/a'))).toBe(true);
    expect(Math.max(...parts.map((part) => part.length))).toBeLessThan(5000);
  });

  it('close a block of code that is cut, and open it again', () => {
    const text = `\`\`\`python\n${'print("a line of code")\n'.repeat(2000)}\`\`\`\n\nAfter.`;
    const parts = cardParts(text);
    expect(parts.length).toBeGreaterThan(3);
    expect(parts.every((part) => (part.match(/^```/gm)?.length ?? 0) % 2 === 0)).toBe(true);
  });
});

describe('the addresses of a card', () => {
  it.each([
    ['https://arxiv.org/abs/1', 'https://arxiv.org/abs/1'],
    ['LICENSE', `${PAGE}/blob/main/LICENSE`],
    ['./a b.md', `${PAGE}/blob/main/a%20b.md`],
    ['//example.org/x', 'https://example.org/x'],
    ['http://example.org', undefined],
    ['javascript:alert(1)', undefined],
    [' JaVaScRiPt:alert(1)', undefined],
    ['java\nscript:alert(1)', undefined],
    ['data:text/html,<script>', undefined],
    ['vbscript:x', undefined],
    ['file:///etc/passwd', undefined],
    ['mlx-manager://models', undefined],
    ['https://huggingface.co@evil.example/', undefined],
    ['#section', undefined],
    ['https://', undefined],
    [undefined, undefined],
  ])('%s is %s', (href, expected) => expect(cardAddress(href, PAGE)).toBe(expected));
});

/** Shapes that parsers and deep trees have choked on, characters of each. */
const LONG = 12_000;
const KNOWN = new Set(
  'a blockquote br code del em h3 h4 h5 h6 hr li ol p pre section span strong sup table tbody td th thead tr ul'
    .split(' ')
    .map((name) => `<${name}`),
);
const SHAPES: Readonly<Record<string, string>> = {
  prose: 'A sentence with *emphasis*, `code` and a [link](https://example.org).\n\n',
  'one line': 'word ',
  brackets: '[',
  'images without an end': '![',
  'brackets and ends': '[a](',
  quotations: '> ',
  lists: '- ',
  'nested lists': '* + - ',
  emphasis: '*a **b ',
  underscores: '_a __',
  strikes: '~~a ~',
  backticks: '`a ``b ',
  tables: '| a | b |\n| - | - |\n| c | d |\n',
  'one row': '| a ',
  entities: '&#x6a;&amp;&lt;',
  html: '<div><script>alert(1)</script>',
  'html without an end': '<a href="',
  comments: '<!-- ',
  autolinks: 'www.example.org/a ',
  footnotes: '[^1]: a\n[^1] ',
  spaces: ' '.repeat(50),
};

it.each(Object.entries(SHAPES))(
  '%s: every part is drawn, without anything that acts',
  (_, shape) => {
    const parts = cardParts(shape.repeat(Math.ceil(LONG / shape.length)));
    for (const text of parts) {
      const html = renderToStaticMarkup(createElement(CardMarkdown, { text, page: PAGE }));
      expect(html.match(/<[a-z0-9]+/g)?.filter((tag) => !KNOWN.has(tag)) ?? []).toEqual([]);
    }
  },
);

it('keeps the head of a table that is cut', () => {
  const rows = Array.from({ length: 300 }, (_, index) => `| model ${index} | ${index} |`);
  const parts = cardParts(['| Name | Score |', '| --- | --- |', ...rows].join('\n'));
  expect(parts.length).toBeGreaterThan(1);
  for (const text of parts) expect(text).toMatch(/^\| Name \| Score \|\n\| --- \| --- \|\n/);
});
