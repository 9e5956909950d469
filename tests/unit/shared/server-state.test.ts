import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import {
  hasProcess,
  isActive,
  nextServerState,
  SERVER_EVENTS,
  SERVER_STATES,
  type ServerState,
  stateFamily,
} from '@shared/domain/server-state';

describe('the transition table', () => {
  test.each([
    ['stopped', 'start', 'queued'],
    ['queued', 'granted', 'starting'],
    ['starting', 'spawned', 'loading'],
    ['loading', 'proven', 'ready'],
    ['ready', 'suspected', 'degraded'],
    ['degraded', 'recovered', 'ready'],
    ['ready', 'drain', 'draining'],
    ['draining', 'stop', 'stopping'],
    ['stopping', 'gone', 'stopped'],
    ['stopping', 'survived', 'stuck'],
    ['stuck', 'gone', 'stopped'],
    ['ready', 'ended', 'stopping'],
    ['stopping', 'retryLater', 'backoff'],
    ['backoff', 'retry', 'queued'],
    ['backoff', 'stop', 'stopped'],
    ['loading', 'ended', 'stopping'],
    ['stopping', 'fail', 'failed'],
    ['stopped', 'restored', 'failed'],
    ['stopped', 'unclear', 'stuck'],
    ['stuck', 'adopted', 'loading'],
    ['failed', 'start', 'queued'],
    ['stopped', 'adopted', 'loading'],
  ] as const)('%s --%s--> %s', (from, event, to) => {
    expect(nextServerState(from, event)).toBe(to);
  });

  test('ready is entered only by a proof or a recovery', () => {
    for (const state of SERVER_STATES) {
      for (const event of SERVER_EVENTS) {
        if (nextServerState(state, event) !== 'ready') continue;
        expect(['proven', 'recovered']).toContain(event);
      }
    }
  });

  test('every active state can be stopped', () => {
    for (const state of SERVER_STATES.filter((s) => isActive(s) && s !== 'stopping')) {
      expect(nextServerState(state, 'stop'), state).toBeDefined();
    }
  });

  test('a process appears only by granted, or left by an earlier manager, and leaves only when it is gone', () => {
    const walk = fc.array(fc.constantFrom(...SERVER_EVENTS), { maxLength: 60 });
    fc.assert(
      fc.property(walk, (events) => {
        let state: ServerState = 'stopped';
        for (const event of events) {
          const next: ServerState | undefined = nextServerState(state, event);
          if (next === undefined) continue;
          if (!hasProcess(state) && hasProcess(next))
            expect(['granted', 'adopted', 'clear', 'unclear']).toContain(event);
          if (hasProcess(state) && !hasProcess(next)) {
            expect(['gone', 'fail', 'retryLater']).toContain(event);
          }
          state = next;
        }
      }),
    );
  });

  test('each state has a family', () => {
    expect(SERVER_STATES.map(stateFamily)).not.toContain(undefined);
  });
});
