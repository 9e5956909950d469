import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import net from 'node:net';

import { expect, it } from 'vitest';

import { createTempHome, isListening, processesNaming } from '@fixtures/temp-home';

it('removes the folder', async () => {
  const home = await createTempHome();
  expect(existsSync(home.folder)).toBe(true);
  await home.close();
  expect(existsSync(home.folder)).toBe(false);
});

it('notices a process that was left, and ends it', async () => {
  const home = await createTempHome(300);
  const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], {
    env: { ...process.env, LEFT_BY: home.folder },
    stdio: 'ignore',
  });
  const ended = once(child, 'exit');
  await expect(home.close()).rejects.toThrow(`left processes running: ${child.pid}`);
  await ended;
  expect(await processesNaming(home.folder)).toEqual([]);
});

it('notices a listener that was left on its port', async () => {
  const home = await createTempHome();
  const port = await home.freePort();
  const server = net.createServer().listen(port, '127.0.0.1');
  await once(server, 'listening');
  await expect(home.close()).rejects.toThrow(`left a listener on ${port}`);
  server.close();
  await once(server, 'close');
  expect(await isListening(port)).toBe(false);
});
