import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseSync } from 'vite';
import { describe, expect, it } from 'vitest';

/** Stand-ins play programs that take their time: there it is behaviour, and no test waits for it by the clock. */
const STAND_INS = [
  'tests/fixtures/electron',
  'tests/fixtures/fake-engine',
  'tests/fixtures/fake-hub',
  'tests/fixtures/fake-uv',
  'tests/fixtures/stuck-suite',
];

const MARK = /\/\/ Fixed wait: \S+ \S+/;

interface Node {
  readonly type: string;
  readonly start: number;
  readonly [field: string]: unknown;
}

const isNode = (value: unknown): value is Node =>
  typeof value === 'object' && value !== null && typeof Reflect.get(value, 'type') === 'string';

function* nodesOf(node: Node): Generator<Node> {
  yield node;
  for (const value of Object.values(node)) {
    for (const one of Array.isArray(value) ? value : [value]) if (isNode(one)) yield* nodesOf(one);
  }
}

const nameOf = (node: unknown): string =>
  isNode(node) && typeof node.name === 'string' ? node.name : '';

/** What the timers are called here: `setTimeout`, and whatever node:timers/promises is imported as. */
function timersOf(program: Node): Set<string> {
  const names = new Set(['setTimeout', 'setInterval']);
  for (const node of nodesOf(program)) {
    if (node.type !== 'ImportDeclaration' || !isNode(node.source)) continue;
    if (!/^(node:)?timers/.test(String(node.source.value))) continue;
    for (const one of Array.isArray(node.specifiers) ? node.specifiers : []) {
      if (isNode(one)) names.add(nameOf(one.local));
    }
  }
  return names;
}

function waits({ type, callee }: Node, timers: ReadonlySet<string>): boolean {
  if (type !== 'CallExpression' || !isNode(callee)) return false;
  if (callee.type === 'Identifier') return timers.has(nameOf(callee));
  const method = nameOf(callee.property);
  return method === 'waitForTimeout' || (method === 'wait' && nameOf(callee.object) === 'Atomics');
}

/** Lines that wait for a length of time, or do something after one, without a comment above that says why. */
function unexplainedWaits(file: string, text: string): string[] {
  const { program } = parseSync(file, text);
  const timers = timersOf(program as unknown as Node);
  const lines = text.split('\n');
  return [...nodesOf(program as unknown as Node)]
    .filter((node) => waits(node, timers))
    .map(({ start }) => text.slice(0, start).split('\n').length)
    .filter((line) => !MARK.test(lines.slice(Math.max(0, line - 3), line).join('\n')))
    .map((line) => `${file}:${line}: ${lines[line - 1]?.trim()}`);
}

describe('the tests', () => {
  it('wait for what happens, and for a length of time only where a comment says why', async () => {
    const names = await readdir('tests', { recursive: true });
    const files = names
      .filter((name) => /\.(ts|tsx|mjs|cjs)$/.test(name))
      .map((name) => join('tests', name))
      .filter((file) => !STAND_INS.some((folder) => file.startsWith(folder)));
    expect(files.length).toBeGreaterThan(200);
    const found = await Promise.all(
      files.map(async (file) => unexplainedWaits(file, await readFile(file, 'utf8'))),
    );
    expect(found.flat()).toEqual([]);
  });

  it('would be found to wait, however the timer is called', () => {
    const sources = [
      'setTimeout(() => undefined, 5);',
      "import { setTimeout as sleep } from 'node:timers/promises';\nawait sleep(5);",
      'await new Promise((resolve) => setTimeout(resolve, 5));',
      'await page.waitForTimeout(5);',
      'Atomics.wait(new Int32Array(shared), 0, 0, 5);',
    ];
    for (const source of sources) expect(unexplainedWaits('a.ts', source)).toHaveLength(1);
    const explained = '// Fixed wait: nothing must happen in it.\nsetTimeout(() => undefined, 5);';
    expect(unexplainedWaits('a.ts', explained)).toEqual([]);
    expect(unexplainedWaits('a.ts', 'const clock = { setTimeout(callback, ms) {} };')).toEqual([]);
  });
});
