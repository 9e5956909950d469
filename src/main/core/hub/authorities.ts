import { readFileSync } from 'node:fs';
import tls from 'node:tls';

type Env = Readonly<Record<string, string | undefined>>;

/** Variables that name a file of further certificates in PEM; the packaged application's Node reads neither itself. */
const FILES = ['NODE_EXTRA_CA_CERTS', 'SSL_CERT_FILE'] as const;

/** A certificate in a PEM file, which may hold many and other text between them. */
const CERTIFICATE = /-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----/g;

let isDone = false;

/**
 * Makes every later TLS connection of this process trust what the machine trusts beside what Node brings along: a
 * company's proxy has its certificate in the keychain, which Node does not look at by itself. Once; takes some tens of
 * milliseconds, so that it is done when the first connection is.
 * @returns why something was left out, each as a sentence.
 */
export function trustAuthorities(env: Env): string[] {
  if (isDone) return [];
  isDone = true;
  const { certificates, problems } = furtherAuthorities(env);
  try {
    const all = new Set([
      ...tls.getCACertificates('default'),
      ...tls.getCACertificates('system'),
      ...certificates,
    ]);
    tls.setDefaultCACertificates([...all]);
  } catch (error) {
    problems.push(`The machine's certificates cannot be used: ${String(error)}.`);
  }
  return problems;
}

/** The certificates in the files that the environment names. One that cannot be read is a problem, no end. */
export function furtherAuthorities(env: Env): { certificates: string[]; problems: string[] } {
  const certificates: string[] = [];
  const problems: string[] = [];
  for (const name of FILES) {
    const file = env[name];
    if (!file) continue;
    try {
      const found = readFileSync(file, 'utf8').match(CERTIFICATE);
      if (found) certificates.push(...found);
      else problems.push(`${name} names ${file}, which holds no certificate.`);
    } catch (error) {
      problems.push(`${name} names ${file}, which cannot be read: ${String(error)}.`);
    }
  }
  return { certificates, problems };
}
