import { doorsOf } from '@core/gateway/doors';
import { Settings } from '@shared/domain/settings';
import { expect, it } from 'vitest';

const key = { id: 'k', name: 'K', hash: 'a'.repeat(64) };

it('an allowed name is reached at the port of the gateway and behind a proxy, or as it was given', () => {
  const settings = Settings.parse({
    gatewayAllowedHosts: ['Mac.local', 'chat.example.com:8443', '[fd00::5]'],
    gatewayAllowedOrigins: ['https://chat.example.com'],
    gatewayRequireKey: true,
  });
  expect(doorsOf(settings, [key], 6590)).toEqual({
    hosts: [
      ...['mac.local', 'mac.local:6590', 'chat.example.com:8443'],
      ...['[fd00::5]', '[fd00::5]:6590'],
    ],
    origins: ['https://chat.example.com'],
    requireKey: true,
    keys: [key],
  });
});

it('nothing is open that nobody opened', () => {
  expect(doorsOf(Settings.parse({}), [], 6590)).toEqual({
    hosts: [],
    origins: [],
    requireKey: false,
    keys: [],
  });
});

it.each([
  'https://chat.example.com',
  'http://localhost:3000',
  'http://[::1]:3000',
  'vscode-file://vscode-app',
  'app://notes',
  'chrome-extension://abcdefghijklmnop',
])('%s is an origin', (origin) => {
  expect(Settings.parse({ gatewayAllowedOrigins: [origin] }).gatewayAllowedOrigins).toEqual([
    origin,
  ]);
});
