import { chmod, mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, expect, it } from 'vitest';

import { systemClock } from '@core/ports/clock';
import { FileLogger, type LogLevel, logLevel } from '@host/file-logger';

let folder: string;
const failures: string[] = [];
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'mm-log-'));
  failures.length = 0;
});
afterEach(async () => {
  await chmod(folder, 0o700);
  await rm(folder, { recursive: true });
});

const open = (path: string, level: LogLevel = 'info') =>
  new FileLogger({ path, level, clock: systemClock, onFailure: (text) => failures.push(text) });

it('writes one line an entry, private to this user, from its level up', async () => {
  const path = join(folder, 'logs', 'manager.log');
  const logger = open(path);
  logger.debug('hidden');
  logger.child('http').warn('two\nlines', { port: 1 });
  const text = await readFile(path, 'utf8');
  expect(text).toMatch(/^\d{4}-\d\d-\d\dT[\d:.]+Z warn {2}http: two\\nlines \{"port":1\}\n$/);
  expect((await stat(path)).mode & 0o077).toBe(0);
  expect([logLevel('debug'), logLevel('loud'), logLevel(undefined)]).toEqual([
    'debug',
    'info',
    'info',
  ]);
});

it('never writes a secret, given or seen by its shape', async () => {
  const path = join(folder, 'manager.log');
  const logger = open(path);
  logger.addSecret('MY+TOKEN');
  logger.child('x').error('a MY+TOKEN b', { header: 'Bearer abcdef', url: 'https://u:p@h/' });
  const text = await readFile(path, 'utf8');
  for (const secret of ['MY+TOKEN', 'abcdef', 'u:p']) expect(text).not.toContain(secret);
});

it('keeps two files of bounded size', async () => {
  const path = join(folder, 'manager.log');
  const logger = open(path);
  for (let i = 0; i < 12; i++) logger.info('x'.repeat(1024 * 1024));
  expect((await stat(path)).size).toBeLessThanOrEqual(5 * 1024 * 1024);
  expect((await stat(`${path}.1`)).size).toBeLessThanOrEqual(5 * 1024 * 1024);
});

it('says once that it cannot write, and goes on when it can again', async () => {
  const path = join(folder, 'manager.log');
  const logger = open(join(path, 'below', 'a-file'));
  open(path).info('a file is in the way of a folder');
  logger.info('one');
  logger.info('two');
  expect(failures).toHaveLength(1);
  await rm(path);
  logger.info('three');
  expect(await readFile(join(path, 'below', 'a-file'), 'utf8')).toContain('three');
});
