import { clientOf } from '@gateway/sessions/client-name';
import { sessionOf } from '@gateway/sessions/session-id';
import { hasHiddenCharacters } from '@shared/format/hidden-characters';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

const UUID = '0d9b9a1c-8a04-4a43-9c7e-0f4dd58d6a11';

function session(headers: Record<string, string>, hints: object = {}, client = 'a-client'): string {
  return sessionOf({ headers, client, hints });
}

describe('clientOf', () => {
  it.each([
    // As recorded from these clients.
    [{ 'user-agent': 'claude-cli/2.1.332 (external, sdk-cli)' }, 'claude-code 2.1'],
    [{ 'user-agent': 'claude-code/2.1.332' }, 'claude-code 2.1'],
    [
      {
        originator: 'codex_exec',
        'user-agent': 'codex_exec/0.171.0 (Debian 12.0.0; x86_64) xterm',
      },
      'codex 0.171',
    ],
    [{ 'user-agent': 'QwenCode/0.24.4 (linux; x64)' }, 'qwen-code 0.24'],
    [
      { 'user-agent': 'opencode/1.18.33 ai-sdk/provider-utils/4.0.23 runtime/bun/1.3.13' },
      'opencode 1.18',
    ],
    [{ 'user-agent': 'OpenAI/Python 3.57.0' }, 'openai-python 3.57'],
    [{ 'user-agent': 'OpenAI/JS 6.26.0' }, 'openai-js 6.26'],
    [{ 'user-agent': 'AsyncOpenAI/Python 2.20.0' }, 'openai-python 2.20'],
    [{ 'user-agent': 'litellm/1.110.2' }, 'litellm 1.110'],
    [{ 'user-agent': 'Mozilla/5.0 (Macintosh; Intel Mac OS) Chrome/140.0' }, 'browser'],
    [{ 'user-agent': 'Bun/1.3.13', 'x-title': 'Cline' }, 'cline'],
    [{ 'user-agent': 'curl/8.14.1' }, 'curl 8.14'],
    [{}, 'unknown'],
    [{ 'user-agent': '' }, 'unknown'],
  ])('%j is %s', (headers, name) => {
    expect(clientOf(headers)).toBe(name);
  });

  it('is short and plain whatever a header holds', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'binary', maxLength: 2000 }),
        fc.string({ unit: 'binary' }),
        (agent, originator) => {
          expect(clientOf({ 'user-agent': agent, originator })).toMatch(/^[a-z0-9._ -]{1,44}$/);
        },
      ),
    );
  });

  it('reads nothing of an object itself', () => {
    expect(clientOf(JSON.parse('{"__proto__": {"user-agent": "curl/8.1"}}'))).toBe('unknown');
  });
});

describe('sessionOf', () => {
  it.each([
    ['Claude Code', { 'x-claude-code-session-id': UUID }, {}, UUID],
    [
      'its subagent',
      { 'x-claude-code-session-id': UUID, 'x-claude-code-agent-id': 'a1' },
      {},
      `${UUID}/a1`,
    ],
    ['Codex', { 'session-id': UUID, 'thread-id': 'other' }, { promptCacheKey: 'third' }, UUID],
    ['an older Codex', { session_id: UUID }, {}, UUID],
    ['OpenCode', { 'x-session-affinity': 'ses_dd30', 'x-session-id': 'ses_dd30' }, {}, 'ses_dd30'],
    ['LiteLLM', { 'x-litellm-session-id': 'mine' }, {}, 'mine'],
    ['prompt_cache_key', {}, { promptCacheKey: 'key-1' }, 'key-1'],
    [
      'metadata of Claude Code',
      {},
      { userId: JSON.stringify({ device_id: 'd', session_id: UUID }) },
      UUID,
    ],
    ['an older one', {}, { userId: `user_abc_account__session_${UUID}` }, UUID],
  ])('%s', (_, headers, hints, id) => {
    expect(session(headers as unknown as Record<string, string>, hints)).toBe(id);
  });

  it('is told by key, client and first message where nobody names it', () => {
    const first = session({}, { firstUserText: 'hello' });
    expect(first).toMatch(/^auto-[0-9a-f]{16}$/);
    expect(session({}, { firstUserText: 'hello', userId: '{broken' })).toBe(first);
    expect(session({}, { firstUserText: 'other' })).not.toBe(first);
    expect(session({}, { firstUserText: 'hello' }, 'other')).not.toBe(first);
    const withKey = sessionOf({
      headers: {},
      keyId: 'k',
      client: 'a-client',
      hints: { firstUserText: 'hello' },
    });
    expect(withKey).not.toBe(first);
  });

  it('is short and shown as it is, whatever a client sends', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'binary', maxLength: 600 }),
        fc.anything(),
        fc.anything(),
        (id, promptCacheKey, userId) => {
          const found = session({ 'x-session-id': id }, { promptCacheKey, userId });
          expect(found.length).toBeGreaterThan(0);
          expect(found.length).toBeLessThanOrEqual(201);
          expect(hasHiddenCharacters(found)).toBe(false);
          expect(session({ 'x-session-id': id }, { promptCacheKey, userId })).toBe(found);
        },
      ),
    );
  });
});
