import {
  cannotBeStopped,
  engineEnded,
  fateUnknown,
  noRoomToRestart,
  noRoomToStart,
  notReadyInTime,
  stoppedResponding,
} from '@core/failures/run-failures';
import { DomainError } from '@shared/errors';
import { makeAction } from '@shared/errors/action';
import { expect, it } from 'vitest';

it('an end without a cause says how and when', () => {
  const end = { how: 'exit code 1', killed: false, wasReady: true, exception: undefined };
  expect(engineEnded(end, []).message).toBe(
    "The engine quit unexpectedly (exit code 1). Its log doesn't say why.",
  );
  expect(engineEnded({ ...end, wasReady: false }, []).message).toBe(
    "The engine quit unexpectedly while it was loading (exit code 1). Its log doesn't say why.",
  );
  expect(engineEnded({ ...end, exception: 'ValueError: no such layer' }, []).message).toBe(
    'The engine quit unexpectedly (exit code 1): ValueError: no such layer.',
  );
  expect(engineEnded({ ...end, how: 'signal SIGKILL', killed: true }, []).message).toBe(
    'The engine was killed, either by the system because memory ran out or by another program.',
  );
});

it('limits are said in seconds', () => {
  expect(stoppedResponding(9600)).toMatchObject({
    code: 'not_answering',
    message: 'The server stopped responding for 10 s and was ended.',
  });
  expect(notReadyInTime(600_000, 'Loading')).toEqual({
    code: 'load_timeout',
    message:
      "The server wasn't ready within 600 s, the profile's limit, and its log showed no progress in that time.",
    action: makeAction('raise_deadline'),
    evidence: [{ label: 'Last line', text: 'Loading' }],
  });
});

it('what could not be ended is named, and tried again', () => {
  const one = { pid: 7, command: 'mlx_lm.server' };
  expect(cannotBeStopped([one]).message).toMatch(/^Process 7 is still there/);
  const two = cannotBeStopped([one, { pid: 8, command: 'worker' }]);
  expect(two.message).toMatch(/^2 processes are still there/);
  expect(two.evidence).toHaveLength(2);
  const unknown = fateUnknown(one, 'the process table could not be read');
  expect(unknown.message).toBe(
    "MLX Manager can't tell whether process 7 is gone: the process table could not be read.",
  );
  for (const { action } of [two, unknown]) expect(action).toEqual(makeAction('retry_stop'));
});

it('a refusal keeps its sentence, its number and the way to make room', () => {
  const action = makeAction('make_room', { profileId: 'p1' });
  expect(noRoomToStart('p1', { message: 'It does not fit.', shortBytes: 7 })).toEqual({
    ...{ code: 'does_not_fit', message: 'It does not fit.', action },
    ...{ evidence: [], shortBytes: 7 },
  });
  const refusal = new DomainError('does_not_fit', 'It does not fit.', { action });
  expect(noRoomToRestart(refusal)).toMatchObject({ code: 'out_of_memory', action });
});
