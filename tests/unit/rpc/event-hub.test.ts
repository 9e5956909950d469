import { GATEWAY_REQUESTS_KEY } from '@core/gateway/records/compose';
import { shownRequest } from '@core/gateway/records/shown-records';
import { EventHub } from '@core/rpc/event-hub';
import { aServer, snapshotOf } from '@fixtures/live-data';
import { aRecord } from '@fixtures/gateway-records';
import { createManualClock, type ManualClock } from '@fixtures/manual-clock';
import { events } from '@shared/contract';
import { Settings } from '@shared/domain/settings';
import type { EventFrame } from '@shared/rpc/frames';
import { beforeEach, describe, expect, it } from 'vitest';

let clock: ManualClock;
let hub: EventHub;
beforeEach(() => {
  clock = createManualClock();
  hub = new EventHub(clock);
});

function connect() {
  const frames: EventFrame[] = [];
  const session = hub.connect(
    { send: (frame) => frames.push(frame), backlog: () => 0 },
    new Set(['any']),
  );
  return { session, frames };
}

const tell = (server: ReturnType<typeof aServer>): void =>
  hub.publish('servers.changed', server, server.profileId);

describe('an event that tells a state', () => {
  it('is sent when it differs from the last one about the same thing, and only then', () => {
    const { frames } = connect();
    const servers = Array.from({ length: 100 }, (_, index) => aServer(`S${index}`));
    for (const server of servers) tell(server);
    expect(frames).toHaveLength(100);
    for (const server of servers) {
      tell(server.name === 'S7' ? { ...server, port: 10_999 } : { ...server });
    }
    expect(frames.slice(100)).toMatchObject([
      { topic: 'servers.changed', payload: { name: 'S7', port: 10_999 } },
    ]);
  });

  it('is not sent for figures that move by themselves, and carries them with what is news', () => {
    const { frames } = connect();
    const at = (seconds: number, phase = 'Loading') =>
      aServer('A', {
        state: 'loading',
        pid: 7,
        uptimeSeconds: seconds,
        cpuPercent: seconds,
        memoryBytes: seconds,
        progress: { phase, seconds },
      });
    tell(at(1));
    tell(at(2));
    tell(at(3, 'Almost there'));
    expect(frames.map(({ payload }) => payload)).toEqual([at(1), at(3, 'Almost there')]);
  });

  it('is sent where it goes back to what it was', () => {
    const { frames } = connect();
    for (const state of ['stopped', 'starting', 'stopped'] as const) tell(aServer('A', { state }));
    expect(frames).toHaveLength(3);
  });

  it('is not sent where a snapshot has told the same, and is where that told something newer', () => {
    const { frames, session } = connect();
    tell(aServer('A'));
    const { seq: _, ...parts } = snapshotOf({ servers: [aServer('A', { port: 2 }), aServer('B')] });
    expect(session.takeSnapshot(parts)).toMatchObject({ seq: 1, servers: [{ port: 2 }, {}] });
    tell(aServer('A', { port: 2 }));
    tell(aServer('B'));
    hub.publish('settings.changed', Settings.parse({}));
    hub.publish('profiles.changed', []);
    expect(frames).toHaveLength(1);
    tell(aServer('A'));
    expect(frames).toHaveLength(2);
  });

  it('is sent to a view that does not know it, whatever others know', () => {
    connect();
    tell(aServer('A'));
    const later = connect();
    tell(aServer('A'));
    expect(later.frames).toHaveLength(1);
  });

  it('of the same settings is no news; an event without a payload always is', () => {
    const { frames } = connect();
    for (let time = 0; time < 2; time++) {
      hub.publish('settings.changed', Settings.parse({}));
      hub.publish('hub.accountChanged', null);
    }
    expect(frames.map(({ topic }) => topic)).toEqual([
      'settings.changed',
      'hub.accountChanged',
      'hub.accountChanged',
    ]);
  });

  it('has a number without gaps, whatever was left out', () => {
    const { frames } = connect();
    for (const port of [1, 1, 2, 2, 3]) tell(aServer('A', { port }));
    expect(frames.map(({ seq }) => seq)).toEqual([1, 2, 3]);
  });
});

describe('an event that is a batch', () => {
  const publish = (from: number, count: number): void => {
    const requests = Array.from({ length: count }, (_, index) =>
      shownRequest(aRecord(from + index), () => undefined),
    );
    hub.publish('gateway.requests', { requests }, GATEWAY_REQUESTS_KEY);
  };
  const idsOf = ({ payload }: EventFrame): string[] =>
    events['gateway.requests'].payload.parse(payload).requests.map(({ id }) => id);

  it('is joined, in order, and sent to who follows it', () => {
    const { session, frames } = connect();
    const other = connect();
    expect(hub.isFollowed(GATEWAY_REQUESTS_KEY)).toBe(false);
    session.follow(GATEWAY_REQUESTS_KEY, true);
    expect(hub.isFollowed(GATEWAY_REQUESTS_KEY)).toBe(true);
    publish(0, 2);
    publish(2, 1);
    expect(frames).toEqual([]);
    clock.advance(100);
    expect(frames.map(idsOf)).toEqual([['request-0', 'request-1', 'request-2']]);
    expect(other.frames).toEqual([]);
  });

  it('keeps the newest of a flood', () => {
    const { session, frames } = connect();
    session.follow(GATEWAY_REQUESTS_KEY, true);
    publish(0, 400);
    publish(400, 400);
    clock.advance(100);
    const [ids = []] = frames.map(idsOf);
    expect(ids).toHaveLength(500);
    expect([ids.at(0), ids.at(-1)]).toEqual(['request-300', 'request-799']);
  });
});
