import { createLiveStore, type LiveStore } from '@renderer/live/live-store';
import { createQueryClient, invalidateByEvents } from '@renderer/queries/query-client';
import { createClient } from '@shared/rpc/client';
import type { EventFrame } from '@shared/rpc/frames';
import { type QueryClient, QueryObserver } from '@tanstack/react-query';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

let queryClient: QueryClient;
let store: LiveStore;
let happen: (topic: string) => void;
let stop: () => void;
/** Questions that wait for their answer, oldest first. */
let questions: ((answer: string) => void)[];

beforeEach(() => {
  queryClient = createQueryClient();
  queryClient.mount();
  store = createLiveStore('open');
  questions = [];
  const listeners = new Set<(frame: EventFrame) => void>();
  let seq = 0;
  happen = (topic) => {
    for (const listener of listeners) listener({ seq: ++seq, topic, payload: null });
  };
  const client = createClient({
    send: () => new Promise(() => undefined),
    onEvent(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  });
  stop = invalidateByEvents(client, store, queryClient);
});
afterEach(() => {
  stop();
  queryClient.clear();
});

/** A view that shows the answer to a method. */
function show(method: string) {
  const observer = new QueryObserver<string>(queryClient, {
    queryKey: [method, {}],
    queryFn: () => new Promise((resolve) => questions.push(resolve)),
  });
  const close = observer.subscribe(() => undefined);
  return { close, answer: () => observer.getCurrentResult().data };
}

const turn = () => new Promise((resolve) => setImmediate(resolve));

describe('an answer that was asked for before an event', () => {
  it('is asked for again when it comes after it, the first one too', async () => {
    const { answer, close } = show('models.list');
    happen('models.changed');
    questions.shift()?.('before');
    await expect.poll(() => questions.length).toBe(1);
    questions.shift()?.('after');
    await expect.poll(answer).toBe('after');
    close();
  });

  it('is good when the event is about something else, or came before the question', async () => {
    happen('models.changed');
    const { answer, close } = show('models.list');
    happen('notices.changed');
    questions.shift()?.('now');
    await expect.poll(answer).toBe('now');
    await turn();
    expect(questions).toEqual([]);
    happen('models.changed');
    await expect.poll(() => questions.length).toBe(1);
    close();
  });

  it('is asked for again after a new snapshot', async () => {
    store.setState({ epoch: 1 });
    const { answer, close } = show('hub.account');
    store.setState({ epoch: 2 });
    questions.shift()?.('before');
    await expect.poll(() => questions.length).toBe(1);
    questions.shift()?.('after');
    await expect.poll(answer).toBe('after');
    close();
  });
});
