import { appPlace, whyMove } from '@shell/app-place';
import { isInDock } from '@shell/dock-place';
import { parseFlags } from '@shell/flags';
import { loginItem } from '@shell/login-status';
import { isAllowedExternalLink } from '@shared/domain/external-links';
import { decidePermission, isOurUrl, isTrustedSender } from '@shell/our-url';
import { placeWindow } from '@shell/place-window';
import { isTrayReachable } from '@shell/tray-place';
import { updateAfter, whyNoUpdates } from '@shell/update-state';
import { describe, expect, it } from 'vitest';

const OURS = ['app://bundle/', 'app://bundle/index.html#/servers', 'APP://bundle/a'];
const NOT_OURS = [
  'app://BUNDLE/x',
  'app://bundle.evil/',
  'app://evil/',
  'app://bundle:1/',
  'app://user@bundle/',
  'app://bundle@evil/',
  'app:bundle',
  'apps://bundle/',
  'https://bundle/',
  'http://bundle.app.localhost/',
  'file:///etc/passwd',
  'data:text/html,x',
  'javascript:alert(1)',
  'about:blank',
  'blob:app://bundle/x',
  '',
  'nonsense',
];

describe('which addresses are ours', () => {
  it.each(OURS)('%s is', (url) => expect(isOurUrl(url)).toBe(true));
  it.each(NOT_OURS)('"%s" is not', (url) => expect(isOurUrl(url)).toBe(false));
});

describe('permissions', () => {
  it('only writing text to the clipboard, and only for our page', () => {
    expect(decidePermission('clipboard-sanitized-write', 'app://bundle/index.html')).toBe(true);
    expect(decidePermission('clipboard-sanitized-write', 'https://bundle/')).toBe(false);
    expect(decidePermission('clipboard-sanitized-write', undefined)).toBe(false);
    for (const other of [
      'media',
      'geolocation',
      'notifications',
      'clipboard-read',
      'openExternal',
      'usb',
    ]) {
      expect(decidePermission(other, 'app://bundle/')).toBe(false);
    }
  });
});

describe('who may send', () => {
  const ours = { url: 'app://bundle/index.html', isMainFrame: true, isOurWindow: true };
  it.each([
    [{}, true],
    [{ isMainFrame: false }, false],
    [{ isOurWindow: false }, false],
    [{ url: 'https://evil/' }, false],
    [{ url: undefined }, false],
  ])('%j', (change, trusted) => expect(isTrustedSender({ ...ours, ...change })).toBe(trusted));
});

describe('addresses outside', () => {
  it.each(['https://github.com/a/b', 'https://huggingface.co/mlx-community'])('%s', (url) =>
    expect(isAllowedExternalLink(url)).toBe(true),
  );
  it.each([
    'http://github.com/',
    'https://evil-huggingface.co/',
    'https://huggingface.co.evil/',
    'https://huggingface.co@evil/',
    'https://user:pass@github.com/',
    'https://github.com:8443/',
    'file:///etc/passwd',
    'javascript:alert(1)',
    'x-apple.systempreferences:com.apple.LoginItems-Settings.extension',
    'https:github',
    'mlx-manager://servers',
  ])('%s is refused', (url) => expect(isAllowedExternalLink(url)).toBe(false));
});

describe('flags', () => {
  it('reads our own words', () => {
    expect(parseFlags(['--hidden'])).toMatchObject({ hidden: true });
    expect(parseFlags(['mlx-manager://models'])).toMatchObject({ link: 'mlx-manager://models' });
    expect(parseFlags(['--no-gateway'])).toMatchObject({ gateway: { enabled: false } });
    expect(parseFlags([])).toEqual({ hidden: false, link: undefined, gateway: {} });
  });
});

describe('where the window opens', () => {
  const main = { x: 0, y: 25, width: 1728, height: 1000 };
  const second = { x: 1728, y: 0, width: 2560, height: 1440 };

  it('in the middle of the first display at the first start', () => {
    expect(placeWindow(undefined, [main, second])).toEqual({
      x: 244,
      y: 125,
      width: 1240,
      height: 800,
    });
  });

  it('where it was, on whichever display', () => {
    const saved = { x: 2000, y: 100, width: 1600, height: 1200 };
    expect(placeWindow(saved, [main, second])).toEqual(saved);
  });

  it('in sight when its display is gone, no larger than the one that is left', () => {
    const saved = { x: 2000, y: 100, width: 2400, height: 1300 };
    expect(placeWindow(saved, [main])).toEqual({ x: 0, y: 25, width: 1728, height: 1000 });
  });

  it.each([
    [{ x: -1300, y: 100, width: 1240, height: 800 }],
    [{ x: 100, y: -700, width: 1240, height: 800 }],
    [{ x: 100, y: 1010, width: 1240, height: 800 }],
    [{ x: 1700, y: 100, width: 1240, height: 800 }],
  ])('not where it could not be taken hold of: %j', (saved) => {
    expect(placeWindow(saved, [main])).toMatchObject({ x: 244, y: 125 });
  });

  it('never smaller than it can be used', () => {
    expect(placeWindow({ x: 10, y: 30, width: 10, height: 10 }, [main])).toEqual({
      ...{ x: 244, y: 225, width: 900, height: 600 },
      x: expect.any(Number),
      y: expect.any(Number),
    });
  });
});

