import { proxyVariables } from '@host/system-proxy';
import { describe, expect, it } from 'vitest';

const of = (...lines: string[]): string =>
  `<dictionary> {\n${lines.map((line) => `  ${line}`).join('\n')}\n}\n`;

describe("the proxy of macOS's network settings", () => {
  it('becomes variables, with what needs none', () => {
    const text = of(
      'ExceptionsList : <array> {',
      '  0 : *.local',
      '  1 : 169.254/16',
      '}',
      ...['FTPPassive : 1', 'HTTPEnable : 1', 'HTTPPort : 3128', 'HTTPProxy : proxy.example'],
      ...['HTTPSEnable : 1', 'HTTPSPort : 8443', 'HTTPSProxy : fd00::1'],
    );
    expect(proxyVariables(text)).toEqual({
      HTTP_PROXY: 'http://proxy.example:3128',
      HTTPS_PROXY: 'http://[fd00::1]:8443',
      NO_PROXY: 'localhost,127.0.0.1,::1,.local,169.254/16',
    });
  });

  it.each([
    ['none is set', of('FTPPassive : 1')],
    ['it is off', of('HTTPSEnable : 0', 'HTTPSPort : 8443', 'HTTPSProxy : proxy.example')],
    [
      'a script finds it',
      of('ProxyAutoConfigEnable : 1', 'ProxyAutoConfigURLString : http://x/p.pac'),
    ],
    ['its host is no host', of('HTTPSEnable : 1', 'HTTPSPort : 1', 'HTTPSProxy : a b; rm')],
    ['nothing was said', ''],
  ])('is none where %s', (_, text) => expect(proxyVariables(text)).toEqual({}));
});
