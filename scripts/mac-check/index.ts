import { randomUUID } from 'node:crypto';
import { mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { carriersOf, endCarriers } from './carriers';
import { type Check, judge, type Result, runCheck } from './check';
import { type Context, lookingWays } from './context';
import { type Family, startFamily } from './family';
import { machineChecks } from './machine-checks';
import { managerChecks } from './manager-checks';
import { packageChecks } from './package-checks';
import { processChecks } from './process-checks';
import { pythonChecks } from './python-checks';
import { count, namesOfThisMachine, redact, table } from './report';
import { shellChecks } from './shell-checks';

export interface MacCheckOptions {
  /** The checkout. */
  readonly root: string;
  /** The packaged application. */
  readonly app: string;
  /** Where the report goes; without it, into a temporary folder. */
  readonly out: string | undefined;
  /** Checks whose name contains one of these; without any, all. */
  readonly only: readonly string[];
}

/**
 * Runs every check, one after the other, and prints the report; the last line counts.
 * @returns the exit code: 1 where something is not ok.
 */
export async function runMacCheck(options: MacCheckOptions): Promise<number> {
  const folder = await realpath(await mkdtemp(join(tmpdir(), 'mlx-manager-check-')));
  const { root, app, only } = options;
  const stop = new AbortController();
  let family: Promise<Family> | undefined;
  const run = randomUUID();
  const marks: string[] = [];
  const mark = (name: string): string => {
    marks.push(`${run}-${name}`);
    return `${run}-${name}`;
  };
  const context: Context = {
    root,
    app,
    folder,
    mark,
    ...(await lookingWays()),
    family: () => {
      family ??= startFamily({ folder, nonce: mark('family'), signal: stop.signal });
      return family;
    },
  };
  const end = async (): Promise<number[]> => (await family?.catch(() => undefined))?.end() ?? [];
  const interrupted = onInterrupt(async () => {
    stop.abort();
    await end();
    await endCarriers(marks);
    await rm(folder, { recursive: true, force: true });
  });
  try {
    const results = await runAll(wanted(checksOf(context), only), stop.signal);
    // What is being ended is no finding.
    if (stop.signal.aborted) return INTERRUPTED;
    results.push(await runCheck(nothingLeft(marks, end)));
    const names = namesOfThisMachine([
      [folder, 'TEMPORARY'],
      [app, 'APPLICATION'],
      [root, 'CHECKOUT'],
    ]);
    return await report(results, options.out, (text) => redact(text, names));
  } finally {
    await end();
    interrupted.forget();
    await rm(folder, { recursive: true, force: true });
  }
}

function checksOf(context: Context): Check[] {
  return [
    ...machineChecks(context),
    ...packageChecks(context),
    ...processChecks(context),
    ...pythonChecks(context),
    ...shellChecks(context),
    ...managerChecks(context),
  ];
}

/** @throws when a name matches no check. */
function wanted(checks: readonly Check[], only: readonly string[]): readonly Check[] {
  const unknown = only.find((part) => !checks.some(({ name }) => name.includes(part)));
  if (unknown !== undefined) throw new Error(`No check is called ${unknown}.`);
  if (only.length === 0) return checks;
  return checks.filter(({ name }) => only.some((part) => name.includes(part)));
}

async function runAll(checks: readonly Check[], stop: AbortSignal): Promise<Result[]> {
  const results: Result[] = [];
  for (const check of checks) {
    if (stop.aborted) break;
    console.error(`${check.name} ...`);
    results.push(await runCheck(check));
  }
  return results;
}

/** What was started has ended, also where a check forgot something: it carries its mark. */
function nothingLeft(marks: readonly string[], end: () => Promise<number[]>): Check {
  return {
    name: 'nothing is left of these checks',
    limitMs: 60_000,
    run: async () => {
      const stuck = await end();
      const pids = await carriersOf(marks);
      await endCarriers(marks);
      return judge(
        [...stuck, ...pids].map((pid) => `${pid} still runs`),
        'every process that was started has ended',
      );
    },
  };
}

async function report(
  results: readonly Result[],
  out: string | undefined,
  clean: (text: string) => string,
): Promise<number> {
  const system = `${process.platform} ${process.arch}, Node ${process.version}`;
  const lines = [`MLX Manager, what could be checked without hands (${system})`, ''];
  const text = clean([...lines, ...table(results), '', count(results)].join('\n'));
  const file = out ?? join(await mkdtemp(join(tmpdir(), 'mlx-manager-report-')), 'mac-check.txt');
  await writeFile(file, `${text}\n`);
  const all = text.split('\n');
  console.log(all.slice(0, -1).join('\n'));
  console.log(`Report: ${file}`);
  console.log(all.at(-1));
  return results.some(({ state }) => state === 'not ok') ? 1 : 0;
}

/** As a shell counts SIGINT. */
const INTERRUPTED = 130;

/** Ctrl-C and SIGTERM end what was started before they end this process. */
function onInterrupt(clean: () => Promise<void>): { forget: () => void } {
  const codes = { SIGINT: INTERRUPTED, SIGTERM: 143 } as const;
  const listeners = Object.entries(codes).map(([name, code]) => {
    const listener = (): void => {
      const exit = (): never => process.exit(code);
      clean().then(exit, exit);
    };
    process.once(name, listener);
    return () => process.off(name, listener);
  });
  return {
    forget: () => {
      for (const off of listeners) off();
    },
  };
}