describe('the Dock', () => {
  it.each([
    ['window', true, true, true],
    ['window', false, true, false],
    ['always', false, true, true],
    ['never', true, true, false],
    ['never', false, false, true],
    ['window', false, false, true],
  ] as const)(
    'setting %s, window %s, menu-bar icon %s: %s',
    (setting, windowOpen, trayReachable, shown) => {
      expect(isInDock({ setting, windowOpen, trayReachable })).toBe(shown);
    },
  );
});

describe('whether the menu-bar icon can be seen', () => {
  const bounds = { x: 0, y: 0, width: 1728, height: 1117 };
  const plain = { bounds, workArea: { ...bounds, y: 25, height: 1092 } };
  const notched = { bounds, workArea: { ...bounds, y: 38, height: 1079 } };
  const second = { bounds: { ...bounds, x: 1728 }, workArea: { ...bounds, x: 1728, y: 38 } };
  it.each([
    [{ x: 1200, y: 0, width: 24, height: 24 }, true],
    [{ x: 0, y: 0, width: 0, height: 0 }, false],
    [{ x: -500, y: 0, width: 24, height: 24 }, false],
    [{ x: 1200, y: -24, width: 24, height: 24 }, false],
    [{ x: 3000, y: 0, width: 24, height: 24 }, false],
  ])('%j: %s', (icon, seen) => {
    expect(isTrayReachable(icon, [plain])).toBe(seen);
    expect(isTrayReachable(icon, [notched])).toBe(seen);
  });

  it.each([
    [852, false],
    [760, false],
    [940, false],
    [700, true],
    [1000, true],
  ])('behind the camera housing of a display it cannot: at %d, %s', (x, seen) => {
    const icon = { x, y: 0, width: 24, height: 37 };
    expect(isTrayReachable(icon, [notched])).toBe(seen);
    expect(isTrayReachable(icon, [plain])).toBe(true);
    expect(isTrayReachable({ ...icon, x: x + 1728 }, [plain, second])).toBe(seen);
  });
});

describe('updates', () => {
  const facts = { isMac: true, isPackaged: true, isSigned: true, hasFeed: true };

  it.each([
    [{ isPackaged: false }, /source/],
    [{ isMac: false }, /macOS/],
    [{ isSigned: false }, /isn't signed/],
    [{ hasFeed: false }, /no update address/],
  ])('off, with its reason: %j', (change, reason) => {
    expect(whyNoUpdates({ ...facts, ...change })).toMatch(reason);
  });

  it('on for a signed package that knows where they are', () => {
    expect(whyNoUpdates(facts)).toBeUndefined();
  });

  it('goes from looking to ready, and a later look does not take that away', () => {
    const at = '2026-11-23T10:00:00.000Z';
    let state = updateAfter({ state: 'current' }, { type: 'checking' });
    expect(state).toEqual({ state: 'checking' });
    state = updateAfter(state, { type: 'found', version: '2.0.0', at });
    state = updateAfter(state, { type: 'progress', fraction: 0.5 });
    expect(state).toEqual({ state: 'downloading', version: '2.0.0', fraction: 0.5, checkedAt: at });
    state = updateAfter(state, { type: 'downloaded', version: '2.0.0' });
    for (const event of [
      { type: 'checking' },
      { type: 'none', at },
      { type: 'failed', message: 'offline', at },
    ] as const) {
      expect(updateAfter(state, event)).toEqual({
        state: 'ready',
        version: '2.0.0',
        checkedAt: at,
      });
    }
    expect(updateAfter({ state: 'off' }, { type: 'checking' })).toEqual({ state: 'off' });
    expect(updateAfter({ state: 'checking' }, { type: 'failed', message: 'no', at })).toMatchObject(
      {
        state: 'failed',
        message: 'no',
      },
    );
  });
});

describe('the login item', () => {
  it('is what the system says, where there is one', () => {
    const facts = { isMac: true, isPackaged: true };
    for (const status of ['enabled', 'not-registered', 'requires-approval'] as const) {
      expect(loginItem({ ...facts, status })).toEqual({ status });
    }
  });

  it('is off where the system does not know it, which is so before it is first switched on', () => {
    const facts = { isMac: true, isPackaged: true };
    for (const status of ['not-found', undefined] as const)
      expect(loginItem({ ...facts, status })).toEqual({ status: 'not-registered' });
  });

  it('says why there is none', () => {
    const item = { isMac: true, isPackaged: true, status: 'enabled' } as const;
    expect(loginItem({ ...item, isMac: false })).toMatchObject({ status: 'unsupported' });
    expect(loginItem({ ...item, isPackaged: false }).reason).toMatch(/running from source/);
  });
});

describe('where the application lies', () => {
  const inside = 'MLX Manager.app/Contents/MacOS/MLX Manager';
  it.each([
    [`/Applications/${inside}`, true, 'kept'],
    [`/Applications/${inside}`, false, 'kept'],
    [`/Users/anna/Downloads/${inside}`, true, 'kept'],
    [`/Volumes/MLX Manager 0.1.0/${inside}`, false, 'disk-image'],
    [`/Volumes/Programs/${inside}`, true, 'kept'],
    [`/private/var/folders/x/T/AppTranslocation/1-2/d/${inside}`, false, 'translocated'],
  ] as const)('%s, writable %s: %s', (executable, isWritable, place) => {
    expect(appPlace(executable, isWritable)).toBe(place);
    expect(whyMove(place) === undefined).toBe(place === 'kept');
  });
});
