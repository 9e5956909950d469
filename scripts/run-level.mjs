// Runs one level of tests with vitest, counts what ends in it, and ends it when nothing does any more.
import { join } from 'node:path';
import { EXTRA_FILES } from './levels.mjs';
import { LevelResults } from './level-results.mjs';
import { root, run, signalGroup } from './node24.mjs';

/** A level is stuck when nothing has ended in it for so long, or for its own `quietMinutes`. */
const QUIET_MINUTES = 5;
/** How long a test may go on beyond its own time limit: vitest ends it there, and its hooks clean up. */
const CLEAN_UP_MS = 60_000;
/** What is asked to end has so long to do it. */
const GRACE_MS = 15_000;

/**
 * Resolves with the outcome of the level, whether it came to its end or had to be ended.
 *
 * @param level one of scripts/levels.mjs
 * @param filters only files with one of these in their path; empty for all
 * @param options `timer` and `now` are the clock, `onEvent` hears each message of the reporter, and `output` says
 *   where vitest writes what it has to say ('inherit' or 'ignore')
 */
export async function runLevel(level, filters, options = {}) {
  const {
    timer = setTimer,
    now = Date.now,
    onEvent = () => undefined,
    output = 'inherit',
  } = options;
  const results = new LevelResults();
  const began = now();
  let endedBecause;
  let cancelTimer = () => undefined;
  let killed;
  const { code } = await run(process.execPath, vitestArguments(level, filters), {
    env: {
      ...process.env,
      NODE_ENV: 'test',
      // Many hundred Nodes are started: each has the compiled code of the one before.
      NODE_COMPILE_CACHE: join(root, 'node_modules', '.cache', 'compiled'),
    },
    stdio: ['ignore', output, output, 'ipc'],
    // A group of its own, so that the programs which tests started can be ended with it.
    detached: true,
    onChild(child) {
      let lastEnd = began;
      const watch = () => {
        cancelTimer();
        const { atMs, why } = whenToEnd(level, {
          began,
          lastEnd,
          limitMs: results.longestLimitMs(),
        });
        cancelTimer = timer(() => {
          endedBecause = why;
          killed = endGroup(child.pid);
        }, atMs - now());
      };
      child.on('message', (event) => {
        if (results.add(event)) lastEnd = now();
        if (endedBecause === undefined) watch();
        onEvent(event);
      });
      watch();
    },
  });
  cancelTimer();
  await killed;
  return results.summarise(level, { code, endedBecause });
}

/** The moment at which a level is ended unless something ends in it before, and the reason that is given then. */
export function whenToEnd({ minutes, quietMinutes = QUIET_MINUTES }, { began, lastEnd, limitMs }) {
  const quietMs = Math.max(quietMinutes * 60_000, limitMs + CLEAN_UP_MS);
  const quietAt = lastEnd + quietMs;
  const ceilingAt = began + minutes * 60_000;
  return quietAt < ceilingAt
    ? { atMs: quietAt, why: `was ended: nothing in it had ended for ${quietMs / 60_000} min` }
    : { atMs: ceilingAt, why: `was ended after ${minutes} min, the most that it may take` };
}

function vitestArguments(level, filters) {
  const vitest = join(root, 'node_modules', 'vitest', 'vitest.mjs');
  const exclude = level.extra ? [] : EXTRA_FILES.flatMap((glob) => ['--exclude', glob]);
  const reporter = join(root, 'scripts', 'progress-reporter.mjs');
  return [
    ...[vitest, 'run', '--mode', 'test', '--passWithNoTests', ...level.select, ...exclude],
    // What soaks a machine, or measures it, has it for itself.
    ...(level.extra ? ['--no-file-parallelism'] : []),
    ...['--reporter=default', `--reporter=${reporter}`, ...filters],
  ];
}

function setTimer(callback, ms) {
  const timer = setTimeout(callback, ms);
  return () => clearTimeout(timer);
}

/** Asks every process of the group to end and, where some do not, ends them. */
async function endGroup(pid) {
  if (!signalGroup(pid, 'SIGTERM')) return;
  for (const deadline = Date.now() + GRACE_MS; Date.now() < deadline; ) {
    if (!signalGroup(pid, 0)) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  signalGroup(pid, 'SIGKILL');
}
