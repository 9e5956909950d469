import { describe, expect, it } from 'vitest';
// @ts-expect-error: a plain script without types
import { whyNoDesktop } from '../../../scripts/electron.mjs';

describe('whether npm start opens a window', () => {
  it.each([
    ['a Mac', {}, 'darwin', undefined],
    ['a Mac over SSH', { SSH_CONNECTION: '1.2.3.4 5 6.7.8.9 22' }, 'darwin', /SSH/],
    ['Linux with X', { DISPLAY: ':0' }, 'linux', undefined],
    ['Linux with Wayland', { WAYLAND_DISPLAY: 'wayland-0' }, 'linux', undefined],
    ['Linux without either', {}, 'linux', /no display/],
    ['another system', { DISPLAY: ':0' }, 'win32', /macOS/],
  ] as const)('%s', (_, env, platform, reason) => {
    const why = whyNoDesktop(env, platform);
    if (reason === undefined) expect(why).toBeUndefined();
    else expect(why).toMatch(reason);
  });
});
