// What happened in a level, kept test by test, so that a level which had to be ended still counts what it has shown.
import { relative } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { root } from './node24.mjs';

export const outcome = (
  name,
  { passed = 0, failed = 0, skipped = 0, notes = [], failures = [] },
) => ({ name, passed, failed, skipped, notes, failures });

/** Takes the messages of scripts/progress-reporter.mjs. */
export class LevelResults {
  #files = [];
  #ended = new Map();
  #endedFiles = new Set();
  #runningFiles = new Set();
  #runningTests = new Map();
  #failures = [];
  #isComplete = false;

  /** Takes one message; true where it says that something has ended. */
  add(event) {
    switch (event.type) {
      case 'run began':
        this.#files = event.files;
        return false;
      case 'file began':
        this.#runningFiles.add(event.file);
        return false;
      case 'test began':
        this.#runningTests.set(event.id, event);
        return false;
      case 'test ended':
        this.#runningTests.delete(event.id);
        this.#ended.set(event.id, event);
        return true;
      case 'file ended':
        this.#runningFiles.delete(event.file);
        this.#endedFiles.add(event.file);
        this.#failures.push(...describeErrors(event.file, 'the file itself', event.errors));
        return true;
      case 'run ended':
        this.#isComplete = true;
        this.#failures.push(
          ...event.errors.map((error) => describe('an error outside of every test', error)),
        );
        return true;
      default:
        throw new Error(`Unknown message of the reporter: ${JSON.stringify(event)}`);
    }
  }

  /** The longest time limit of a test that runs now, in milliseconds; 0 when none runs. */
  longestLimitMs() {
    return Math.max(0, ...[...this.#runningTests.values()].map(({ limitMs }) => limitMs ?? 0));
  }

  /** @param ended how vitest ended: its exit code, and why it was ended where it did not end by itself */
  summarise(level, { code, endedBecause }) {
    const tests = [...this.#ended.values()];
    const inState = (...states) => tests.filter(({ state }) => states.includes(state));
    const failures = inState('failed').map(({ file, name, errors }) =>
      describe(`${placeOf(file)}: ${name}`, errors.join('\n')),
    );
    failures.push(...this.#failures, ...this.#cut({ code, endedBecause }));
    const notes = inState('skipped', 'pending').map(({ name }) => `${level.name}: ${name}`);
    const missed = this.#files.filter(
      (file) => !this.#endedFiles.has(file) && !this.#runningFiles.has(file),
    );
    if (missed.length > 0) {
      notes.push(`${level.name}: not reached: ${missed.map(placeOf).join(', ')}`);
    }
    if (tests.length === 0 && failures.length === 0) notes.push(`level ${level.name} has no tests`);
    if (code !== 0 && failures.length === 0)
      failures.push(`ended with exit ${code} although no test failed`);
    return outcome(level.name, {
      passed: inState('passed').length,
      failed: failures.length,
      skipped: tests.length - inState('passed', 'failed').length,
      notes,
      failures: failures.map((failure) => `${level.name}: ${failure}`),
    });
  }

  /** One failure for a level that did not come to its end, which names what was running then. */
  #cut({ code, endedBecause }) {
    if (this.#isComplete && endedBecause === undefined && this.#runningFiles.size === 0) return [];
    const why = endedBecause ?? `ended with exit ${code} before all its tests had ended`;
    const running = [...this.#runningTests.values()].map(
      ({ file, name }) => `running: ${placeOf(file)}: ${name}`,
    );
    const named = new Set([...this.#runningTests.values()].map(({ file }) => file));
    for (const file of this.#runningFiles) {
      if (!named.has(file)) running.push(`running: ${placeOf(file)}, ${UNNAMED}`);
    }
    return [describe(why, running.join('\n'))];
  }
}

/** Tests report themselves after a moment only, so one that blocks its process at once is never named. */
const UNNAMED = 'in a hook, in an import, or in a test that keeps its process from telling of it';

const placeOf = (file) => relative(root, file);

function describeErrors(file, name, errors) {
  return errors.length === 0 ? [] : [describe(`${placeOf(file)}: ${name}`, errors.join('\n'))];
}

/** What failed and, indented below it, the first lines of what it said. */
function describe(what, said) {
  const lines = stripVTControlCharacters(said)
    .replaceAll(root, '')
    .split('\n')
    .filter((line) => line !== '' && !line.includes('node_modules'))
    .slice(0, 14);
  return [what, ...lines.map((line) => `    ${line}`)].join('\n');
}
