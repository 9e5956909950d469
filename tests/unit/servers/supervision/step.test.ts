import type { Effect, Message, Supervised } from '@core/servers/supervision/messages';
import { isAtRest, type Moment, step, stoppedServer } from '@core/servers/supervision/step';
import type { ServerFailure } from '@shared/domain/server';
import { SERVER_STATES, type ServerState } from '@shared/domain/server-state';
import { describe, expect, it } from 'vitest';

const moment: Moment = { at: 10_000, wall: 5_000_000, random: 0.5, restart: 'on-failure' };

const failure = (code: ServerFailure['code'] = 'exited'): ServerFailure => ({
  code,
  message: 'It failed.',
  evidence: [],
});

const crash = { failure: failure(), wasReady: true, cleanExit: false };
const RUN = 7;

/** A server in a state, as it is in the middle of its life. */
function server(state: ServerState, changes: Partial<Supervised> = {}): Supervised {
  return { ...stoppedServer(0), state, run: RUN, ...changes };
}

const run = RUN;
const MESSAGES: readonly Message[] = [
  { type: 'start', safeMode: false },
  { type: 'stop' },
  { type: 'leave' },
  { type: 'adopt', restarts: 0, safeMode: false },
  { type: 'restore', restarts: 0, safeMode: false, failure: failure() },
  { type: 'acknowledge' },
  { type: 'clear' },
  { type: 'unclear', failure: failure('not_answering') },
  { type: 'refused', run, failure: failure('out_of_memory') },
  { type: 'unstartable', run, failure: failure('port_in_use') },
  { type: 'cancelled', run },
  { type: 'spawned', run },
  { type: 'phase', run, phase: 'Loading', loading: true },
  { type: 'ready', run, afterMs: 5 },
  { type: 'notReady', run, failure: failure('out_of_memory') },
  { type: 'suspected', run, why: 'It is silent.' },
  { type: 'recovered', run },
  { type: 'hung', run, failure: failure('not_answering') },
  { type: 'exited', run },
  { type: 'draining', run },
  { type: 'drained', run },
  { type: 'gone', run, end: crash },
  { type: 'survived', run, failure: failure('not_answering') },
  { type: 'vanished', run },
  { type: 'still', run, failure: failure('not_answering') },
  { type: 'found', run },
  { type: 'left', run },
  { type: 'due', run },
  { type: 'defect', run, failure: failure() },
];

/** The state after each message, by state; a message that is not listed changes no state. */
const AFTER: Readonly<
  Record<ServerState, Partial<Readonly<Record<Message['type'], ServerState>>>>
> = {
  stopped: {
    start: 'queued',
    adopt: 'loading',
    restore: 'failed',
    clear: 'stopping',
    unclear: 'stuck',
  },
  queued: {
    refused: 'backoff',
    unstartable: 'failed',
    cancelled: 'stopped',
    spawned: 'starting',
    defect: 'failed',
  },
  starting: {
    stop: 'stopping',
    phase: 'loading',
    ready: 'ready',
    notReady: 'stopping',
    exited: 'stopping',
    defect: 'stopping',
  },
  loading: {
    stop: 'stopping',
    ready: 'ready',
    notReady: 'stopping',
    exited: 'stopping',
    defect: 'stopping',
  },
  ready: {
    suspected: 'degraded',
    hung: 'stopping',
    exited: 'stopping',
    drained: 'stopping',
    defect: 'stopping',
  },
  degraded: {
    recovered: 'ready',
    hung: 'stopping',
    exited: 'stopping',
    drained: 'stopping',
    defect: 'stopping',
  },
  draining: { drained: 'stopping', exited: 'stopping', defect: 'stopping' },
  stopping: { gone: 'backoff', survived: 'stuck', defect: 'stuck' },
  stuck: { stop: 'stopping', vanished: 'stopped', found: 'loading' },
  backoff: { start: 'queued', stop: 'stopped', leave: 'stopped', due: 'queued' },
  failed: { start: 'queued', stop: 'stopped', adopt: 'loading' },
};

const types = (effects: readonly Effect[]): string[] => effects.map((effect) => effect.do);

describe('a server in each state', () => {
  const pairs = SERVER_STATES.flatMap((state) =>
    MESSAGES.map((message) => [state, message.type, message] as const),
  );
  it.each(pairs)('%s, told %s', (state, type, message) => {
    const before = server(state);
    const after = step(before, message, moment).server;
    expect(after.state).toBe(AFTER[state][type] ?? state);
    // A state is entered at the moment of the message, never before or after.
    expect(after.since).toBe(after.state === state && type !== 'restore' ? 0 : after.since);
  });

  it.each(pairs.filter(([, , message]) => 'run' in message))(
    '%s, told %s of an earlier run, stays as it is',
    (state, _, message) => {
      const before = server(state);
      const late = step(before, { ...message, run: RUN - 1 } as Message, moment);
      expect(late).toEqual({ server: before, effects: [] });
    },
  );

  it.each(pairs)('%s, handed over, only ends its handover when told %s', (state, type, message) => {
    const before = server(state, { handover: 'underWay' });
    const { server: after, effects } = step(before, message, moment);
    expect(effects).toEqual([]);
    const isOver = type === 'left' || type === 'defect';
    expect(after).toEqual({ ...before, handover: isOver ? 'done' : 'underWay' });
  });
});

