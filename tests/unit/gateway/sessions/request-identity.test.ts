import { identityOf } from '@gateway/sessions/request-identity';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { conversation, system, user } from './conversations';

describe('identityOf', () => {
  it('tells client, session and side call at once', () => {
    const asked = conversation([
      system('You are a title generator. You output ONLY a thread title.'),
      user('Generate a title for this conversation:\n'),
    ]);
    const headers = { 'user-agent': 'opencode/1.18.33', 'x-session-id': 'ses_1' };
    expect(identityOf({ headers, operation: 'chat', body: {}, conversation: asked })).toEqual({
      ...{ client: 'opencode 1.18', session: 'ses_1', isSideCall: true },
    });
  });

  it('reads what a body says of its session', () => {
    const of = (body: unknown): string =>
      identityOf({ headers: {}, operation: 'responses', body }).session;
    expect(of({ prompt_cache_key: 'mine' })).toBe('mine');
    expect(of({ metadata: { user_id: '{"session_id":"s-1"}' } })).toBe('s-1');
  });

  it('tells sessions without a name by their first message', () => {
    const of = (...texts: string[]): string =>
      identityOf({
        ...{ headers: {}, operation: 'chat' as const },
        conversation: conversation([system('Be short.'), ...texts.map(user)]),
      }).session;
    expect(of('hi', 'more')).toBe(of('hi'));
    expect(of('hi')).not.toBe(of('hello'));
  });

  it('takes any body', () => {
    fc.assert(
      fc.property(fc.anything(), fc.anything(), (body, metadata) => {
        for (const one of [body, { metadata, prompt_cache_key: body }]) {
          const { session } = identityOf({ headers: {}, operation: 'chat', body: one });
          expect(session.length).toBeGreaterThan(0);
        }
      }),
    );
  });
});
