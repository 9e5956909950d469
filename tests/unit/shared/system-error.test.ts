import { writeError } from '@core/storage/write-error';
import { endingOf } from '@cli/terminal/errors';
import { systemProblem } from '@shared/errors/system-error';
import { expect, it } from 'vitest';

/** As Node makes it. */
function systemError(code: string, fields: object = {}): Error {
  return Object.assign(new Error(`${code}: what the system says, open '/data/x'`), {
    ...{ code, syscall: 'open', path: '/data/x' },
    ...fields,
  });
}

it.each([
  ['EACCES', 'permission', "You don't have permission to use /data/x (EACCES)."],
  ['EROFS', 'permission', '/data/x is on a read-only disk.'],
  ['ENOSPC', 'disk_full', "The disk is full, so /data/x can't be written."],
  ['EDQUOT', 'disk_full', "Your disk quota is used up, so /data/x can't be written."],
  ['ENOENT', 'not_found', "/data/x doesn't exist."],
])('%s is a sentence with the file, and what to do', (code, ours, sentence) => {
  const problem = systemProblem(systemError(code));
  expect(problem).toMatchObject({ code: ours, sentence });
  const { body } = endingOf(systemError(code));
  expect(body?.code).toBe(ours);
  expect(body?.message).toBe([sentence, problem?.advice].filter(Boolean).join(' '));
  expect(body?.message).not.toMatch(/what the system says/);
});

it('what is not about a file keeps its own words', () => {
  expect(systemProblem(systemError('EACCES', { syscall: 'listen' }))).toBeUndefined();
  expect(systemProblem(systemError('ECONNREFUSED'))).toBeUndefined();
  expect(systemProblem(new Error('x'))).toBeUndefined();
});

it('a failed write says what was meant, and that nothing was changed', () => {
  expect(writeError('/data/profiles.json', systemError('EROFS')).message).toBe(
    '/data/profiles.json is on a read-only disk. Nothing was changed. Make the disk writable, or choose another place.',
  );
  expect(writeError('/data/p', new Error('odd')).message).toBe(
    "Couldn't write /data/p: odd. Nothing was changed.",
  );
});
