import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { homedir, hostname } from 'node:os';
import { join } from 'node:path';
import { faultyTools } from '@fixtures/faulty-tools';
import { createTempHome, type TempHome } from '@fixtures/temp-home';
import { execa } from 'execa';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

let home: TempHome;

beforeEach(async () => {
  home = await createTempHome();
});
afterEach(() => home.close());

interface Report {
  readonly code: number | undefined;
  readonly lines: readonly string[];
  /** The row of a check, its columns apart: name, result, time, what was seen. */
  readonly row: (name: string) => readonly string[];
  readonly file: string;
}

/** Everything that it writes lies in the folder of the test, whose name holds a space and letters beyond ASCII. */
async function macCheck(
  args: readonly string[],
  env: Record<string, string> = {},
): Promise<Report> {
  const file = join(home.folder, 'report.txt');
  const result = await execa(
    'npm',
    ['run', '--silent', 'mac-check', '--', '--out', file, ...args],
    {
      reject: false,
      env: { TMPDIR: home.folder, ...env },
    },
  );
  const lines = result.stdout.split('\n');
  const rows = lines.map((line) => line.split(/ {2,}/));
  const row = (name: string): string[] => {
    const found = rows.find(([first]) => first === name);
    if (!found) throw new Error(`No row ${name} in: ${result.stdout}\n${result.stderr}`);
    return found;
  };
  return { code: result.exitCode, lines, row, file: await readFile(file, 'utf8') };
}

/** Where processes are compared here: with the stand-in where there is a C compiler. */
const VIEW = process.platform === 'darwin' ? 'libSystem' : '/proc';

describe('npm run mac-check', () => {
  it('reports what is here, names what is not, and leaves nothing', async () => {
    const report = await macCheck([]);
    expect(report.lines.filter((line) => line.includes('  not ok  '))).toEqual([]);
    expect(report.code).toBe(0);
    for (const name of ['process table', 'one process', 'listeners', 'connections', 'CPU time']) {
      expect(report.row(`${name} (${VIEW})`)[1]).toBe('ok');
    }
    expect(report.row('manager without a desktop (source)')[1]).toBe('ok');
    if (process.platform !== 'darwin') {
      expect(report.row('application (the stand-in for Electron)')[3]).toMatch(/login item/);
    }
    expect(report.row('mlx-manager doctor (source)')[3]).toMatch(/ checks; problems: /);
    expect(report.row('nothing is left of these checks')[1]).toBe('ok');
    if (process.platform !== 'darwin') {
      expect(report.row('system proxy').slice(1)).toEqual(['not here', '0.0 s', 'macOS alone']);
    }
    expect(report.lines.at(-1)).toMatch(/^\d+ ok, 0 not ok, \d+ not here$/);
    expect(report.lines.at(-2)).toBe(`Report: ${join(home.folder, 'report.txt')}`);
    expect(report.file.trimEnd().split('\n').at(-1)).toBe(report.lines.at(-1));
    for (const name of [homedir(), home.folder, hostname()])
      expect(report.file).not.toContain(name);
    // Of its own folder and those of what it started, nothing; what npm and node keep is theirs.
    expect((await readdir(home.folder)).filter((name) => /mlx-manager|home-/.test(name))).toEqual(
      [],
    );
  });

  it('ends with 1 where a check fails, and runs the others', async () => {
    const PATH = await faultyTools(join(home.folder, 'bin'), 'half');
    const app = join(home.folder, 'Broken.app');
    await mkdir(join(app, 'Contents'), { recursive: true });
    await writeFile(join(app, 'Contents', 'Info.plist'), '<plist></plist>');
    const names = ['process table', 'package', 'certificates'];
    const report = await macCheck(['--app', app, ...names], { PATH });
    expect(report.code).toBe(1);
    expect(report.row(`process table (${VIEW})`)[1]).toBe('not ok');
    expect(report.row('package')[1]).toBe('not ok');
    expect(report.row('certificates')[1]).toBe('ok');
    expect(report.lines.at(-1)).toMatch(/^\d+ ok, [23] not ok, \d+ not here$/);
    // What is not ok stands first.
    const results = report.lines.slice(3).map((line) => line.split(/ {2,}/)[1]);
    expect(results[0]).toBe('not ok');
  });
});
