// `npm test`: installs what is missing and runs every test that this machine can run.
// `--level NAME` runs one level; the last line is always `N passed, N failed, N skipped`.
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { ensureBuilt, ensureHooks, ensureInstalled } from './ensure.mjs';
import { EXTRA_FILES, LEVELS } from './levels.mjs';
import { continueUnderNode24, root, run } from './node24.mjs';

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
  const scratch = await mkdtemp(join(tmpdir(), 'mlx-manager-test-'));
  try {
    for (const check of CHECKS) {
      if (level === undefined || level === check.name) outcomes.push(await runCheck(check));
    }
    for (const one of LEVELS) {
      if (level === undefined ? !one.extra : level === one.name) {
        outcomes.push(await runLevel(one, filters, scratch, level === one.name));
      }
    }
  } finally {
    await rm(scratch, { recursive: true, force: true });
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

async function runLevel(level, filters, scratch, isAlone) {
  const under = level.under?.(isAlone);
  title(under === undefined ? level.name : `${level.name}, ${under}`);
  const reason = await level.blocked?.();
  if (reason !== undefined) {
    console.log(`Not run: ${reason}.`);
    return outcome(level.name, { skipped: 1, notes: [`level ${level.name}: ${reason}`] });
  }
  const json = join(scratch, `${level.name}.json`);
  const ended = await runVitest(level, filters, json);
  return { ...summarise(level, ended, await readResults(json)), under };
}

async function runVitest(level, filters, json) {
  const vitest = join(root, 'node_modules', 'vitest', 'vitest.mjs');
  const exclude = level.extra ? [] : EXTRA_FILES.flatMap((glob) => ['--exclude', glob]);
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${json}`];
  const args = [
    'run',
    '--mode',
    'test',
    '--passWithNoTests',
    ...level.select,
    ...exclude,
    ...reporters,
  ];
  let timedOut = false;
  let timer;
  const ended = await run(process.execPath, [vitest, ...args, ...filters], {
    env: { ...process.env, NODE_ENV: 'test' },
    onChild: (child) => {
      timer = setTimeout(() => {
        timedOut = true;
        child.kill('SIGTERM');
        timer = setTimeout(() => child.kill('SIGKILL'), 15_000);
      }, level.minutes * 60_000);
    },
  });
  clearTimeout(timer);
  return { ...ended, timedOut };
}

/** Vitest's results; undefined when it ended before it wrote any. */
async function readResults(json) {
  try {
    return JSON.parse(await readFile(json, 'utf8'));
  } catch (error) {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  }
}

function summarise(level, { code, timedOut }, results) {
  if (timedOut) return broken(level, `did not end within ${level.minutes} min`);
  if (results === undefined) return broken(level, `ended with exit ${code} and without results`);
  const tests = results.testResults.flatMap((file) => file.assertionResults);
  const count = (...states) => tests.filter(({ status }) => states.includes(status)).length;
  // A file that cannot be loaded has no tests in it, yet it has failed.
  const deadFiles = results.testResults.filter(
    (file) =>
      file.status === 'failed' && !file.assertionResults.some(({ status }) => status === 'failed'),
  ).length;
  const failed = count('failed') + deadFiles;
  const notes = tests
    .filter(({ status }) => !['passed', 'failed'].includes(status))
    .map(({ fullName }) => `${level.name}: ${fullName}`);
  const failures = results.testResults.flatMap((file) => failuresOf(level, file));
  if (tests.length === 0 && failed === 0) notes.push(`level ${level.name} has no tests`);
  // An error outside of every test (an unhandled rejection) shows in the exit code alone.
  const stray = code !== 0 && failed === 0 ? 1 : 0;
  if (stray) notes.push(`level ${level.name} ended with exit ${code} although no test failed`);
  return outcome(level.name, {
    passed: count('passed'),
    failed: failed + stray,
    skipped: tests.length - count('passed', 'failed'),
    notes,
    failures,
  });
}

/** Each failure of a file as its place, its name and the first lines of what it said. */
function failuresOf(level, file) {
  const place = relative(root, file.name);
  const failed = file.assertionResults.filter(({ status }) => status === 'failed');
  if (file.status === 'failed' && failed.length === 0) {
    failed.push({ fullName: 'the file itself', failureMessages: [file.message ?? ''] });
  }
  return failed.map(({ fullName, failureMessages }) => {
    const said = stripVTControlCharacters(failureMessages.join('\n'))
      .replaceAll(`${root}/`, '')
      .split('\n')
      .filter((line) => !line.includes('node_modules'))
      .slice(0, 14);
    return [`${level.name}: ${place}: ${fullName}`, ...said.map((line) => `    ${line}`)].join(
      '\n',
    );
  });
}

const broken = ({ name }, what) => outcome(name, { failed: 1, notes: [`level ${name} ${what}`] });

const outcome = (name, { passed = 0, failed = 0, skipped = 0, notes = [], failures = [] }) => ({
  name,
  passed,
  failed,
  skipped,
  notes,
  failures,
});

function title(name) {
  console.log(`\n== ${name}`);
}

function report(outcomes) {
  const sum = (key) => outcomes.reduce((total, one) => total + one[key], 0);
  console.log('');
  for (const { name, passed, failed, skipped, under } of outcomes) {
    const counts = `${passed} passed, ${failed} failed, ${skipped} skipped`;
    console.log(`${name.padEnd(12)} ${counts}${under ? `, ${under}` : ''}`);
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
