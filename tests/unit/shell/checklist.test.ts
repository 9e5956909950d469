import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

const README = 'src/main/shell/README.md';

async function sources(folder: string): Promise<{ path: string; text: string }[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile() && /\.tsx?$/.test(entry.name));
  return Promise.all(
    files.map(async (entry) => {
      const path = join(entry.parentPath, entry.name);
      return { path, text: await readFile(path, 'utf8') };
    }),
  );
}

describe("Electron's security checklist", () => {
  it('has each of its twenty items with the file that keeps it and the test that shows it', async () => {
    const rows = [
      ...(await readFile(README, 'utf8')).matchAll(
        /^\| (\d+) \| ([^|]+) \| ([^|]+) \| ([^|]+) \|$/gm,
      ),
    ];
    expect(rows.map((row) => Number(row[1]))).toEqual(
      Array.from({ length: 20 }, (_, index) => index + 1),
    );
    const tests = new Set(
      (await sources('tests')).map(({ path }) =>
        path.replace(/^tests\//, '').replace(/\.test\.tsx?$/, ''),
      ),
    );
    for (const row of rows) {
      const named = [
        ...(row[4] ?? '').matchAll(/((?:unit|e2e-electron|integration)\/[\w-]+(?:\/[\w-]+)?)/g),
      ];
      expect(named.length, row[0]).toBeGreaterThan(0);
      for (const [, name = ''] of named) {
        const isThere = tests.has(name) || [...tests].some((test) => test.startsWith(`${name}/`));
        expect(isThere, name).toBe(true);
      }
    }
  });

  it.each([
    /webSecurity/,
    /allowRunningInsecureContent/,
    /experimentalFeatures/,
    /enableBlinkFeatures/,
    /allowpopups/i,
    /<webview/i,
    /nodeIntegration: true/,
    /contextIsolation: false/,
    /sandbox: false/,
    /no-sandbox/,
    /file:\/\//,
    /dangerouslySetInnerHTML/,
    /unsafe-(inline|eval)/,
    /@electron\/remote/,
    /disable-web-security/,
    /ignore-certificate-errors/,
  ])('%s is nowhere in the program', async (pattern) => {
    const all = [
      ...(await sources('src/main/shell')),
      ...(await sources('src/preload')),
      ...(await sources('src/renderer')),
    ];
    expect(all.length).toBeGreaterThan(50);
    expect(all.filter(({ text }) => pattern.test(text)).map(({ path }) => path)).toEqual([]);
  });

  it('the sandbox is switched on for all, before Electron is ready', async () => {
    const text = await readFile('src/main/shell/preboot.ts', 'utf8');
    expect(text).toMatch(/app\.enableSandbox\(\);/);
    expect(text).not.toMatch(/\bawait\b/);
  });

  it('Electron is kept current by itself, and is the version that is type-checked', async () => {
    expect(await readFile('.github/dependabot.yml', 'utf8')).toMatch(
      /patterns: \[electron, electron-\*\]/,
    );
    const wanted = JSON.parse(await readFile('package.json', 'utf8')).devDependencies
      .electron as string;
    const installed = JSON.parse(await readFile('node_modules/electron/package.json', 'utf8'))
      .version as string;
    expect(installed.split('.')[0]).toBe(wanted.replace('^', '').split('.')[0]);
  });
});
