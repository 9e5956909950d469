import type { Operation } from '@shared/gateway/record';
import type { Conversation, Message } from '../conversation/conversation';

export interface SideCallFacts {
  readonly operation: Operation;
  /** As `clientOf` names it. */
  readonly client: string;
  /** Undefined where the body was not read as one. */
  readonly conversation?: Conversation | undefined;
}

/** How the instructions begin with which programs ask for a title or a topic. */
const TITLE_INSTRUCTIONS = [
  // OpenCode 1.18, its title request.
  'You are a title generator',
  // Crush, its title request.
  'You will generate a short title based on the first message',
  // Claude Code, its topic request.
  'Analyze if this message indicates a new conversation topic',
  'Summarize this coding conversation',
];

/** The tools of the request that Qwen Code 0.24 sends after an answer; its main turns have others too. */
const QWEN_BACKGROUND_TOOLS: ReadonlySet<string> = new Set([
  'read_file',
  'grep_search',
  'glob',
  'run_shell_command',
  'write_file',
  'edit',
]);

/** Characters of a message that are looked at. */
const LOOKED_AT = 4000;

/**
 * Whether a request is one that a program makes beside a person's turn: a title, tags, a count. Such a one never makes
 * room for itself and goes after the turn, so that it counts as a turn where there is doubt; a small `max_tokens` alone
 * tells nothing.
 */
export function isSideCall({ operation, client, conversation }: SideCallFacts): boolean {
  if (operation === 'count_tokens') return true;
  if (!conversation) return false;
  return conversation.tools.length === 0
    ? asksForTitle(conversation.messages) ||
        isOpenWebUiTask(conversation.messages) ||
        isClaudeCodeAside(client, conversation)
    : isQwenBackground(client, conversation);
}

function asksForTitle(messages: readonly Message[]): boolean {
  const instructions = messages.filter(({ role }) => role === 'system').map(textOf);
  const isInstructed = instructions.some((text) =>
    // Claude Code has a line of its own before it.
    TITLE_INSTRUCTIONS.some((begin) => text.includes(begin) && text.indexOf(begin) < 300),
  );
  // OpenCode 1.18 says it to the user's side as well: two messages in a row, the first of them this.
  const first = messages.find(({ role }) => role === 'user');
  return (
    isInstructed ||
    (first !== undefined && textOf(first).startsWith('Generate a title for this conversation'))
  );
}

/** Open WebUI asks for titles, tags, follow-ups and queries in one message of this form. */
function isOpenWebUiTask(messages: readonly Message[]): boolean {
  const own = messages.filter(({ role }) => role !== 'system');
  const [only] = own;
  if (own.length !== 1 || only?.role !== 'user') return false;
  const text = textOf(only);
  return (
    /^\s*### Task:\s/.test(text) &&
    /### (Guidelines|Output|Chat History):|<chat_history>/.test(text)
  );
}

/** Claude Code gives titles and summaries to the small tier; subagents there have tools, and are turns. */
function isClaudeCodeAside(client: string, { model, messages }: Conversation): boolean {
  if (!client.startsWith('claude-code')) return false;
  const [only] = messages;
  const isQuotaCheck =
    messages.length === 1 && only?.role === 'user' && textOf(only).trim() === 'quota';
  return isQuotaCheck || /haiku/i.test(model);
}

/** A second request over the whole history, with other instructions and a message of its own at the end. */
function isQwenBackground(client: string, { tools, messages }: Conversation): boolean {
  if (!client.startsWith('qwen-code')) return false;
  const answered = messages.findIndex(({ role }) => role === 'assistant');
  return (
    answered !== -1 &&
    messages.slice(answered).some(({ role }) => role === 'user') &&
    tools.every(({ name }) => QWEN_BACKGROUND_TOOLS.has(name))
  );
}

/** The beginning of a message's text. */
function textOf({ parts }: Message): string {
  let text = '';
  for (const part of parts) {
    if (part.kind === 'text') text += part.text.slice(0, LOOKED_AT - text.length);
    if (text.length >= LOOKED_AT) break;
  }
  return text;
}
