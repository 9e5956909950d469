import { EventEmitter } from 'node:events';
import { silentLogger } from '@host/host-ports';
import { beforeEach, describe, expect, it, vi } from 'vitest';

const electron = vi.hoisted(() => ({
  app: undefined as unknown as EventEmitter,
  opened: [] as string[],
}));
vi.mock('electron', async () => {
  const { EventEmitter: Emitter } = await import('node:events');
  electron.app = new Emitter();
  const session = {
    setPermissionRequestHandler: () => undefined,
    setPermissionCheckHandler: () => undefined,
    setDevicePermissionHandler: () => undefined,
  };
  return {
    app: electron.app,
    session: { defaultSession: session },
    shell: {
      openExternal: async (url: string) => {
        electron.opened.push(url);
      },
    },
  };
});

const { secureEverything } = await import('@shell/security');
secureEverything(silentLogger);

/** A page as the program meets a new one. */
class Contents extends EventEmitter {
  open: ((details: { url: string }) => { action: string }) | undefined;
  setWindowOpenHandler(handler: (details: { url: string }) => { action: string }): void {
    this.open = handler;
  }
}

let contents: Contents;
beforeEach(() => {
  contents = new Contents();
  electron.opened.length = 0;
  electron.app.emit('web-contents-created', {}, contents);
});

const prevented = (event: string, url?: string): boolean => {
  const preventDefault = vi.fn();
  contents.emit(event, { url, preventDefault });
  return preventDefault.mock.calls.length > 0;
};

describe('every page, whoever makes it', () => {
  it.each(['will-navigate', 'will-redirect', 'will-frame-navigate'])(
    '%s leads nowhere else',
    (event) => {
      for (const url of [
        'https://evil.invalid/',
        'file:///etc/passwd',
        'app://evil/',
        'data:text/html,x',
      ]) {
        expect(prevented(event, url), url).toBe(true);
      }
      expect(prevented(event, 'app://bundle/index.html#/models')).toBe(false);
    },
  );

  it('attaches no webview', () => {
    expect(prevented('will-attach-webview')).toBe(true);
  });

  it('opens no window; an address that we know goes to the browser, any other nowhere', () => {
    for (const url of [
      'https://evil.invalid/',
      'file:///etc/passwd',
      'app://bundle/index.html',
      'javascript:1',
    ]) {
      expect(contents.open?.({ url })).toEqual({ action: 'deny' });
    }
    expect(electron.opened).toEqual([]);
    expect(contents.open?.({ url: 'https://huggingface.co/mlx-community' })).toEqual({
      action: 'deny',
    });
    expect(electron.opened).toEqual(['https://huggingface.co/mlx-community']);
  });
});
