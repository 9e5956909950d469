import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { buildProgram } from '@cli/program';
import { events, requests } from '@shared/contract';
import { Download } from '@shared/domain/download';
import { Installation } from '@shared/domain/engine';
import { GatewayRequest, GatewaySession } from '@shared/domain/gateway-records';
import { Model } from '@shared/domain/model';
import { ServerProfile } from '@shared/domain/profile';
import { Server } from '@shared/domain/server';
import { nextServerState, SERVER_EVENTS, SERVER_STATES } from '@shared/domain/server-state';
import { ERROR_CODES, FAILURE_CODES } from '@shared/errors';
import { failureLabel } from '@shared/errors/failure-label';
import type { Command } from 'commander';
import { describe, expect, it } from 'vitest';
import { ROOMS } from './rooms';

const root = join(import.meta.dirname, '../..');
const read = (file: string): string => readFileSync(join(root, file), 'utf8');

/** Every file of the repository, new ones too. */
const files = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard'], {
  cwd: root,
  encoding: 'utf8',
})
  .trim()
  .split('\n');
const folders = new Set(files.flatMap(foldersOf));
const documents = files.filter(
  (file) => /^(README|CONTRIBUTING)\.md$/.test(file) || /^(docs|src)\/.*\.md$/.test(file),
);

function foldersOf(file: string): string[] {
  const folder = dirname(file);
  return folder === '.' ? [] : [folder, ...foldersOf(folder)];
}

/** Words in code and targets of links that claim to be a file or a folder of this repository. */
function pathsIn(text: string): string[] {
  const prose = text.replace(/^```.*?^```/gms, '');
  const spans = [...prose.matchAll(/`([^`\s]+)`/g)].map(([, span]) => span ?? '');
  const links = [...prose.matchAll(/\]\(([^)\s]+)\)/g)].map(([, target]) => target ?? '');
  const isOurs = (path: string): boolean =>
    /^(src|tests|scripts|docs|resources|packaging)\//.test(path) ||
    /^[\w./-]+\.(ts|tsx|mjs|md|svg)$/.test(path);
  // Ways to write a name, and names to be filled in.
  const isExample = (path: string): boolean =>
    /^(kebab-case|PascalCase)\.|[*<>]|PLATFORM/.test(path);
  return [...spans, ...links].filter((path) => isOurs(path) && !isExample(path));
}

/** A path is given from the root, from its document, or by its last parts. */
function exists(document: string, path: string): boolean {
  const bare = path.replace(/\/$/, '');
  const candidates = [bare, normalize(join(dirname(document), bare))];
  if (candidates.some((name) => files.includes(name) || folders.has(name))) return true;
  // From the root it must be exact.
  if (/^(src|tests|scripts|docs|resources|packaging)\//.test(path) || path.startsWith('.'))
    return false;
  const base = document.startsWith('src/') ? dirname(document) : '';
  return files.some((file) => file.startsWith(base) && file.endsWith(`/${bare}`));
}

/** Code in the first cell of each row of the table below a heading. */
function firstCells(text: string, heading: string): string[] {
  const [, section = ''] = text.split(`\n## ${heading}\n`);
  const [own = ''] = section.split('\n## ');
  return [...own.matchAll(/^\| `([^`]+)`/gm)].map(([, cell]) => cell ?? '');
}

function leaves(command: Command, above = ''): { name: string; options: string[] }[] {
  return command.commands.flatMap((one) => {
    const name = `${above}${one.name()}`;
    if (one.commands.length > 0) return leaves(one, `${name} `);
    const options = one.options.flatMap(({ long }) => long ?? []).filter((o) => o !== '--json');
    return [{ name, options }];
  });
}

describe('documents', () => {
  it.each(documents)('%s names only files that exist', (document) => {
    const missing = pathsIn(read(document)).filter((path) => !exists(document, path));
    expect(missing).toEqual([]);
  });

  it('are found to name a file that does not exist', () => {
    const text = 'See `src/main/core/attic.ts`, [docs](docs/attic.md) and `attic.ts`.';
    const missing = pathsIn(text).filter((path) => !exists('README.md', path));
    expect(missing).toEqual(['src/main/core/attic.ts', 'attic.ts', 'docs/attic.md']);
  });
});

describe('docs/architecture.md', () => {
  it('lists the rooms of the table, each once', () => {
    const listed = firstCells(read('docs/architecture.md'), 'Rooms');
    expect(listed.toSorted()).toEqual(Object.keys(ROOMS).toSorted());
  });
});

describe('docs/contract.md', () => {
  const text = read('docs/contract.md');

  it('lists every request with its scope, and no other', () => {
    const rows = [...text.matchAll(/^\| `([\w.]+)` \| (any|local|desktop) \|/gm)];
    const real = Object.entries(requests).map(([name, { scope }]) => `${name} ${scope}`);
    expect(rows.map(([, name, scope]) => `${name} ${scope}`).toSorted()).toEqual(real.toSorted());
    expect(firstCells(text, 'Requests')).toHaveLength(real.length);
  });

  it('lists every event with its policy, and no other', () => {
    const rows = [...text.matchAll(/^\| `([\w.]+)` \| (every|latest|batch) \|/gm)];
    const real = Object.entries(events).map(([name, { policy }]) => `${name} ${policy}`);
    expect(rows.map(([, name, policy]) => `${name} ${policy}`).toSorted()).toEqual(real.toSorted());
    expect(firstCells(text, 'Events')).toHaveLength(real.length);
  });
});

describe('docs/command-line.md', () => {
  const text = read('docs/command-line.md');
  // Commands are made without being run, so that nothing of their surroundings is used.
  const program = buildProgram({} as Parameters<typeof buildProgram>[0]);
  const commands = [...leaves(program), { name: 'help', options: [] }];
  const rows = firstCells(text, 'Commands');

  it('lists every command, and no other', () => {
    const names = rows.map((cell) => cell.replace(/ [[A-Z].*$/, ''));
    expect(names.toSorted()).toEqual(commands.map(({ name }) => name).toSorted());
  });

  it.each(commands)('lists the options of $name, and no other', ({ name, options }) => {
    const row = text.split('\n').find((line) => new RegExp(`^\\| \`${name}[ \`]`).test(line)) ?? '';
    const [, ofFields = ''] = /^The options of all fields of a profile: (.*)$/m.exec(text) ?? [];
    const cell = row.split(' | ').at(2) ?? '';
    const told = `${cell} ${/those of all fields/.test(cell) ? ofFields : ''}`;
    const listed = [...told.matchAll(/`(--[\w-]+)`/g)].map(([, option]) => option);
    expect(listed.toSorted()).toEqual(options.toSorted());
  });

  it.each([
    ['server', Server],
    ['profile', ServerProfile],
    ['installation', Installation],
    ['download', Download],
    ['model', Model],
    ['request', GatewayRequest],
    ['session', GatewaySession],
  ] as const)('lists the fields of a %s, and no other', (name, schema) => {
    const line = text.split('\n').find((one) => one.startsWith(`- \`${name}\`:`)) ?? '';
    const [list = ''] = line.slice(line.indexOf(':')).split('. ');
    const listed = [...list.matchAll(/`(\w+\??)`/g)].map(([, field]) => field);
    const real = Object.entries(schema.shape).map(
      ([field, { type }]) => `${field}${type === 'optional' ? '?' : ''}`,
    );
    expect(listed.toSorted()).toEqual(real.toSorted());
  });

  it('lists every code of an error and of a failure, and every state', () => {
    const codesAfter = (start: string): string[] => {
      const line = text.split('\n').find((one) => one.startsWith(start)) ?? '';
      return [...line.matchAll(/`(\w+)`/g)].map(([, code]) => code ?? '');
    };
    expect(codesAfter('Codes of errors')).toEqual([...ERROR_CODES]);
    expect(codesAfter('Codes of failures')).toEqual([...FAILURE_CODES]);
    const [, states = ''] = /`state` is one of ([^.]*)\./.exec(text) ?? [];
    expect([...states.matchAll(/`(\w+)`/g)].map(([, state]) => state)).toEqual([...SERVER_STATES]);
  });
});

