import {
  type LookUp,
  readConversation,
  type ResponseObject,
  ResponseStore,
  responsesAnswer,
  type StoreBounds,
} from '@gateway/dialects/responses';
import { describe, expect, it } from 'vitest';

import { refusalOf } from './refused';
import { requestWith, someTools } from './some-request';

const ROOMY: StoreBounds = { count: 100, bytes: 1_000_000, ageMs: 1000 };

/** A store with a clock that the test moves, and turns that are asked for and answered through it. */
function storeWith(bounds: Partial<StoreBounds> = {}) {
  const clock = { now: 0 };
  const store = new ResponseStore({ ...ROOMY, ...bounds }, () => clock.now);
  let count = 0;
  const turn = (fields: Readonly<Record<string, unknown>>, owner = 'me'): ResponseObject => {
    const request = requestWith(fields, store.lookUp(owner));
    count += 1;
    const context = { id: `${count}`, model: 'm', created: 7, wantsUsage: true };
    const said = { text: `answer ${count}`, reasoning: 'Hm', calls: [], reason: 'stop' } as const;
    const response = responsesAnswer(context, said, request);
    store.keep(owner, request, response);
    return response;
  };
  const textsOf = (lookUp: LookUp, fields: Readonly<Record<string, unknown>>): string[] =>
    requestWith(fields, lookUp).conversation.messages.flatMap(({ parts }) =>
      parts.map((part) => (part.kind === 'text' ? part.text : part.kind)),
    );
  return {
    clock,
    store,
    turn,
    texts: (fields: object) => textsOf(store.lookUp('me'), { ...fields }),
  };
}

describe('a response', () => {
  it('is told again, with its items and those of its request', () => {
    const { store, turn } = storeWith();
    const response = turn({ input: 'one', metadata: { a: 'b' } });
    expect(store.get('me', 'resp_1')).toEqual(response);
    expect(store.inputItems('me', 'resp_1')).toEqual({
      object: 'list',
      data: [
        {
          type: 'message',
          role: 'user',
          id: 'msg_1_in0',
          status: 'completed',
          content: [{ type: 'input_text', text: 'one' }],
        },
      ],
      first_id: 'msg_1_in0',
      last_id: 'msg_1_in0',
      has_more: false,
    });
  });

  it('is continued by the next, and by two that go on from the same', () => {
    const { turn, texts } = storeWith();
    turn({ input: 'one' });
    turn({ input: 'two', previous_response_id: 'resp_1' });
    turn({ input: 'other', previous_response_id: 'resp_1' });
    expect(texts({ input: 'three', previous_response_id: 'resp_2' })).toEqual([
      'one',
      'answer 1',
      'two',
      'answer 2',
      'three',
    ]);
    expect(texts({ input: 'three', previous_response_id: 'resp_3' })).toEqual([
      'one',
      'answer 1',
      'other',
      'answer 3',
      'three',
    ]);
  });

  it('leaves its instructions behind when it is continued', () => {
    const { turn, texts } = storeWith();
    turn({ input: 'one', instructions: 'Be short.' });
    expect(
      texts({ input: 'two', previous_response_id: 'resp_1', instructions: 'Be long.' }),
    ).toEqual(['Be long.', 'one', 'answer 1', 'two']);
  });

  it('has items that a later request can name, each once', () => {
    const { turn, store, texts } = storeWith();
    turn({ input: 'one' });
    const reference = (id: string) => ({ type: 'item_reference', id });
    const input = [{ role: 'user', content: 'one' }, reference('rs_1_0'), { id: 'msg_1_1' }];
    const { messages } = requestWith({ input }, store.lookUp('me')).conversation;
    expect(messages.at(-1)).toMatchObject({ reasoning: 'Hm', parts: [{ text: 'answer 1' }] });
    expect(texts({ input: [reference('msg_1_1')], previous_response_id: 'resp_1' })).toEqual([
      'one',
      'answer 1',
    ]);
  });

  it('with its tool call is answered in the second turn', () => {
    const { store } = storeWith();
    const request = requestWith({ tools: someTools });
    const calls = [{ id: 'call_1', name: 'agents__tell', arguments: '{"input":"x"}' }];
    const context = { id: '1', model: 'm', created: 7, wantsUsage: true };
    const response = responsesAnswer(context, { text: '', calls, reason: 'tool_calls' }, request);
    expect(store.keep('me', request, response)).toBe(true);
    const output = { type: 'custom_tool_call_output', call_id: 'call_1', output: 'done' };
    const fields = { tools: someTools, previous_response_id: 'resp_1', input: [output] };
    expect(requestWith(fields, store.lookUp('me')).conversation.messages.slice(1)).toMatchObject([
      { role: 'assistant', calls },
      { role: 'tool', callId: 'call_1', name: 'agents__tell' },
    ]);
  });

  it('belongs to its owner: to anyone else it does not exist', () => {
    const { store, turn } = storeWith();
    turn({ input: 'secret' });
    const other = store.lookUp('other');
    expect(other.response('resp_1')).toBeUndefined();
    expect(other.item('msg_1_1')).toBeUndefined();
    for (const ask of [
      () => store.get('other', 'resp_1'),
      () => store.delete('other', 'resp_1'),
      () => store.inputItems('other', 'resp_1'),
    ]) {
      expect(refusalOf(ask)).toMatchObject({ status: 404, code: 'response_not_found' });
    }
    expect(store.get('me', 'resp_1').id).toBe('resp_1');
  });

  it('with store: false leaves nothing behind', () => {
    const { store, turn } = storeWith();
    turn({ input: 'secret', store: false });
    expect(store.size()).toEqual({ count: 0, bytes: 0 });
    expect(store.lookUp('me').item('rs_1_0')).toBeUndefined();
  });

  it('that was deleted is gone, with all that went on from it', () => {
    const { store, turn, texts } = storeWith();
    turn({ input: 'one' });
    turn({ input: 'two', previous_response_id: 'resp_1' });
    expect(store.delete('me', 'resp_1')).toEqual({
      id: 'resp_1',
      object: 'response',
      deleted: true,
    });
    expect(refusalOf(() => store.get('me', 'resp_1')).status).toBe(404);
    expect(refusalOf(() => texts({ previous_response_id: 'resp_2' })).status).toBe(404);
    expect(store.lookUp('me').item('rs_1_0')).toBeUndefined();
    store.delete('me', 'resp_2');
    expect(store.size()).toEqual({ count: 0, bytes: 0 });
  });
});

