import { expect, test } from 'vitest';

import { buildChildEnv, installerEnv } from '@core/processes/child-env';

test('a child gets no variable that changes what runs; an installer keeps its index', () => {
  const base = {
    PATH: '/a:/x/node_modules/.bin:/usr/bin',
    LD_PRELOAD: 'evil.so',
    DYLD_INSERT_LIBRARIES: 'evil',
    NODE_OPTIONS: '--require evil',
    ELECTRON_RUN_AS_NODE: '1',
    PYTHONPATH: '/evil',
    UV_DEFAULT_INDEX: 'index',
    PIP_INDEX_URL: 'index',
    SSL_CERT_FILE: '/cert',
    HTTPS_PROXY: 'proxy',
    HOME: '/home/me',
  };
  const child = buildChildEnv(base, { MINE: '1' });
  expect(child).toMatchObject({ HOME: '/home/me', HTTPS_PROXY: 'proxy', MINE: '1' });
  for (const name of [
    'LD_PRELOAD',
    'DYLD_INSERT_LIBRARIES',
    'NODE_OPTIONS',
    'PYTHONPATH',
    'UV_DEFAULT_INDEX',
  ]) {
    expect(child, name).not.toHaveProperty(name);
  }
  expect(child.PATH?.split(':')).not.toContain('/x/node_modules/.bin');
  expect(installerEnv(base)).toMatchObject({ UV_DEFAULT_INDEX: 'index', SSL_CERT_FILE: '/cert' });
});
