// What `npm test` runs, level by level, and when a level cannot run on this machine.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { ensureExecutable, THIS_SYSTEM } from './executable.mjs';
import { PLATFORMS } from './fetch-node.mjs';
import { root, run } from './node24.mjs';

/**
 * Files named `*.long.test.ts` and `*.engines.test.ts` are left out of the ordinary levels and make up one
 * of their own each. `blocked` says why a level cannot run here. A level ends when its last test has ended; one in
 * which nothing has ended for `quietMinutes` (5 where it says nothing) is stuck and is ended, as is one that takes
 * more than `minutes`: several times what it takes on two cores, and too little to use up the time of a whole run.
 */
export const LEVELS = [
  { name: 'unit', select: ['--project', 'unit'], minutes: 12 },
  { name: 'integration', select: ['--project', 'integration'], minutes: 30 },
  { name: 'contract', select: ['--project', 'contract'], minutes: 12 },
  {
    name: 'executable',
    select: ['--project', 'executable'],
    minutes: 15,
    blocked: withoutExecutable,
  },
  {
    name: 'real-engine',
    select: ['--project', 'real-engine'],
    minutes: 20,
    // A hook may take 15 minutes to install engines.
    quietMinutes: 17,
    blocked: withoutIndex,
  },
  {
    name: 'e2e-browser',
    select: ['--project', 'e2e-browser'],
    minutes: 30,
    blocked: withoutBrowser,
  },
  {
    name: 'e2e-electron',
    select: ['--project', 'e2e-electron'],
    minutes: 25,
    blocked: withoutBrowser,
    under: electronOrStandIn,
  },
  {
    name: 'engines',
    select: ['.engines.test.'],
    extra: true,
    minutes: 40,
    quietMinutes: 17,
    blocked: withoutIndex,
  },
  {
    name: 'long',
    select: ['.long.test.'],
    extra: true,
    minutes: 40,
    quietMinutes: 17,
    blocked: tellIndex,
  },
];

/** Globs that keep the extra levels out of the ordinary ones. */
export const EXTRA_FILES = ['**/*.long.test.*', '**/*.engines.test.*'];

/**
 * Engines come from the Python package index. Tests of other levels that need it read the reason from
 * MLX_MANAGER_NO_INDEX.
 */
let indexReason;
export async function withoutIndex() {
  indexReason ??= askIndex();
  if (indexReason) process.env.MLX_MANAGER_NO_INDEX = indexReason;
  return indexReason || undefined;
}

/** The single executable is made of a Node from the Python package index. */
async function withoutExecutable() {
  if (!(THIS_SYSTEM in PLATFORMS)) return `no single executable is made for ${THIS_SYSTEM}`;
  const reason = await withoutIndex();
  if (reason === undefined) await ensureExecutable();
  return reason;
}

/** Long tests of every kind: those that need the index or a browser skip themselves. */
async function tellIndex() {
  await withoutIndex();
  return undefined;
}

/** Asks through pip, which knows this machine's settings; '' when it answers. */
function askIndex() {
  const asked = spawnSync(
    'python3',
    [
      '-m',
      'pip',
      '--disable-pip-version-check',
      'index',
      'versions',
      'mlx-lm',
      '--timeout',
      '15',
      '--retries',
      '1',
    ],
    { encoding: 'utf8', timeout: 60_000 },
  );
  if (asked.error?.code === 'ENOENT') return 'there is no python3 on this machine';
  if (/No module named pip/.test(asked.stderr)) return 'python3 has no pip (Debian: python3-pip)';
  if (asked.status === 0) return '';
  const reason = asked.stderr.trim().split('\n').at(-1) || 'no answer within 60 s';
  return `the Python package index does not answer (${reason})`;
}

/**
 * Under what the desktop application is tested: a real Electron where there is a binary and the tests of the desktop
 * alone were asked for; in a whole run its stand-in, which needs no display.
 */
function electronOrStandIn(isAlone) {
  const folder =
    process.env.ELECTRON_OVERRIDE_DIST_PATH ?? join(root, 'node_modules', 'electron', 'dist');
  const name = process.platform === 'darwin' ? 'Electron.app/Contents/MacOS/Electron' : 'electron';
  const program = join(folder, name);
  if (!isAlone || !existsSync(program)) {
    delete process.env.MLX_MANAGER_ELECTRON;
    const why = isAlone ? 'there is no Electron binary here' : 'npm run test:desktop uses a binary';
    return `under the stand-in for Electron (${why})`;
  }
  process.env.MLX_MANAGER_ELECTRON = program;
  return `under ${program}`;
}

const CHROMIUM = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
];

/** The system's Chromium, or Playwright's own, which is fetched where it can be; sets MLX_MANAGER_CHROMIUM for the tests. */
async function withoutBrowser() {
  const given = process.env.MLX_MANAGER_CHROMIUM;
  const found =
    [given, ...CHROMIUM].find((path) => path !== undefined && existsSync(path)) ??
    (await fetchBrowser());
  await withoutIndex();
  if (found === undefined)
    return 'there is no Chromium here, and none could be fetched (Debian: apt-get install chromium)';
  process.env.MLX_MANAGER_CHROMIUM = found;
  return undefined;
}

async function fetchBrowser() {
  const require = createRequire(import.meta.url);
  const { chromium } = require('playwright');
  if (existsSync(chromium.executablePath())) return chromium.executablePath();
  console.error('Fetching Chromium for the browser tests ...');
  await run(process.execPath, [require.resolve('playwright/cli.js'), 'install', 'chromium'], {
    cwd: root,
    stdio: 'ignore',
    timeout: 240_000,
    env: { ...process.env, PLAYWRIGHT_DOWNLOAD_CONNECTION_TIMEOUT: '15000' },
  });
  return existsSync(chromium.executablePath()) ? chromium.executablePath() : undefined;
}
