import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { expect, test } from 'vitest';

import { launchdPlist, shellLine } from '@core/servers/launch/launch';
import { shellQuote } from '@shared/shell-quote';

test('a quoted word survives a real shell, whatever it holds', () => {
  const words = ["it's", 'a b', '$HOME', '`id`', '"', '\\', '*', '', '-n', 'ünïcødé', 'a\nb'];
  for (const word of words) {
    expect(execFileSync('sh', ['-c', `printf %s ${shellQuote(word)}`]).toString()).toBe(word);
  }
});

test('plain words stay readable', () => {
  fc.assert(
    fc.property(fc.stringMatching(/^[A-Za-z0-9_./:=-]+$/), (word) => shellQuote(word) === word),
  );
});

test('the shell line sets the environment before the command', () => {
  expect(shellLine(['/bin/x', '--model', 'a b'], { A: '1 2' })).toBe(
    "A='1 2' /bin/x --model 'a b'",
  );
});

test('a launchd plist escapes its values', () => {
  const plist = launchdPlist('mlx-manager.x', ['/bin/x', '<&>'], { K: 'a&b' }, '/tmp');
  expect(plist).toContain('<string>&lt;&amp;&gt;</string>');
  expect(plist).toContain('<key>K</key><string>a&amp;b</string>');
});

test.each(['\u0001', '\u001b[0m', '\u0000', '\ufffe', '\ud800', 'a\nb'])(
  'what a property list cannot hold is refused with its name, not written: %j',
  (value) => {
    const sentence = (what: string): RegExp =>
      new RegExp(`with ${what} .*holds the character U\\+`);
    expect(() => launchdPlist('x', ['/bin/x', value], {}, '/')).toThrow(sentence('the word'));
    expect(() => launchdPlist('x', ['/bin/x'], { K: value }, '/')).toThrow(sentence('K'));
  },
);
