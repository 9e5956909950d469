import { expect, it } from 'vitest';

import { dataHome, pathsOf } from '@host/paths';

it.each([
  [{ HOME: '/Users/me' }, 'darwin', '/Users/me/Library/Application Support/MLX Manager'],
  [{ HOME: '/home/me' }, 'linux', '/home/me/.config/MLX Manager'],
  [{ HOME: '/home/me', XDG_CONFIG_HOME: '/c' }, 'linux', '/c/MLX Manager'],
  [{ HOME: '/home/me', XDG_CONFIG_HOME: 'c' }, 'linux', '/home/me/.config/MLX Manager'],
  [{ HOME: '/Users/me', MLX_MANAGER_HOME: '/data/x/' }, 'darwin', '/data/x'],
  [{ HOME: '/home/me', MLX_MANAGER_HOME: '' }, 'linux', '/home/me/.config/MLX Manager'],
] as const)('%j on %s keeps its data in %s', (env, platform, home) => {
  expect(dataHome(env, platform)).toBe(home);
});

it('the socket is in the folder while its path fits the system', () => {
  const longest = `/${'x'.repeat(86)}`;
  expect(pathsOf(longest).socket).toBe(`${longest}/manager.sock`);
  const { socket } = pathsOf(`${longest}x`, '/var/tmp');
  expect(socket).toMatch(/^\/var\/tmp\/mlx-manager-\d+\/[0-9a-f]{16}\.sock$/);
  expect(pathsOf(`${longest}y`, '/var/tmp').socket).not.toBe(socket);
});

it('bytes count, not letters, and a long temporary folder is not used either', () => {
  const { socket } = pathsOf(`/${'ü'.repeat(60)}`, `/${'t'.repeat(90)}`);
  expect(socket).toMatch(/^\/tmp\/mlx-manager-\d+\//);
  expect(Buffer.byteLength(socket)).toBeLessThanOrEqual(100);
});
