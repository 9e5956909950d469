import { execFileSync } from 'node:child_process';
import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { findViolations, importsOf, type Source } from './architecture';
import { findExits, findFloatingCalls } from './endings';
import { readSources } from './read-sources';
import { findFileCircles, findRoomCircles, findRoomViolations } from './rooms';

const check = (path: string, text: string, others: readonly Source[] = []): string[] =>
  findViolations([{ path, text }, ...others]);

describe('the layers of src/', () => {
  it('are kept by every file', async () => {
    const sources = await readSources();
    expect(sources.length).toBeGreaterThan(20);
    expect(findViolations(sources)).toEqual([]);
  });
});

const root = join(import.meta.dirname, '../..');

describe('work that nobody waits for', () => {
  it('has an owner: no promise floats, and none is thrown away by void', async () => {
    const floating = [
      'export async function own(): Promise<void> {}',
      'own();',
      'own().then(() => undefined);',
      'void own();',
      'setTimeout(() => void own(), 1);',
      'own().catch(() => undefined);',
    ].join('\n');
    const rules = await lint({ 'src/main/core/a.ts': floating });
    expect(rules).toEqual([
      'lint/nursery/noFloatingPromises 2',
      'lint/nursery/noFloatingPromises 3',
      'lint/complexity/noVoid 4',
      'lint/complexity/noVoid 5',
    ]);
  });

  it('is not that of the system either', async () => {
    const text = `import { open as openFile, rm } from 'node:fs/promises';\nconst a = rm('x');\nrm('x');\nopenFile('x');\nawait rm('y');`;
    expect(findFloatingCalls({ path: 'a.ts', text })).toEqual(['a.ts:3', 'a.ts:4']);
    expect(
      (await readSources())
        .filter(({ path }) => !path.startsWith('src/renderer/'))
        .flatMap(findFloatingCalls),
    ).toEqual([]);
  });

  it('is not cut off: the process is ended in one place, behind which nothing runs', async () => {
    const exits = (await readSources()).flatMap(findExits);
    expect(exits).toEqual([expect.stringMatching(/^src\/cli\/terminal\/end-process\.ts:\d+$/)]);
  });
});

/** What the linter says of these files by this repository's rules: each rule with its line. */
async function lint(files: Readonly<Record<string, string>>): Promise<string[]> {
  const folder = await mkdtemp(join(tmpdir(), 'mm-lint-'));
  try {
    await cp(join(root, 'biome.json'), join(folder, 'biome.json'));
    for (const [path, text] of Object.entries(files)) {
      await mkdir(join(folder, path, '..'), { recursive: true });
      await writeFile(join(folder, path), text);
    }
    const biome = join(root, 'node_modules/@biomejs/biome/bin/biome');
    const args = [biome, 'lint', '--vcs-enabled=false', '--reporter=json', '.'];
    const said = runAnyway(process.execPath, args, folder);
    const report: Report = JSON.parse(said.slice(said.indexOf('{')));
    return report.diagnostics
      .map(({ category, location }) => ({ category, line: location.start.line }))
      .sort((a, b) => a.line - b.line)
      .map(({ category, line }) => `${category} ${line}`);
  } finally {
    await rm(folder, { recursive: true });
  }
}

interface Report {
  readonly diagnostics: readonly {
    readonly category: string;
    readonly location: { readonly start: { readonly line: number } };
  }[];
}

/** Its output, also when it ends with an error. */
function runAnyway(program: string, args: readonly string[], cwd: string): string {
  try {
    return execFileSync(program, args, {
      cwd,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    });
  } catch (error) {
    return String((error as { stdout?: unknown }).stdout);
  }
}

describe('the rooms of src/', () => {
  it('import only what their table allows', async () => {
    expect(findRoomViolations(await readSources())).toEqual([]);
  });

  it('have no circle of files and none of folders, types included', async () => {
    const sources = await readSources();
    expect(findFileCircles(sources)).toEqual([]);
    expect(findRoomCircles(sources)).toEqual([]);
  });

  it('are refused where they are not in the table, import upwards, or need each other', () => {
    const file = (path: string, text = ''): Source => ({ path: `src/${path}`, text });
    const ports = file('main/core/ports/index.ts', `import type { A } from '../servers/a';`);
    const a = file('main/core/servers/a.ts', `import type { P } from '../ports';`);
    expect(findRoomViolations([ports, a])).toEqual([
      'src/main/core/ports/index.ts: main/core/ports must not import main/core/servers',
    ]);
    expect(findRoomViolations([file('main/core/attic/a.ts')])).toHaveLength(1);
    expect(findFileCircles([ports, a])).toHaveLength(1);
    expect(findRoomCircles([ports, a])).toHaveLength(1);
    const b = file('main/core/servers/b.ts', `import type { P } from '../ports';`);
    const leaf = file('main/core/ports/index.ts');
    expect(findRoomCircles([leaf, a, b])).toEqual([]);
  });
});

