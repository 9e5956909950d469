import type { Connection, ConnectionState } from '@renderer/api/connection';
import { snapshotOf as aSnapshot } from '@fixtures/live-data';
import { createLiveStore } from '@renderer/live/live-store';
import { startSync } from '@renderer/live/sync';
import type { Snapshot } from '@shared/contract';
import type { Notice } from '@shared/domain/settings';
import { createClient } from '@shared/rpc/client';
import { type EventFrame, RESYNC_TOPIC, type ResponseFrame } from '@shared/rpc/frames';
import { describe, expect, it } from 'vitest';

const notice = (id: string): Notice => ({
  id,
  level: 'info',
  message: id,
  time: '2026-11-23T14:00:00.000Z',
});

const snapshotOf = (seq: number, notices: Notice[]): Snapshot => aSnapshot({ seq, notices });

/** The far end of a connection, driven by the test: snapshots are answered when it says so. */
function farEnd() {
  const events = new Set<(frame: EventFrame) => void>();
  const states = new Set<(state: ConnectionState) => void>();
  const asked: ((frame: ResponseFrame) => void)[] = [];
  let state: ConnectionState = 'open';
  const connection: Connection = {
    get state() {
      return state;
    },
    onState(listener) {
      states.add(listener);
      return () => states.delete(listener);
    },
    onEvent(listener) {
      events.add(listener);
      return () => events.delete(listener);
    },
    send: ({ id }) =>
      new Promise((resolve) => asked.push((frame) => resolve({ ...frame, id } as ResponseFrame))),
    open() {},
    login: async () => ({ accepted: true }),
    close() {},
  };
  return {
    connection,
    asked,
    answer(snapshot: Snapshot) {
      asked.shift()?.({ id: 0, ok: true, result: snapshot });
      return new Promise((resolve) => setImmediate(resolve));
    },
    push(seq: number, id: string) {
      const frame = { seq, topic: 'notices.changed', payload: [notice(id)] };
      for (const listener of events) listener(frame);
    },
    resync(seq: number) {
      for (const listener of events) listener({ seq, topic: RESYNC_TOPIC, payload: null });
    },
    become(next: ConnectionState) {
      state = next;
      for (const listener of states) listener(next);
    },
  };
}

function started() {
  const far = farEnd();
  const store = createLiveStore('open');
  const stop = startSync(createClient(far.connection), far.connection, store);
  const shown = () => store.getState().data?.notices.map((one) => one.id);
  return { far, store, stop, shown };
}

describe('keeping the store true', () => {
  it('applies what came during the snapshot only when it is newer', async () => {
    const { far, shown } = started();
    far.push(4, 'old');
    far.push(5, 'contained');
    far.push(6, 'newer');
    await far.answer(snapshotOf(5, [notice('snapshot')]));
    expect(shown()).toEqual(['newer']);
  });

  it('takes another snapshot after a gap', async () => {
    const { far, shown, store } = started();
    await far.answer(snapshotOf(1, []));
    far.push(2, 'second');
    far.push(4, 'fourth');
    expect(far.asked).toHaveLength(1);
    await far.answer(snapshotOf(4, [notice('whole')]));
    expect(shown()).toEqual(['whole']);
    expect(store.getState().epoch).toBe(2);
  });

  it('takes another snapshot when it is told to', async () => {
    const { far } = started();
    await far.answer(snapshotOf(1, []));
    far.resync(2);
    expect(far.asked).toHaveLength(1);
  });

  it('starts anew after a lost connection and keeps the old picture meanwhile', async () => {
    const { far, shown, store } = started();
    await far.answer(snapshotOf(7, [notice('before')]));
    far.become('lost');
    expect(shown()).toEqual(['before']);
    expect(store.getState().connection).toBe('lost');
    far.become('open');
    await far.answer(snapshotOf(0, [notice('after')]));
    far.push(1, 'live');
    expect(shown()).toEqual(['live']);
  });

  it('changes nothing any more after it was stopped', async () => {
    const { far, stop, shown } = started();
    await far.answer(snapshotOf(1, []));
    stop();
    far.push(2, 'late');
    expect(shown()).toEqual([]);
  });
});
