// `npm test`: installs what is missing and runs every test that this machine can run.
// `--level NAME` runs one level; the last line is always `N passed, N failed, N skipped`.
import { join } from 'node:path';
import { ensureBuilt, ensureHooks, ensureInstalled } from './ensure.mjs';
import { outcome } from './level-results.mjs';
import { LEVELS } from './levels.mjs';
import { continueUnderNode24, root, run } from './node24.mjs';
import { runLevel } from './run-level.mjs';

/** Lint with format, and types: one test each. */
const CHECKS = [
  {
    name: 'lint',
    program: '@biomejs/biome/bin/biome',
    args: ['check', '.'],
  },
  { name: 'typecheck', program: 'typescript/bin/tsc', args: ['--noEmit'] },
];

async function main(args) {
  const { level, filters } = parse(args);
  await ensureInstalled();
  await continueUnderNode24(import.meta.url);
  await ensureHooks();
  const outcomes = await build();
  for (const check of CHECKS) {
    if (level === undefined || level === check.name) outcomes.push(await runCheck(check));
  }
  for (const one of LEVELS) {
    if (level === undefined ? !one.extra : level === one.name) {
      outcomes.push(await runIfPossible(one, filters, level === one.name));
    }
  }
  return report(outcomes);
}

function parse(args) {
  const at = args.indexOf('--level');
  const level = at === -1 ? undefined : args[at + 1];
  const filters = at === -1 ? args : args.filter((_, index) => index !== at && index !== at + 1);
  const names = [...CHECKS, ...LEVELS].map(({ name }) => name);
  if (at !== -1 && !names.includes(level))
    throw new Error(`--level is one of ${names.join(', ')}.`);
  if (filters.length > 0 && level === undefined) {
    throw new Error('Name the level of these files: npm test -- --level unit FILE ...');
  }
  return { level, filters };
}

/** A build that fails is one failed test; what needs no build is still run. */
async function build() {
  try {
    await ensureBuilt();
    return [];
  } catch (error) {
    return [outcome('build', { failed: 1, notes: [error.message] })];
  }
}

async function runCheck({ name, program, args }) {
  title(name);
  const { code } = await run(process.execPath, [join(root, 'node_modules', program), ...args]);
  return code === 0
    ? outcome(name, { passed: 1 })
    : outcome(name, { failed: 1, notes: [`${name} failed (exit ${code})`] });
}

async function runIfPossible(level, filters, isAlone) {
  const under = level.under?.(isAlone);
  title(under === undefined ? level.name : `${level.name}, ${under}`);
  const reason = await level.blocked?.();
  if (reason !== undefined) {
    console.log(`Not run: ${reason}.`);
    return outcome(level.name, { skipped: 1, notes: [`level ${level.name}: ${reason}`] });
  }
  const began = Date.now();
  const ended = await runLevel(level, filters);
  return { ...ended, under, seconds: Math.round((Date.now() - began) / 1000) };
}

function title(name) {
  console.log(`\n== ${name}`);
}

function report(outcomes) {
  const sum = (key) => outcomes.reduce((total, one) => total + one[key], 0);
  console.log('');
  for (const { name, passed, failed, skipped, under, seconds } of outcomes) {
    const counts = `${passed} passed, ${failed} failed, ${skipped} skipped`;
    const took = seconds === undefined ? '' : `, ${seconds} s`;
    console.log(`${name.padEnd(12)} ${counts}${took}${under ? `, ${under}` : ''}`);
  }
  // Named once more at the end: whoever reads a long log reads its last page.
  const failures = outcomes.flatMap((one) => one.failures);
  if (failures.length > 0)
    console.log(`\nFailed:\n${failures.map((one) => `  ${one}`).join('\n')}`);
  const notes = outcomes.flatMap((one) => one.notes);
  if (notes.length > 0)
    console.log(`\nNot run or not clean:\n${notes.map((note) => `  ${note}`).join('\n')}`);
  console.log(`\n${sum('passed')} passed, ${sum('failed')} failed, ${sum('skipped')} skipped`);
  return sum('failed') === 0 ? 0 : 1;
}

main(process.argv.slice(2)).then(
  (code) => {
    process.exitCode = code;
  },
  (error) => {
    console.log(`${error.message}\n\n0 passed, 1 failed, 0 skipped`);
    process.exitCode = 1;
  },
);
