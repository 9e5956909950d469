import { expect, test } from 'vitest';
// @ts-expect-error: a plain script without types
import { envForElectron } from '../../../scripts/electron.mjs';

test('a terminal inside an Electron application does not make a plain Node of ours', () => {
  const env = { PATH: '/bin', ELECTRON_RUN_AS_NODE: '1', NODE_OPTIONS: '--inspect' };
  expect(envForElectron(env)).toEqual({ PATH: '/bin', NODE_OPTIONS: '' });
});
