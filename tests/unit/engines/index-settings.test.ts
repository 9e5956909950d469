import { expect, it, test } from 'vitest';

import { installFailure } from '@core/engines/install/install-failure';
import { readPipSettings } from '@core/engines/install/pip-settings';
import { indexSettings, systemCertificates } from '@core/engines/install/uv-settings';

test('of a person’s uv.toml the way to the index is kept, and nothing that says what goes where', () => {
  const own = `# mine
exclude-newer = "2020-01-01T00:00:00Z" # no newer ones
"index-url" = "https://own.example/simple"
extra-index-url = [
  "https://a.example/#simple", # with a [ in a comment
  'https://b.example/simple',
]
required-version = ">=99"
[[index]]
name = "company"
url = "https://company.example/simple"
default = true
[pip]
target = "/elsewhere"
keyring-provider = "subprocess"
[tool.else]
offline = true
`;
  const system = 'index-url = "https://system.example"\noffline = false\nresolution = "lowest"\n';
  expect(indexSettings([own, system])).toBe(`"index-url" = "https://own.example/simple"
extra-index-url = [
  "https://a.example/#simple", # with a [ in a comment
  'https://b.example/simple',
]
offline = false
[[index]]
name = "company"
url = "https://company.example/simple"
default = true
[pip]
keyring-provider = "subprocess"
`);
});

test('pip follows its files in how the index is reached, and in nothing else', () => {
  const listed = {
    code: 0,
    stdout: `:env:.user='1'
global.index-url='https://own.example/simple'
global.target='/elsewhere'
install.extra-index-url='\\nhttps://a.example\\nhttps://b.example'
install.user='true'
`,
  };
  expect(readPipSettings({ PIP_CERT: '/c', HOME: '/h' }, listed)).toEqual({
    HOME: '/h',
    PIP_CERT: '/c',
    PIP_CONFIG_FILE: '/dev/null',
    PIP_INDEX_URL: 'https://own.example/simple',
    PIP_EXTRA_INDEX_URL: 'https://a.example https://b.example',
  });
  expect(readPipSettings({ HOME: '/h' }, { code: 1, stdout: '' })).toEqual({ HOME: '/h' });
});

test('uv trusts what the system trusts, unless somebody said what is trusted', () => {
  expect(systemCertificates({}, () => true)).toEqual({ UV_SYSTEM_CERTS: '1', UV_NATIVE_TLS: '1' });
  expect(systemCertificates({ SSL_CERT_FILE: '/company.pem' }, () => true)).toEqual({});
  expect(systemCertificates({ UV_SYSTEM_CERTS: '0' }, () => true)).toEqual({});
});

it.each([
  'error: Failed to fetch: `https://index.example/simple/x/`\n  cause: client error (Connect)\n  cause: invalid peer certificate: UnknownIssuer',
  "WARNING: Retrying after SSLError(SSLCertVerificationError(1, '[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: self-signed certificate'))\nERROR: No matching distribution found for uv==0.13.9",
])('a certificate that is not trusted is named, with what helps', (output) => {
  const { message, code } = installFailure('Installing mlx-lm', output);
  expect(code).toBe('offline');
  expect(message).toMatch(
    /doesn't trust the package index's certificate.*(?:certificate store|keychain)/,
  );
});

test('the password of a private index is in no output that is kept', () => {
  const { data } = installFailure('Installing', 'error: https://me:pass@index.example/x is gone');
  expect(JSON.stringify(data)).not.toContain('pass@');
});
