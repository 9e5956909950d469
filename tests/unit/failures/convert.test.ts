import { toError, toFailure, toServerFailure } from '@core/failures/convert';
import type { Failure } from '@shared/domain/failure';
import { DomainError } from '@shared/errors';
import { makeAction } from '@shared/errors/action';
import { expect, it } from 'vitest';

const full: Failure = {
  code: 'disk_full',
  message: 'The disk is full: 4.4 GB short.',
  action: makeAction('free_space'),
  evidence: [{ label: 'Disk', text: '1.2 GB free' }],
  shortBytes: 4.4e9,
};

it('a failure becomes an error and the same failure again', () => {
  expect(toFailure(toError(full))).toEqual(full);
  const bare: Failure = { code: 'offline', message: 'No answer.', evidence: [] };
  expect(toFailure(toError(bare))).toEqual(bare);
});

it('an error tells who waited for what it is about, and keeps the facts', () => {
  const error = toError(full, { message: `Demo: ${full.message}`, data: { profileId: 'p1' } });
  expect(error.toBody()).toEqual({
    code: 'disk_full',
    message: 'Demo: The disk is full: 4.4 GB short.',
    action: full.action,
    data: { profileId: 'p1', evidence: full.evidence, shortBytes: 4.4e9 },
  });
});

it('data that are no facts of a failure stay out of it', () => {
  for (const data of [undefined, 'text', { shortBytes: 'many', evidence: [{ text: 1 }] }]) {
    expect(toFailure(new DomainError('offline', 'No answer.', { data }))).toEqual({
      code: 'offline',
      message: 'No answer.',
      evidence: [],
    });
  }
});

it('an action of a newer manager is left out of the error', () => {
  const action = { id: 'ask_a_friend', label: 'Ask a friend' } as never;
  expect(toError({ ...full, action })).toMatchObject({ action: undefined, message: full.message });
});

it('a mistake of ours is said as one', () => {
  const error = new TypeError('x is not a function');
  const message = 'Something went wrong in MLX Manager: x is not a function';
  expect(toFailure(error)).toEqual({ code: 'internal', message, evidence: [] });
  expect(toServerFailure(error)).toEqual({ code: 'exited', message, evidence: [] });
});

it('a server only has the codes that are promised for it', () => {
  expect(toServerFailure(new DomainError('permission', 'No.')).code).toBe('permission');
  expect(toServerFailure(new DomainError('not_found', 'Gone.')).code).toBe('engine_broken');
});
