import type { Conversation } from '@gateway/conversation/conversation';
import { isSideCall } from '@gateway/sessions/side-call';
import { describe, expect, it } from 'vitest';

import { assistant, conversation, system, tool, toolResult, user } from './conversations';

const of = (client: string, asked: Conversation): boolean =>
  isSideCall({ operation: 'chat', client, conversation: asked });

const QWEN_BACKGROUND = [
  'read_file',
  'grep_search',
  'glob',
  'run_shell_command',
  'write_file',
  'edit',
].map((name) => tool(name));

describe('isSideCall', () => {
  it('counts tokens', () => {
    expect(isSideCall({ operation: 'count_tokens', client: 'claude-code 2.1' })).toBe(true);
  });

  it.each<[string, string, Conversation]>([
    [
      "OpenCode's title",
      'opencode 1.18',
      conversation([
        system('You are a title generator. You output ONLY a thread title. Nothing else.'),
        user('Generate a title for this conversation:\n'),
        user('"Say one short word and stop."'),
      ]),
    ],
    [
      "Open WebUI's tags",
      'python-httpx 0.28',
      conversation([
        user(
          '### Task:\nGenerate 1-3 broad tags categorizing the main themes of the chat history.\n\n### Guidelines:\n- One\n\n### Output:\nJSON format: { "tags": [] }\n\n### Chat History:\n<chat_history>\nUSER: hi\n</chat_history>',
        ),
      ]),
    ],
    [
      "Claude Code's topic",
      'claude-code 1.0',
      conversation([
        system("You are Claude Code, Anthropic's official CLI for Claude."),
        system(
          'Analyze if this message indicates a new conversation topic. If it does, extract a title.',
        ),
        user('hi'),
      ]),
    ],
    [
      "Claude Code's small tier",
      'claude-code 2.1',
      conversation([system('Summarize this page.'), user('...')], [], {
        model: 'claude-haiku-4-5',
      }),
    ],
    [
      "Claude Code's quota check",
      'claude-code 2.1',
      conversation([user('quota')], [], { maxTokens: 1 }),
    ],
    [
      "Qwen Code's second request",
      'qwen-code 0.24',
      conversation(
        [
          system('Other instructions'),
          user('hi'),
          assistant('Hello'),
          user('Now note what matters.'),
        ],
        QWEN_BACKGROUND,
      ),
    ],
  ])('%s', (_, client, asked) => {
    expect(of(client, asked)).toBe(true);
  });

  it.each<[string, string, Conversation]>([
    ['a short answer', 'openai-python 3.57', conversation([user('hi')], [], { maxTokens: 1 })],
    [
      'a person who asks for a title',
      'openai-js 6.26',
      conversation([user('Write a title for my book')]),
    ],
    ['a person who writes a task', 'browser', conversation([user('### Task:\nPaint the fence.')])],
    [
      'a question about the form',
      'browser',
      conversation([user('hi'), assistant('Hello'), user('### Task:\nx\n### Output:\ny')]),
    ],
    [
      'a turn of OpenCode',
      'opencode 1.18',
      conversation([system('You are opencode.'), user('hi')], [tool('bash')]),
    ],
    [
      'a subagent of Claude Code on the small tier',
      'claude-code 2.1',
      conversation([system('Find files.'), user('hi')], [tool('Grep')], { model: 'haiku' }),
    ],
    [
      'a turn of Claude Code',
      'claude-code 2.1',
      conversation([system('You are'), user('quota?')], [tool('Bash')]),
    ],
    ["Codex's start of a model", 'codex 0.171', conversation([user('')], [], { maxTokens: 1 })],
    [
      'the first turn of Qwen Code',
      'qwen-code 0.24',
      conversation([system('Main'), user('hi')], [tool('agent'), ...QWEN_BACKGROUND]),
    ],
    [
      'a later turn of Qwen Code',
      'qwen-code 0.24',
      conversation(
        [system('Main'), user('hi'), assistant('Hello'), user('more')],
        [tool('agent'), ...QWEN_BACKGROUND],
      ),
    ],
    [
      'a subagent of Qwen Code',
      'qwen-code 0.24',
      conversation(
        [system('Sub'), user('search'), assistant(''), toolResult('found')],
        QWEN_BACKGROUND,
      ),
    ],
  ])('not %s', (_, client, asked) => {
    expect(of(client, asked)).toBe(false);
  });
});