describe('the check', () => {
  it.each([
    ['electron in the core', 'src/main/core/core.ts', `import { app } from 'electron';`],
    ['electron in the core by name only', 'src/main/core/core.ts', `import 'electron';`],
    ['electron, loaded late', 'src/main/core/core.ts', `const e = await import('electron');`],
    [
      'types of electron in the core',
      'src/main/core/core.ts',
      `import type { App } from 'electron';`,
    ],
    ['a host in the core', 'src/main/core/core.ts', `import { serve } from '@headless/serve';`],
    ['a host by a relative path', 'src/main/core/a/b.ts', `import { x } from '../../headless/x';`],
    ['electron in the headless host', 'src/main/headless/a.ts', `export { app } from 'electron';`],
    ['node in shared', 'src/shared/a.ts', `import { join } from 'node:path';`],
    ['node in shared without its prefix', 'src/shared/a.ts', `import fs from 'fs';`],
    ['the core in shared', 'src/shared/a.ts', `import type { Core } from '@core/core';`],
    ['the core in the command line', 'src/cli/a.ts', `import { createCore } from '@core/core';`],
    [
      'a library that cuts files on a full disk',
      'src/main/core/a.ts',
      `import writeFileAtomic from 'write-file-atomic';`,
    ],
    [
      'a store for windows in the core',
      'src/main/core/a.ts',
      `import Store from 'electron-store';`,
    ],
    ['execa in the command line', 'src/cli/a.ts', `import { execa } from 'execa';`],
    ['node in the renderer', 'src/renderer/a.tsx', `import { readFile } from 'node:fs/promises';`],
    ['zod in the renderer', 'src/renderer/a.tsx', `import { z } from 'zod';`],
    [
      'types of the core in the renderer',
      'src/renderer/a.tsx',
      `import type { A } from '@core/a';`,
    ],
    ['a file of no layer', 'src/stray.ts', ''],
    ['a file of no layer inside main', 'src/main/stray.ts', ''],
  ])('refuses %s', (_, path, text) => {
    expect(check(path, text)).toHaveLength(1);
  });

  it.each([
    ['packages of the core', 'src/main/core/a.ts', `import { execa } from 'execa';`],
    ['shared in the core', 'src/main/core/a.ts', `import { requests } from '@shared/contract';`],
    ['a neighbour', 'src/main/core/a/b.ts', `import { c } from '../c/d';`],
    ['an import in a comment', 'src/shared/a.ts', `// import { app } from 'electron';\n`],
    [
      'types for the renderer',
      'src/renderer/a.tsx',
      `import type { Server } from '@shared/contract';`,
    ],
    ['marked types', 'src/renderer/a.tsx', `import { type Server } from '@shared/contract';`],
    ['a style sheet', 'src/renderer/main.tsx', `import './styles.css';`],
  ])('allows %s', (_, path, text) => {
    expect(check(path, text)).toEqual([]);
  });

  it('lets the renderer run pure functions of shared, not what carries zod', () => {
    const pure = { path: 'src/shared/pure.ts', text: `import type { A } from './a';` };
    const a = { path: 'src/shared/a.ts', text: `import { z } from 'zod';` };
    const through = { path: 'src/shared/through.ts', text: `import { A } from './a';` };
    const others = [pure, a, through];
    expect(check('src/renderer/x.ts', `import { f } from '@shared/pure';`, others)).toEqual([]);
    const refused = check('src/renderer/x.ts', `import { f } from '@shared/through';`, others);
    expect(refused).toEqual([expect.stringContaining('src/shared/through.ts -> src/shared/a.ts')]);
  });

  it('reads imports over several lines', () => {
    const text = `import {\n  a,\n  type B,\n} from './one';\nexport type { C } from './two';\n`;
    expect(importsOf(text)).toEqual([
      { specifier: './one', typeOnly: false },
      { specifier: './two', typeOnly: true },
    ]);
  });
});