describe('a process that ended by itself', () => {
  it.each(['ready', 'degraded'] as const)(
    'leaves %s at once, before anything else is found out',
    (state) => {
      const after = step(server(state), { type: 'exited', run }, moment);
      expect(after.server.state).toBe('stopping');
      expect(types(after.effects)).toEqual(['unwatch', 'end']);
    },
  );

  it('is started again at once the first time, and what happened is kept until it was read', () => {
    const after = step(server('stopping'), { type: 'gone', run, end: crash }, moment);
    expect(after.server).toMatchObject({
      state: 'backoff',
      retryAt: moment.wall,
      incident: { at: moment.wall, times: 1, failure: crash.failure },
    });
    expect(after.effects).toContainEqual({ do: 'wait', run, ms: 0 });
    const again = step(after.server, { type: 'due', run }, moment).server;
    expect(again).toMatchObject({ state: 'queued', run: run + 1, restarts: 1 });
    expect(again.incident?.times).toBe(1);
    const read = step(again, { type: 'acknowledge' }, moment);
    expect(read.server.incident).toBeUndefined();
    expect(types(read.effects)).toEqual(['remember']);
  });

  it('is not started again when a stop was asked for meanwhile', () => {
    const asked = step(server('stopping'), { type: 'stop' }, moment).server;
    const after = step(asked, { type: 'gone', run, end: crash }, moment).server;
    expect(after).toMatchObject({ state: 'stopped', isStopping: false });
  });

  it('fails where a new try cannot mend it, with the decision in its evidence', () => {
    const end = { ...crash, failure: failure('port_in_use') };
    const after = step(server('stopping'), { type: 'gone', run, end }, moment).server;
    expect(after.state).toBe('failed');
    expect(after.failure?.evidence.at(-1)?.label).toBe('Decision');
  });

  it('counts no failure from before it ran for a minute', () => {
    const old = { at: 0, code: 'exited', signature: 'x', whileLoading: false } as const;
    const five = Array.from({ length: 5 }, () => old);
    const short = server('stopping', { past: five, readyAt: moment.at - 59_000 });
    const long = server('stopping', { past: five, readyAt: moment.at - 60_000 });
    const told = { type: 'gone', run, end: crash } as const;
    expect(step(short, told, moment).server.state).toBe('failed');
    expect(step(long, told, moment).server.state).toBe('backoff');
  });
});

describe('a stop', () => {
  it('lets open requests end before the process is ended', () => {
    const asked = step(server('ready'), { type: 'stop' }, moment);
    expect(asked.server.state).toBe('ready');
    expect(types(asked.effects)).toEqual(['unwatch', 'drain']);
    const draining = step(asked.server, { type: 'draining', run }, moment).server;
    expect(draining.state).toBe('draining');
    const drained = step(draining, { type: 'drained', run }, moment);
    expect(drained.effects).toContainEqual({ do: 'end', run, cause: { kind: 'asked' } });
  });

  it('waits for a preparation, and ends the process that it had made already', () => {
    const asked = step(server('queued'), { type: 'stop' }, moment);
    expect(asked.server.state).toBe('queued');
    expect(types(asked.effects)).toEqual(['cancelPreparation']);
    const spawned = step(asked.server, { type: 'spawned', run }, moment);
    expect(spawned.server.state).toBe('stopping');
    expect(types(spawned.effects)).toEqual(['unwatch', 'end']);
  });

  it('is over when the tree is gone, and also when that cannot be proven', () => {
    const stopping = server('stopping', { isStopping: true });
    expect(isAtRest(stopping)).toBe(false);
    expect(isAtRest(step(stopping, { type: 'gone', run }, moment).server)).toBe(true);
    const stuck = step(stopping, { type: 'survived', run, failure: failure() }, moment);
    expect(stuck.server).toMatchObject({ state: 'stuck', failure: failure() });
    expect(isAtRest(stuck.server)).toBe(true);
    expect(stuck.effects).toEqual([{ do: 'wait', run, ms: 2000 }]);
    // It is looked for again and again, at growing distances.
    const still = step(stuck.server, { type: 'still', run, failure: failure() }, moment);
    expect(still.effects).toEqual([{ do: 'wait', run, ms: 4000 }]);
    const gone = step(still.server, { type: 'vanished', run }, moment).server;
    expect(gone.state).toBe('stopped');
  });
});

describe('a handover', () => {
  it('leaves a running process alone', () => {
    const left = step(server('ready'), { type: 'leave' }, moment);
    expect(types(left.effects)).toEqual(['unwatch', 'leave']);
    expect(step(left.server, { type: 'exited', run }, moment).effects).toEqual([]);
  });

  it('starts nothing again', () => {
    const asked = step(server('stopping'), { type: 'leave' }, moment).server;
    const after = step(asked, { type: 'gone', run, end: crash }, moment).server;
    expect(after.state).toBe('stopped');
    expect(step(after, { type: 'start', safeMode: false }, moment).server.state).toBe('stopped');
  });
});
