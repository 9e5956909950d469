import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
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

describe('the environment of the login shell', () => {
  it('is read whatever the shell prints besides', async () => {
    await shellThat(
      'echo Welcome to =this= machine\nexport HF_HOME="/Volumes/My models" TWO="a\nb"\nPATH=/one:$PATH\nexec /bin/sh -c "$2"',
    );
    const read = await readLoginEnvironment(shell);
    expect(read).toMatchObject({ HF_HOME: '/Volumes/My models', TWO: 'a\nb' });
    expect(read.PATH).toMatch(/^\/one:/);
  });

  it('is left out where the shell fails, does not end, or is none', async () => {
    await shellThat('exit 1');
    expect(await readLoginEnvironment(shell)).toEqual({});
    await shellThat('exec sleep 60');
    const began = performance.now();
    expect(await readLoginEnvironment(shell)).toEqual({});
    expect(performance.now() - began).toBeLessThan(30_000);
    expect(await readLoginEnvironment('nonsense')).toEqual({});
    expect(await readLoginEnvironment(join(folder, 'none'))).toEqual({});
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
