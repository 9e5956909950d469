// `npm run bench [NAME ...]`: runs tests/bench/*.bench.ts and prints their tables. Each exports
// `run(): Promise<{ name, rows }>`, the first row being the head.
import { readdir } from 'node:fs/promises';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { withBundles } from './bundle.mjs';
import { ensureBuilt, ensureInstalled } from './ensure.mjs';
import { continueUnderNode24, fail, root } from './node24.mjs';

const SUFFIX = '.bench.ts';

async function main(names) {
  await ensureInstalled();
  await continueUnderNode24(import.meta.url);
  await ensureBuilt();
  const folder = join(root, 'tests', 'bench');
  const files = (await readdir(folder).catch(() => []))
    .filter((file) => file.endsWith(SUFFIX))
    .sort();
  const chosen = names.length === 0 ? files : names.map((name) => find(files, name));
  if (chosen.length === 0) return console.log('There are no benchmarks in tests/bench.');
  const machine = cpus();
  console.log(
    `${machine[0]?.model ?? 'unknown processor'}, ${machine.length} cores, Node ${process.version}`,
  );
  const inputs = chosen.map((file) => join(folder, file));
  await withBundles('bench', inputs, async (out) => {
    for (const file of chosen) {
      const { run } = await import(
        pathToFileURL(join(out, file.replace(SUFFIX, '.bench.js'))).href
      );
      const { name, rows } = await run();
      print(name, rows);
    }
  });
}

function find(files, name) {
  const file = files.find((candidate) => candidate === `${name}${SUFFIX}` || candidate === name);
  if (file === undefined)
    throw new Error(
      `There is no benchmark ${name}; there are ${files.map((f) => f.slice(0, -SUFFIX.length)).join(', ') || 'none'}.`,
    );
  return file;
}

function print(name, rows) {
  const widths = [];
  for (const row of rows) {
    for (const [column, cell] of row.entries())
      widths[column] = Math.max(widths[column] ?? 0, cell.length);
  }
  const line = (row) =>
    row
      .map((cell, column) =>
        column === 0 ? cell.padEnd(widths[0]) : cell.padStart(widths[column]),
      )
      .join('  ')
      .trimEnd();
  const [head, ...body] = rows;
  console.log(`\n${name}`);
  if (head !== undefined) console.log(`${line(head)}\n${'-'.repeat(line(head).length)}`);
  for (const row of body) console.log(line(row));
}

main(process.argv.slice(2)).catch(fail);
