import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createDocumentStore } from '@host/document-store';
import { resolveEnvironment } from '@shell/last-environment';
import { readLoginEnvironment, takenOver } from '@shell/login-environment';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

let folder: string;
let shell: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'mlx-shell-'));
  shell = join(folder, 'shell');
});
afterEach(() => rm(folder, { recursive: true, force: true }));

async function shellThat(does: string): Promise<void> {
  await writeFile(shell, `#!/bin/sh\n${does}\n`);
  await chmod(shell, 0o755);
}

/** What the shell told. */
async function told(): Promise<Record<string, string>> {
  const seen = await readLoginEnvironment(shell);
  if (!seen.known) throw new Error(seen.reason);
  return seen.value;
}

describe('what is used at a start', () => {
  const own = { PATH: '/usr/bin' };
  const now = Date.parse('2026-12-01T10:00:00Z');

  it('is what the shell told last, where it does not answer, and the person is told', async () => {
    const document = createDocumentStore(folder, 'login-environment');
    const env = {
      ...{ PATH: '/one:/usr/bin', HF_HOME: '/models', HF_TOKEN: 'hf_secret', LANG: 'C' },
      UV_INDEX_URL: 'https://me:pass@index.example',
    };
    const first = await resolveEnvironment({ known: true, value: env }, own, { document, now });
    expect(first).toEqual({ env: { ...env, LANG: undefined } });
    const text = await readFile(document.path, 'utf8');
    expect(text).toContain('/models');
    expect(text).not.toMatch(/hf_secret|pass@/);
    const silent = { known: false, reason: "/bin/zsh didn't respond within 10 s" } as const;
    const later = await resolveEnvironment(silent, own, { document, now: now + 1e9 });
    expect(later.env).toEqual({ PATH: '/one:/usr/bin', HF_HOME: '/models' });
    expect(later.warning).toMatch(/didn't respond within 10 s.*the one from 2026-12-01 is used/);
  });

  it('is what the application was given where nothing was ever told, and the person is told', async () => {
    const document = createDocumentStore(folder, 'login-environment');
    const silent = { known: false, reason: 'it ended' } as const;
    const { env, warning } = await resolveEnvironment(silent, own, { document, now });
    expect(env).toEqual(own);
    expect(warning).toMatch(
      /Couldn't read your shell's environment \(it ended\).*HF_HOME.*MLX_MANAGER_RESOLVING_ENVIRONMENT/,
    );
  });
});

describe('the environment of the login shell', () => {
  it('is read whatever the shell prints besides', async () => {
    await shellThat(
      'echo Welcome to =this= machine\nexport HF_HOME="/Volumes/My models" TWO="a\nb"\nPATH=/one:$PATH\nexec /bin/sh -c "$2"',
    );
    const read = await told();
    expect(read).toMatchObject({ HF_HOME: '/Volumes/My models', TWO: 'a\nb' });
    expect(read.PATH).toMatch(/^\/one:/);
  });

  it('is waited for while version managers do their work', async () => {
    await shellThat('sleep 4\nexport HF_HOME=/models\nexec /bin/sh -c "$2"');
    expect(await told()).toMatchObject({ HF_HOME: '/models' });
  });

  it('is read from a shell that another one replaced in its files', async () => {
    await shellThat('export HF_HOME=/models\nexec /bin/sh');
    expect(await told()).toMatchObject({ HF_HOME: '/models' });
  });

  it('is read where files make aliases and functions of the names that are asked with', async () => {
    const home = join(folder, 'home');
    await mkdir(home);
    const names = ['printf', 'env'].map((name) => `alias ${name}=false; ${name}() { false; }`);
    const text = `shopt -s expand_aliases\n${names.join('\n')}\nexport HF_HOME=/models\n`;
    await writeFile(join(home, '.bash_profile'), text);
    await shellThat(`HOME='${home}' exec /bin/bash "$@"`);
    expect(await told()).toMatchObject({ HF_HOME: '/models' });
  });

  it('tells its files that it is only asked', async () => {
    await shellThat(
      '[ "$MLX_MANAGER_RESOLVING_ENVIRONMENT" = 1 ] || exec sleep 60\nexec /bin/sh -c "$2"',
    );
    expect(await told()).toHaveProperty('PATH');
  });

  it('is asked of a C shell in its own way: with nothing beside -l', async () => {
    shell = join(folder, 'tcsh');
    await shellThat('[ "$*" = -l ] || exit 1\nexport HF_HOME=/models\nexec /bin/sh');
    expect(await told()).toMatchObject({ HF_HOME: '/models' });
  });

  it('is left out where the shell fails, does not end, or is none', async () => {
    await shellThat('exit 1');
    expect(await readLoginEnvironment(shell)).toMatchObject({ known: false });
    await shellThat('exec sleep 60');
    const slow = await readLoginEnvironment(shell, 500);
    expect(slow).toMatchObject({ known: false, reason: expect.stringContaining('within') });
    expect(await readLoginEnvironment('nonsense')).toMatchObject({ known: false });
    expect(await readLoginEnvironment(join(folder, 'none'))).toMatchObject({ known: false });
  });

  it('gives only what engines and installers need, and never replaces what was given', () => {
    const login = {
      PATH: '/one:/usr/bin',
      HF_HOME: '/models',
      HF_TOKEN: 'theirs',
      HTTPS_PROXY: 'http://proxy:8080',
      no_proxy: 'localhost',
      UV_INDEX_URL: 'https://index/',
      NODE_EXTRA_CA_CERTS: '/company.pem',
      SSL_CERT_FILE: '/all.pem',
      DYLD_INSERT_LIBRARIES: '/evil.dylib',
      NODE_OPTIONS: '--require /evil.js',
      ELECTRON_RUN_AS_NODE: '1',
      AWS_SECRET_ACCESS_KEY: 'x',
      EMPTY: '',
    };
    expect(takenOver(login, { PATH: '/usr/bin:/bin:relative', HF_TOKEN: 'given' })).toEqual({
      PATH: '/one:/usr/bin:/bin',
      HF_HOME: '/models',
      HTTPS_PROXY: 'http://proxy:8080',
      no_proxy: 'localhost',
      UV_INDEX_URL: 'https://index/',
      NODE_EXTRA_CA_CERTS: '/company.pem',
      SSL_CERT_FILE: '/all.pem',
    });
    expect(takenOver({}, { PATH: '/usr/bin' })).toEqual({ PATH: '/usr/bin' });
  });
});