describe('src/main/core/servers/README.md', () => {
  it('draws every transition of a server, and no other', () => {
    const text = read('src/main/core/servers/README.md');
    const drawn = [...text.matchAll(/^ {2}(\w+) --> (\w+): (\w+)$/gm)].map(([line]) => line.trim());
    const real = SERVER_STATES.flatMap((state) =>
      SERVER_EVENTS.flatMap((event) => {
        const next = nextServerState(state, event);
        return next === undefined ? [] : [`${state} --> ${next}: ${event}`];
      }),
    );
    expect(drawn.toSorted()).toEqual(real.toSorted());
  });
});

describe('the pictures of the guide', () => {
  it('are there, small, and described; none lies there unused', () => {
    const folder = 'docs/guide/pictures';
    const pages = [...readdirSync('docs/guide').filter((name) => name.endsWith('.md'))];
    const texts = [...pages.map((name) => read(`docs/guide/${name}`)), read('README.md')];
    const named = texts.flatMap((text) =>
      [...text.matchAll(/!\[([^\]]*)\]\((?:docs\/guide\/)?pictures\/([^)]+)\)/g)].map(
        ([, alt = '', file = '']) => ({ alt, file }),
      ),
    );
    expect(named.length).toBeGreaterThan(8);
    for (const { alt, file } of named) {
      expect(alt, file).toMatch(/\w+ \w+/);
      expect(statSync(`${folder}/${file}`).size, file).toBeLessThan(150_000);
    }
    expect(readdirSync(folder).toSorted()).toEqual(
      [...new Set(named.map(({ file }) => file))].toSorted(),
    );
    expect(read('README.md')).toContain('docs/guide/pictures/');
  });
});

describe('docs/guide/troubleshooting.md', () => {
  it('has a part for each word that a failed server shows, and no other', () => {
    const heads = [...read('docs/guide/troubleshooting.md').matchAll(/^## (.+)$/gm)].map(
      ([, head]) => head,
    );
    expect(heads).toEqual([...FAILURE_CODES.map((code) => failureLabel(code)), 'Something else']);
  });
});
