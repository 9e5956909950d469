import { Desk, NotAvailable } from '@gateway/forward/desk';
import type { FromDataPlane } from '@shared/gateway/plane';
import type { Address, Target } from '@shared/gateway/target';
import { beforeEach, describe, expect, it } from 'vitest';

const ADDRESS: Address = { host: '127.0.0.1', port: 1, run: 1 };

let posted: FromDataPlane[];
let desk: Desk;
let version = 0;
beforeEach(() => {
  posted = [];
  desk = new Desk((message) => posted.push(message));
});

function know(address: Address | undefined): void {
  const target = { profileId: 'p', address } as Target;
  const doors = { hosts: [], origins: [], requireKey: false, keys: [] };
  version += 1;
  desk.take({ type: 'directory', directory: { version, targets: [target], doors } });
}

const enter = (signal = new AbortController().signal) =>
  desk.enter({ profileId: 'p', isSideCall: false, signal });
const asked = () => posted.filter((one) => one.type === 'ask');
/** What was begun has come as far as it can without a message. */
const settle = () => new Promise((resolve) => setImmediate(resolve));

describe('the desk', () => {
  it('lets a request in at once where the server is ready, and counts it until it leaves', async () => {
    know(ADDRESS);
    const entry = await enter();
    expect(entry.address).toEqual(ADDRESS);
    expect(desk.books).toEqual({ underWay: 1, waiting: 0 });
    entry.leave();
    entry.leave();
    expect(desk.books).toEqual({ underWay: 0, waiting: 0 });
    await settle();
    expect(asked()).toEqual([]);
    expect(posted.at(-1)).toEqual({ type: 'underWay', profileId: 'p', count: 0 });
  });

  it('asks for a server that is not ready, and lets in once it is', async () => {
    know(undefined);
    const entering = enter();
    await settle();
    expect(asked()).toMatchObject([{ ask: 1, profileId: 'p' }]);
    know(ADDRESS);
    desk.take({ type: 'ready', ask: 1 });
    expect((await entering).address).toEqual(ADDRESS);
  });

  it('tells a wait for the load from every other wait', async () => {
    know(undefined);
    const entering = enter();
    await settle();
    know(ADDRESS);
    // It came when most of the load was over.
    desk.take({ type: 'ready', ask: 1, loadMs: 1_000_000 });
    const { queueMs, loadMs } = await entering;
    expect(loadMs).toBeGreaterThan(0);
    expect(loadMs).toBeLessThan(1_000_000);
    expect(queueMs).toBeGreaterThanOrEqual(0);
    expect(await enter()).toMatchObject({ loadMs: 0 });
  });

  it('rejects with the reason where there will be none', async () => {
    know(undefined);
    const entering = enter();
    await settle();
    const why = { kind: 'manual', message: 'It is not started by requests.' } as const;
    desk.take({ type: 'unavailable', ask: 1, why });
    await expect(entering).rejects.toEqual(new NotAvailable(why));
    expect(desk.books).toEqual({ underWay: 0, waiting: 0 });
  });

  it('takes the wish back when the client goes', async () => {
    know(undefined);
    const client = new AbortController();
    const entering = enter(client.signal);
    await settle();
    client.abort(new Error('gone'));
    await expect(entering).rejects.toThrow('gone');
    expect(posted.at(-1)).toEqual({ type: 'withdraw', ask: 1 });
    expect(desk.books).toEqual({ underWay: 0, waiting: 0 });
  });

  it('tells exactly what is under way when it is shut, and lets nobody in until it is opened', async () => {
    know(ADDRESS);
    const first = await enter();
    desk.take({ type: 'shut', profileId: 'p' });
    expect(posted.at(-1)).toEqual({ type: 'shut', profileId: 'p', underWay: 1 });
    let isIn = false;
    const second = enter().then((entry) => {
      isIn = true;
      return entry;
    });
    await settle();
    expect(isIn).toBe(false);
    first.leave();
    desk.take({ type: 'shut', profileId: 'p' });
    expect(posted.at(-1)).toMatchObject({ underWay: 0 });
    // It was stopped meanwhile: whoever waited asks for it.
    know(undefined);
    desk.take({ type: 'open', profileId: 'p' });
    await settle();
    expect(isIn).toBe(false);
    expect(asked()).toHaveLength(1);
    know({ ...ADDRESS, run: 2 });
    desk.take({ type: 'ready', ask: 1 });
    expect((await second).address.run).toBe(2);
  });

  it('asks again where it was told ready and the server went in the same moment', async () => {
    know(undefined);
    const entering = enter();
    await settle();
    desk.take({ type: 'ready', ask: 1 });
    await settle();
    expect(asked()).toHaveLength(2);
    know(ADDRESS);
    desk.take({ type: 'ready', ask: 2 });
    await entering;
  });
});
