import { execFile } from 'node:child_process';
import { copyFile, mkdir, readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { CERTIFICATE_STORE } from '@core/ports/certificate-store';
import { furtherAuthorities, trustAuthorities } from '@core/hub/authorities';
import { createCliHarness } from '@fixtures/cli-harness';
import { createTempHome, type TempHome } from '@fixtures/temp-home';
import { Agent, fetch } from 'undici';
import { afterEach, beforeEach, expect, test } from 'vitest';

const run = promisify(execFile);

let home: TempHome;
beforeEach(async () => {
  home = await createTempHome();
});
afterEach(() => home.close());

/** A certificate for localhost that nobody knows, and its key. */
async function makeCertificate(): Promise<{ cert: string; key: string }> {
  const [cert, key] = [join(home.folder, 'company.pem'), join(home.folder, 'key.pem')];
  const name = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost'];
  await run('openssl', [
    ...['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', ...name],
    ...['-keyout', key, '-out', cert],
  ]);
  return { cert, key };
}

/** The system's own store with one certificate more; we read neither variable ourselves. */
async function systemStore(cert: string): Promise<Record<string, string>> {
  const folder = join(home.folder, 'store');
  await mkdir(folder);
  const { stdout } = await run('openssl', ['x509', '-in', cert, '-noout', '-hash']);
  await copyFile(cert, join(folder, `${stdout.trim()}.0`));
  return { SSL_CERT_DIR: folder };
}

test('what the environment names is trusted by every later connection, the packaged application’s too', async () => {
  const { cert, key } = await makeCertificate();
  const server = createServer(
    { cert: await readFile(cert), key: await readFile(key) },
    (_request, response) => response.end('hello'),
  );
  await new Promise<void>((done) => server.listen(0, 'localhost', done));
  const url = `https://localhost:${(server.address() as AddressInfo).port}/`;
  const get = async (): Promise<string> => (await fetch(url, { dispatcher: new Agent() })).text();
  try {
    await expect(get()).rejects.toThrow();
    expect(trustAuthorities({ NODE_EXTRA_CA_CERTS: cert })).toEqual([]);
    expect(await get()).toBe('hello');
  } finally {
    server.close();
    server.closeAllConnections();
  }
});

test('Hugging Face is reached behind a proxy whose certificate is named, also by what Node itself does not read', async () => {
  const { cert, key } = await makeCertificate();
  const server = createServer(
    { cert: await readFile(cert), key: await readFile(key) },
    (_request, response) => response.setHeader('content-type', 'application/json').end('[]'),
  );
  await new Promise<void>((done) => server.listen(0, 'localhost', done));
  const endpoint = `https://localhost:${(server.address() as AddressInfo).port}`;
  const ask = async (env: Readonly<Record<string, string>>) => {
    const harness = await createCliHarness({ HF_ENDPOINT: endpoint, ...env });
    try {
      return await harness.run('search', 'anything');
    } finally {
      await harness.close();
    }
  };
  try {
    expect(await ask({ SSL_CERT_FILE: cert })).toMatchObject({ code: 0 });
    expect(await ask(await systemStore(cert))).toMatchObject({ code: 0 });
    expect(await ask({ SSL_CERT_FILE: '' })).toMatchObject({
      code: 1,
      stderr: expect.stringContaining(CERTIFICATE_STORE),
    });
  } finally {
    server.close();
    server.closeAllConnections();
  }
});

test('a file that is not there or holds none is named, and the others count', async () => {
  const { cert } = await makeCertificate();
  const other = join(home.folder, 'notes.txt');
  await writeFile(other, 'no certificate');
  const none = furtherAuthorities({ NODE_EXTRA_CA_CERTS: other, SSL_CERT_FILE: cert });
  expect(none.certificates).toHaveLength(1);
  expect(none.problems).toEqual([
    `NODE_EXTRA_CA_CERTS names ${other}, which holds no certificate.`,
  ]);
  const gone = furtherAuthorities({ SSL_CERT_FILE: '/nowhere/ca.pem' });
  expect(gone.problems).toEqual([expect.stringContaining('SSL_CERT_FILE names /nowhere/ca.pem')]);
});
