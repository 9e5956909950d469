import { Startup } from '@core/servers/startup';
import { aServer } from '@fixtures/live-data';
import { silentLogger } from '@host/host-ports';
import type { Server, ServerFailure } from '@shared/domain/server';
import { makeAction } from '@shared/errors/action';
import { DomainError } from '@shared/errors';
import type { StartupReport } from '@shared/domain/startup';
import { describe, expect, it } from 'vitest';

/** Servers that a test moves by hand. */
function harness(names: readonly string[]) {
  const servers = new Map(names.map((name) => [name.toLowerCase(), aServer(name)]));
  const started: string[] = [];
  const refused = new Map<string, NonNullable<Server['refusal']>>();
  const reports: (StartupReport | null)[] = [];
  let now = 0;
  const startup = new Startup({
    clock: { monotonic: () => now, now: () => 0, setTimeout: () => () => undefined },
    logger: silentLogger,
    atLogin: true,
    server: (id) => servers.get(id) as Server,
    async start(id) {
      started.push(id);
      const refusal = refused.get(id);
      if (refusal) {
        move(id, { refusal });
        throw new DomainError('does_not_fit', refusal.message);
      }
      move(id, { state: 'queued' });
    },
    publish: (report) => reports.push(report),
  });
  function move(id: string, change: Partial<Server>): void {
    servers.set(id, { ...(servers.get(id) as Server), ...change });
    startup.serverChanged(servers.get(id) as Server);
  }
  const wanted = names.map((name) => ({ id: name.toLowerCase(), name }));
  const states = () => startup.report?.entries.map(({ state }) => state);
  return {
    startup,
    started,
    refused,
    move,
    wanted,
    states,
    reports,
    pass: (ms: number) => (now += ms),
  };
}

const settle = () => new Promise((resolve) => setImmediate(resolve));

describe('what starts with the application', () => {
  it('goes one after the other, each with its time or its reason', async () => {
    const w = harness(['A', 'B', 'C']);
    w.startup.begin({ wanted: w.wanted, ranAtCrash: [] });
    await settle();
    expect(w.started).toEqual(['a']);
    expect(w.states()).toEqual(['starting', 'waiting', 'waiting']);
    w.move('a', { state: 'loading' });
    w.pass(4100);
    w.move('a', { state: 'ready' });
    await settle();
    expect(w.started).toEqual(['a', 'b']);
    const failure: ServerFailure = { code: 'port_in_use', message: 'Taken.', evidence: [] };
    w.move('b', { state: 'failed', failure });
    await settle();
    expect(w.started).toEqual(['a', 'b', 'c']);
    w.move('c', { state: 'ready' });
    expect(w.startup.report?.entries).toMatchObject([
      { name: 'A', state: 'ready', seconds: 4.1 },
      { name: 'B', state: 'failed', failure: { message: 'Taken.' } },
      { name: 'C', state: 'ready' },
    ]);
    // What happens later is the server's own page.
    w.move('a', { state: 'stopped' });
    expect(w.states()).toEqual(['ready', 'failed', 'ready']);
    // A failed one that a person mends is no longer failed.
    w.move('b', { state: 'loading' });
    w.move('b', { state: 'ready' });
    expect(w.states()).toEqual(['ready', 'ready', 'ready']);
  });

  it('one that does not fit says what is missing, and the next one is started', async () => {
    const w = harness(['A', 'B']);
    w.refused.set('a', { at: '', message: 'A does not fit.', shortBytes: 4 * 2 ** 30 });
    w.startup.begin({ wanted: w.wanted, ranAtCrash: [] });
    await settle();
    expect(w.started).toEqual(['a', 'b']);
    expect(w.startup.report?.entries[0]).toEqual({
      ...{ profileId: 'a', name: 'A', state: 'failed' },
      failure: {
        code: 'does_not_fit',
        message: 'A does not fit.',
        action: makeAction('make_room', { profileId: 'a' }),
        evidence: [],
        shortBytes: 4 * 2 ** 30,
      },
    });
    // Room was made.
    w.move('a', { state: 'loading', refusal: undefined });
    expect(w.states()?.[0]).toBe('starting');
  });

  it('is held after the machine went down, until it is released', async () => {
    const w = harness(['A', 'B']);
    w.startup.begin({ wanted: w.wanted, ranAtCrash: ['A'] });
    await settle();
    expect(w.started).toEqual([]);
    expect(w.startup.report).toMatchObject({ heldBecauseOf: ['A'] });
    expect(w.states()).toEqual(['held', 'held']);
    w.startup.release();
    await settle();
    expect(w.started).toEqual(['a']);
    expect(w.startup.report?.heldBecauseOf).toBeUndefined();
    w.startup.release();
    expect(w.started).toEqual(['a']);
  });

  it('closing the report of what is held starts nothing; closing it meanwhile stops nothing', async () => {
    const held = harness(['A']);
    held.startup.begin({ wanted: held.wanted, ranAtCrash: ['X'] });
    held.startup.dismiss();
    await settle();
    expect(held.started).toEqual([]);
    expect(held.startup.report).toBeNull();

    const w = harness(['A', 'B']);
    w.startup.begin({ wanted: w.wanted, ranAtCrash: [] });
    await settle();
    w.startup.dismiss();
    expect(w.startup.report).toBeNull();
    w.move('a', { state: 'ready' });
    await settle();
    expect(w.started).toEqual(['a', 'b']);
    expect(w.startup.report).toBeNull();
  });

  it('what runs already is taken over, and a deleted profile leaves the report', () => {
    const w = harness(['A', 'B']);
    w.move('a', { state: 'ready' });
    w.startup.begin({ wanted: w.wanted, ranAtCrash: [] });
    expect(w.states()?.[0]).toBe('taken-over');
    w.startup.forget('a');
    expect(w.startup.report?.entries.map(({ name }) => name)).toEqual(['B']);
    w.startup.forget('b');
    expect(w.startup.report).toBeNull();
  });

  it('starts nothing more once the manager quits, and reports nothing when nothing is wanted', async () => {
    const w = harness(['A', 'B']);
    w.startup.begin({ wanted: [], ranAtCrash: ['A'] });
    expect(w.reports).toEqual([]);
    w.startup.begin({ wanted: w.wanted, ranAtCrash: [] });
    await settle();
    w.startup.end();
    w.move('a', { state: 'ready' });
    await settle();
    expect(w.started).toEqual(['a']);
  });
});
