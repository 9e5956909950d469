import { EventHub } from '@core/rpc/event-hub';
import { aServer, snapshotOf } from '@fixtures/live-data';
import { createManualClock } from '@fixtures/manual-clock';
import { type EventFrame, RESYNC_TOPIC } from '@shared/rpc/frames';
import { PageEvents } from '@shell/page-events';
import { expect, it } from 'vitest';

const MEGABYTE = 1024 * 1024;

it('counts the bytes that the page has not taken, and forgets those that it has', () => {
  const sent: EventFrame[] = [];
  const page = new PageEvents((frame) => sent.push(frame));
  for (const seq of [1, 2, 3]) page.send({ seq, topic: 't', payload: 'ü' });
  expect(sent.map(({ seq }) => seq)).toEqual([1, 2, 3]);
  const one = Buffer.byteLength(JSON.stringify(sent[0]));
  expect(page.backlog()).toBe(3 * one);
  page.taken(2);
  expect(page.backlog()).toBe(one);
  // A page says what it likes.
  for (const odd of [2, -1, Number.NaN, 0.5]) page.taken(odd);
  expect(page.backlog()).toBe(one);
  page.taken(Number.MAX_VALUE);
  expect(page.backlog()).toBe(0);
});

it('a page that takes nothing is sent a few megabytes, then the word to take a snapshot, then nothing', () => {
  const sent: EventFrame[] = [];
  const page = new PageEvents((frame) => sent.push(frame));
  const hub = new EventHub(createManualClock());
  const session = hub.connect(page, new Set(['any']));
  for (let i = 0; i < 1000; i++) {
    const server = aServer(`S${i}`, { model: 'x'.repeat(100_000) });
    hub.publish('servers.changed', server, server.profileId);
  }
  expect(sent.length).toBeLessThan(60);
  expect(sent.at(-1)?.topic).toBe(RESYNC_TOPIC);
  expect(page.backlog()).toBeLessThan(5 * MEGABYTE);
  // It has caught up and asked again.
  page.taken(sent.at(-1)?.seq ?? 0);
  session.takeSnapshot(snapshotOf());
  const later = aServer('Later');
  hub.publish('servers.changed', later, later.profileId);
  expect(sent.at(-1)).toMatchObject({ topic: 'servers.changed', payload: { name: 'Later' } });
});
