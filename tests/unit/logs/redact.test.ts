import { expect, it } from 'vitest';

import { redactSecrets } from '@core/logs/redact';

it.each([
  ['token hf_abcdefghijklmnop end', 'hf_'],
  ['OPENAI sk-proj-abcdefgh1234', 'sk-'],
  ['Authorization: Bearer abc.DEF-123', 'abc.DEF'],
  ['"authorization":"Basic dXNlcjpwYXNz"', 'dXNlcjpwYXNz'],
  ['https://user:pass@example.com/x', 'user:pass'],
  ['http://127.0.0.1:6591/#token=abcdef', 'abcdef'],
  ['see MYTOKEN here', 'MYTOKEN'],
])('%s keeps its secret', (text, secret) => {
  const redacted = redactSecrets(text, ['MYTOKEN']);
  expect(redacted).not.toContain(secret);
  expect(redacted).toContain('••••••');
});

it('leaves ordinary text alone', () => {
  const text = 'Loaded https://example.com/a@b in 3 s, half_done, risk-free';
  expect(redactSecrets(text)).toBe(text);
});

it('takes no longer than the text is long', () => {
  const began = performance.now();
  redactSecrets(`${'x'.repeat(1_000_000)} ${'a@'.repeat(100_000)} ${'http://'.repeat(50_000)}`);
  expect(performance.now() - began).toBeLessThan(3000);
});
