import { redactSecrets } from '@shared/domain/redact';
import { cpuMsOf } from '@fixtures/cpu-time';
import { expect, it } from 'vitest';

it.each([
  ['token hf_abcdefghijklmnop end', 'hf_'],
  ['OPENAI sk-proj-abcdefgh1234', 'sk-'],
  ['gateway mlxm_abcdefgh-12_34', 'mlxm_'],
  ['Authorization: Bearer abc.DEF-123', 'abc.DEF'],
  ['Authorization: Bearer plainword', 'plainword'],
  ['{"header":"Bearer plainword"}', 'plainword'],
  ['authorization=plainword', 'plainword'],
  ['"authorization":"Basic dXNlcjpwYXNz"', 'dXNlcjpwYXNz'],
  ["{'Authorization': 'Bearer my-own-key'}", 'my-own-key'],
  ["(b'authorization', b'Bearer secretword')", 'secretword'],
  ["'Proxy-Authorization': b'secretword'", 'secretword'],
  ['curl -H "authorization: token abcdef"', 'abcdef'],
  ['sent Bearer eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.x', 'eyJ'],
  ['sent bearer AbcDefGhiJkl', 'AbcDef'],
  ['sent Bearer abcdefghijklmnopqrstuvwxyzabcdefgh', 'abcdefgh'],
  ['Basic dXNlcjpwYXNz was refused', 'dXNlcjpwYXNz'],
  ['https://user:pass@example.com/x', 'user:pass'],
  ['http://127.0.0.1:6591/#token=abcdef', 'abcdef'],
  ['see MYTOKEN here', 'MYTOKEN'],
])('%s keeps its secret', (text, secret) => {
  const redacted = redactSecrets(text, ['MYTOKEN']);
  expect(redacted).not.toContain(secret);
  expect(redacted).toContain('••••••');
});

it('the scheme of a credential is still to be read', () => {
  expect(redactSecrets('Authorization: Bearer abcdef')).toBe('Authorization: Bearer ••••••');
});

it.each([
  'Loaded https://example.com/a@b in 3 s, half_done, risk-free',
  'mlx_lm.server is not recommended for production as it only implements basic security checks.',
  'UserWarning: Basic authentication is not supported',
  'Bearer authentication required; a bearer token-based login',
  'Basic WebSocket support, basic HTTP/1.1 support',
  'basic\tsettings, BASIC PROGRAMMING',
])('ordinary text stays: %s', (text) => {
  expect(redactSecrets(text)).toBe(text);
});

it('takes no longer than the text is long', () => {
  const text = `${'x'.repeat(1_000_000)} ${'a@'.repeat(100_000)} ${'http://'.repeat(50_000)}`;
  expect(cpuMsOf(() => redactSecrets(text))).toBeLessThan(3000);
});