describe('the bounds', () => {
  it('of the count let go what was not used for longest', () => {
    const { store, turn } = storeWith({ count: 2 });
    turn({ input: 'one' });
    turn({ input: 'two' });
    store.get('me', 'resp_1');
    turn({ input: 'three' });
    expect(refusalOf(() => store.get('me', 'resp_2')).status).toBe(404);
    expect(store.get('me', 'resp_1').id).toBe('resp_1');
  });

  it('of the memory too, and nothing larger than all of it is kept', () => {
    const { store, turn } = storeWith({ bytes: 20_000 });
    turn({ input: 'x'.repeat(3000) });
    turn({ input: 'x'.repeat(3000) });
    turn({ input: 'x'.repeat(3000) });
    expect(store.size().bytes).toBeLessThanOrEqual(20_000);
    expect(store.size().count).toBe(2);
    turn({ input: 'x'.repeat(10_000) });
    expect(store.size().count).toBe(2);
  });

  it('of the age let go what was not used since, whoever asks', () => {
    const { clock, store, turn, texts } = storeWith({ ageMs: 1000 });
    turn({ input: 'one' });
    clock.now = 900;
    turn({ input: 'two', previous_response_id: 'resp_1' });
    clock.now = 1800;
    expect(texts({ input: 'three', previous_response_id: 'resp_2' })).toHaveLength(5);
    clock.now = 2800;
    expect(store.size()).toEqual({ count: 0, bytes: 0 });
  });
});

describe('a conversation', () => {
  it('gathers its turns, whatever they say of store', () => {
    const { store, turn, texts } = storeWith();
    const items = readConversation({ items: [{ role: 'developer', content: 'Be short.' }] });
    expect(store.openConversation('me', 'conv_1', items)).toBe(true);
    turn({ input: 'one', conversation: 'conv_1' });
    turn({ input: 'two', conversation: { id: 'conv_1' }, store: false });
    expect(refusalOf(() => store.get('me', 'resp_2')).status).toBe(404);
    store.delete('me', 'resp_1');
    expect(refusalOf(() => store.get('me', 'resp_1')).status).toBe(404);
    expect(store.lookUp('me').item('msg_1_1')).toBeUndefined();
    expect(texts({ input: 'three', conversation: 'conv_1' })).toEqual([
      'Be short.',
      'one',
      'answer 1',
      'two',
      'answer 2',
      'three',
    ]);
    expect(store.lookUp('other').conversation('conv_1')).toBeUndefined();
  });

  it('is refused when its items cannot be read', () => {
    expect(refusalOf(() => readConversation({ items: [{ role: 'x' }] })).param).toBe(
      'items[0].role',
    );
  });
});

describe('the items of a request', () => {
  it('come in pages, the newest first', () => {
    const { store, turn } = storeWith();
    const input = ['a', 'b', 'c'].map((id) => ({ id, role: 'user', content: id }));
    turn({ input });
    const idsOf = (query: Parameters<ResponseStore['inputItems']>[2]) =>
      store.inputItems('me', 'resp_1', query).data.map(({ id }) => id);
    expect(idsOf({})).toEqual(['c', 'b', 'a']);
    expect(idsOf({ order: 'asc', limit: 2 })).toEqual(['a', 'b']);
    expect(idsOf({ order: 'asc', after: 'b' })).toEqual(['c']);
    expect(store.inputItems('me', 'resp_1', { limit: 2 }).has_more).toBe(true);
    expect(refusalOf(() => idsOf({ limit: 0 })).param).toBe('limit');
    expect(refusalOf(() => idsOf({ after: 'z' })).param).toBe('after');
  });
});
