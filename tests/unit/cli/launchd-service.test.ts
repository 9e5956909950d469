import { createRequire } from 'node:module';
import { launchdService, type ServiceFacts } from '@cli/commands/launchd-service';
import { describe, expect, it } from 'vitest';

// What electron-builder reads property lists with.
const plist = createRequire(
  createRequire(createRequire(import.meta.url).resolve('electron-builder')).resolve(
    'app-builder-lib',
  ),
)('plist') as { parse(xml: string): unknown };

const PROGRAM = '/Applications/MLX Manager.app/Contents/Resources/bin/mlx-manager';
const facts = (some: Partial<ServiceFacts> = {}): ServiceFacts => ({
  program: [PROGRAM],
  words: ['serve', '--port', '6591'],
  user: 'mara',
  home: '/Users/mara',
  env: { PATH: '/usr/bin', HF_TOKEN: 'hf_secret', MLX_MANAGER_HOME: '/Volumes/Data/mlx' },
  ...some,
});

describe('the service for launchd', () => {
  it('is a property list that starts the single executable as the person, and holds no secret', () => {
    const text = launchdService(facts());
    expect(text).not.toContain('hf_secret');
    expect(plist.parse(text)).toEqual({
      Label: 'app.mlx-manager.serve',
      UserName: 'mara',
      ProgramArguments: [PROGRAM, 'serve', '--port', '6591'],
      EnvironmentVariables: {
        HOME: '/Users/mara',
        PATH: '/usr/bin',
        MLX_MANAGER_HOME: '/Volumes/Data/mlx',
      },
      RunAtLoad: true,
      KeepAlive: { SuccessfulExit: false },
      ExitTimeOut: 20,
      ProcessType: 'Interactive',
      StandardErrorPath: '/Users/mara/Library/Logs/mlx-manager-serve.log',
    });
  });

  it.each(['/a & b/<c>', '/x]]>y', '/„Döner“/🍎', `/it's "quoted"`])(
    'takes the path %j',
    (path) => {
      expect(plist.parse(launchdService(facts({ program: [path] })))).toMatchObject({
        ProgramArguments: [path, 'serve', '--port', '6591'],
      });
    },
  );

  it.each([
    ['/a\u0007b', 'U+0007'],
    ['/a\nb', 'U+000A'],
    ['/a\u0085b', 'U+0085'],
    ['/a\ud800b', 'U+D800'],
    ['/a\uffffb', 'U+FFFF'],
  ])('refuses %j, with its place, its value and what is allowed', (value, code) => {
    const sentence = (what: string): string =>
      `Can't create a service with ${what} ${JSON.stringify(value)}: it holds the character ${code}, and a property list can only contain printable characters.`;
    expect(() => launchdService(facts({ program: [value] }))).toThrow(sentence('the program'));
    expect(() => launchdService(facts({ env: { HF_HOME: value } }))).toThrow(sentence('HF_HOME'));
    expect(() => launchdService(facts({ home: value }))).toThrow(/U\+/);
  });

  it.each([
    '/Volumes/MLX Manager/MLX Manager.app/Contents/Resources/bin/mlx-manager',
    '/private/var/folders/x/AppTranslocation/1/d/MLX Manager.app/Contents/Resources/bin/mlx-manager',
  ])('refuses a program that will not stay: %s', (program) => {
    expect(() => launchdService(facts({ program: [program] }))).toThrow(/Move MLX Manager/);
  });
});
