import dns from 'node:dns';

import { hubEndpoint } from '@core/hub/endpoint';
import { checkAddress, mayHaveToken, nextRedirect } from '@core/hub/redirects';
import { ClosedAddressError, isPublicAddress, publicLookup } from '@core/hub/public-address';
import { afterEach, describe, expect, it, vi } from 'vitest';

const hub = hubEndpoint({});
const named = hubEndpoint({ HF_ENDPOINT: 'http://localhost:8080/mirror/' });
const file = new URL('https://huggingface.co/org/name/resolve/main/config.json');

describe('a redirect of huggingface.co', () => {
  it.each([
    'http://cdn-lfs.hf.co/x',
    'ftp://cdn-lfs.hf.co/x',
    'file:///etc/passwd',
    'https://localhost/x',
    'https://a.localhost/x',
    'https://127.0.0.1/x',
    'https://0x7f.1/x',
    'https://2130706433/x',
    'https://10.1.2.3/x',
    'https://169.254.169.254/latest/meta-data',
    'https://[::1]/x',
    'https://[::ffff:127.0.0.1]/x',
    'https://[64:ff9b::10.0.0.1]/x',
    'https://[2002:7f00:1::]/x',
    'https://[fe80::1]/x',
  ])('to %s is not followed', (to) => {
    expect(() => nextRedirect(file, to, hub)).toThrow(/Nothing was downloaded from/);
  });

  it.each([
    'https://cdn-lfs.hf.co/x?sig=1',
    'https://1.1.1.1/x',
    'https://[2606:4700::1111]/x',
    'https://[64:ff9b::1.1.1.1]/x',
    '/api/resolve-cache/x',
  ])('to %s is followed', (to) => {
    expect(nextRedirect(file, to, hub).href).toBe(new URL(to, file).href);
  });

  it.each([undefined, 'https://', 'https://exa mple/'])('to nowhere (%s) is refused', (to) => {
    expect(() => nextRedirect(file, to, hub)).toThrow(/redirects to nowhere/);
  });
});

describe('an endpoint that a person named', () => {
  it('may be any host, and so may what it redirects to', () => {
    expect(() => checkAddress(new URL('http://10.0.0.7/x'), named)).not.toThrow();
    expect(nextRedirect(new URL(named.url), 'http://127.0.0.1:9/x', named).port).toBe('9');
    expect(() => nextRedirect(new URL(named.url), 'file:///etc/passwd', named)).toThrow(
      /can't be used/,
    );
  });

  it('gets the token alone, down to the port', () => {
    const mayHave = (url: string): boolean => mayHaveToken(new URL(url), named);
    expect(mayHave('http://localhost:8080/org/name')).toBe(true);
    expect(mayHave('http://localhost:8081/org/name')).toBe(false);
    expect(mayHave('https://localhost:8080/org/name')).toBe(false);
    expect(mayHave('http://localhost.evil.example:8080/')).toBe(false);
  });
});

describe('a name that leads into the person’s own network', () => {
  afterEach(() => void vi.restoreAllMocks());

  /** The answers of a name server, one for each look. */
  function answers(...looks: readonly (readonly string[])[]): void {
    const left = [...looks];
    const lookup = (_host: string, _options: object, done: (...args: unknown[]) => void): void =>
      done(
        null,
        (left.shift() ?? []).map((address) => ({ address, family: address.includes(':') ? 6 : 4 })),
      );
    vi.spyOn(dns, 'lookup').mockImplementation(lookup as unknown as typeof dns.lookup);
  }

  const look = (): Promise<unknown> =>
    new Promise((resolve) => {
      publicLookup('cdn.example', { all: true }, (error, found) => resolve(error ?? found));
    });

  it('is refused at each look, also when the first one was harmless', async () => {
    answers(['1.1.1.1'], ['127.0.0.1']);
    expect(await look()).toEqual([{ address: '1.1.1.1', family: 4 }]);
    expect(await look()).toBeInstanceOf(ClosedAddressError);
  });

  it('is refused when one of its addresses does', async () => {
    answers(['1.1.1.1', '::ffff:10.0.0.1']);
    expect(await look()).toBeInstanceOf(ClosedAddressError);
  });
});

describe('an address', () => {
  it.each(['0.0.0.0', '100.64.0.1', '172.31.255.255', '192.168.0.1', '224.0.0.1', '::', 'fd00::1'])(
    '%s is not on the internet',
    (address) => expect(isPublicAddress(address)).toBe(false),
  );

  it.each(['8.8.8.8', '172.32.0.1', '2001:4860:4860::8888'])('%s is', (address) =>
    expect(isPublicAddress(address)).toBe(true),
  );
});
