import { spawn } from 'node:child_process';
import { once } from 'node:events';
import net from 'node:net';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { build } from 'vite';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';

import { openProcesses } from '@core/processes/open-processes';
import { psProcesses } from '@core/processes/ps-processes';
import { faultyTools, type ToolFault } from '@fixtures/faulty-tools';
import { buildMacLibrary } from '@fixtures/mac-library';
import { createTempHome, findFreePort, type TempHome } from '@fixtures/temp-home';
import { recordingLogger } from '@fixtures/recording-logger';

const at = (file: string): string => fileURLToPath(new URL(`../../../${file}`, import.meta.url));

let tools: TempHome;
let looker: string;
beforeAll(async () => {
  tools = await createTempHome();
  await build({
    configFile: false,
    logLevel: 'error',
    resolve: { alias: { '@shared': at('src/shared'), '@core': at('src/main/core') } },
    ssr: { noExternal: true },
    build: {
      ssr: at('tests/fixtures/process-looker.ts'),
      outDir: tools.folder,
      rolldownOptions: { output: { entryFileNames: 'looker.mjs' } },
    },
  });
  looker = path.join(tools.folder, 'looker.mjs');
});
afterAll(() => tools.close());

/** What a program of its own sees: 'known', or why it could not tell, for each way of asking. */
async function look(
  view: string,
  question: { pid: number; exhaust?: boolean },
  before = '',
): Promise<Record<string, string>> {
  const command = `${before} "${process.execPath}" "${looker}" ${view}`;
  const child = spawn('sh', ['-c', command], { stdio: ['pipe', 'pipe', 'inherit'] });
  child.stdin.end(`${JSON.stringify(question)}\n`);
  const [line] = await once(createInterface({ input: child.stdout }), 'line');
  return JSON.parse(String(line)) as Record<string, string>;
}

const isLinux = process.platform === 'linux';

describe('a program that has no file descriptor left', () => {
  test.runIf(isLinux)('cannot tell anything of /proc, which is no empty table', async () => {
    const answers = await look('/proc', { pid: process.pid, exhaust: true }, 'ulimit -n 64;');
    for (const [name, answer] of Object.entries(answers)) {
      expect(answer, name).toMatch(/EMFILE|too many open files/);
    }
  });

  test('cannot run ps or lsof, which is no empty table', async () => {
    const answers = await look('ps', { pid: process.pid, exhaust: true }, 'ulimit -n 64;');
    for (const [name, answer] of Object.entries(answers)) {
      // The usage stood in the table of a moment before.
      if (name !== 'usage') expect(answer, name).toMatch(/could not be run/);
    }
  });
});

test.runIf(isLinux && process.geteuid?.() === 0)(
  'a /proc of other processes than ours proves nothing',
  async () => {
    const answers = await look('/proc', { pid: 2 ** 22 - 1 }, 'exec unshare --pid --fork');
    for (const name of ['list', 'read', 'carrying']) {
      expect(answers[name], name).toMatch(/does not show this process itself/);
    }
  },
);

const FAULTS: ToolFault[] = ['missing', 'fails', 'silent', 'empty', 'half', 'cut', 'foreign'];

describe.each(FAULTS)('ps and lsof: %s', (fault) => {
  const { PATH } = process.env;
  let home: TempHome;
  let server: net.Server;
  let port: number;
  beforeEach(async () => {
    home = await createTempHome();
    port = await findFreePort();
    server = net.createServer().listen(port, '127.0.0.1');
    await once(server, 'listening');
    process.env.PATH = await faultyTools(path.join(home.folder, 'bin'), fault);
  });
  afterEach(async () => {
    process.env.PATH = PATH;
    await new Promise((resolve) => server.close(resolve));
    await home.close();
  });

  test('the answer is unknown, with the reason', async () => {
    const processes = psProcesses(true);
    const answers = [
      await processes.list(),
      await processes.read(2 ** 22 - 1),
      await processes.carrying('MM_NONCE', 'nobody'),
      await processes.usage([process.pid]),
      // Half of the answer about one socket lacks its address.
      await processes.listeners(port),
      await processes.listeners(port, [process.pid]),
      ...(fault === 'half' ? [] : [await processes.connections(port, process.pid)]),
    ];
    for (const answer of answers) {
      expect(answer).toMatchObject({ known: false, reason: expect.stringMatching(/ps|lsof/) });
    }
  });
});

test('ps and lsof that never end are given up after some seconds', async () => {
  const { PATH } = process.env;
  const home = await createTempHome();
  process.env.PATH = await faultyTools(path.join(home.folder, 'bin'), 'hangs');
  try {
    const processes = psProcesses(true);
    const answers = await Promise.all([processes.list(), processes.listeners(9)]);
    expect(answers).toEqual([
      { known: false, reason: 'ps did not answer within 8 s' },
      { known: false, reason: 'lsof did not answer within 8 s' },
    ]);
  } finally {
    process.env.PATH = PATH;
    await home.close();
  }
});

describe('a Mac', () => {
  test('whose library cannot be called is looked at with ps, and that is said once', async () => {
    const { logger, lines } = recordingLogger();
    const processes = openProcesses(logger, 'darwin', '/nowhere/libSystem.dylib');
    expect(lines).toEqual([]);
    const list = await processes.list();
    const usage = await processes.usage([process.pid]);
    expect(list.known && list.value.some(({ pid }) => pid === process.pid)).toBe(true);
    // The resident size is not the memory of a process there.
    expect(usage.known && usage.value.get(process.pid)?.memoryBytes).toBeUndefined();
    expect(usage.known && usage.value.has(process.pid)).toBe(true);
    expect(lines).toEqual([expect.stringMatching(/library of the system cannot be called/)]);
  });

  test('is looked at through its library', async (context) => {
    const library = await buildMacLibrary();
    if ('reason' in library) return context.skip(library.reason);
    const { logger, lines } = recordingLogger();
    const { PATH } = process.env;
    // No program is needed, nor found.
    process.env.PATH = '/nowhere';
    try {
      const processes = openProcesses(logger, 'darwin', library.path);
      const list = await processes.list();
      const usage = await processes.usage([process.pid]);
      expect(list.known && list.value.some(({ pid }) => pid === process.pid)).toBe(true);
      expect(usage.known && usage.value.get(process.pid)?.memoryBytes).toBeGreaterThan(1e6);
      expect(lines).toEqual([]);
    } finally {
      process.env.PATH = PATH;
    }
  });
});

test('ps and lsof are asked in the C locale and in UTC, whatever this program has', async () => {
  const { PATH, TZ, LC_ALL } = process.env;
  const home = await createTempHome();
  Object.assign(process.env, { TZ: 'Pacific/Kiritimati', LC_ALL: 'de_DE.UTF-8' });
  process.env.PATH = await faultyTools(path.join(home.folder, 'bin'), 'only-in-C');
  try {
    const processes = psProcesses(true);
    expect(await processes.list()).toMatchObject({ known: true });
    expect(await processes.carrying('MM_NONCE', 'nobody')).toEqual({ known: true, value: [] });
    expect(await processes.listeners(9)).toEqual({ known: true, value: [] });
    expect(await processes.connections(9, process.pid)).toEqual({ known: true, value: 0 });
  } finally {
    process.env.PATH = PATH;
    restore('TZ', TZ);
    restore('LC_ALL', LC_ALL);
    await home.close();
  }
});

function restore(name: string, value: string | undefined): void {
  if (value === undefined) delete process.env[name];
  else process.env[name] = value;
}
