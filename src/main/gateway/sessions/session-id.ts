import { createHash } from 'node:crypto';

import { hasHiddenCharacters } from '@shared/format/hidden-characters';
import { header, type RequestHeaders } from './client-name';

/** What of a body may tell the session; the reader of a dialect gives what it has. */
export interface SessionHints {
  /** `prompt_cache_key` of Responses and chat. */
  readonly promptCacheKey?: unknown;
  /** `metadata.user_id` of Messages. */
  readonly userId?: unknown;
  /** Text of the first message of role user. */
  readonly firstUserText?: string | undefined;
}

export interface SessionSource {
  readonly headers: RequestHeaders;
  readonly keyId?: string | undefined;
  /** As {@link clientOf} names it. */
  readonly client: string;
  readonly hints: SessionHints;
}

/** Characters of an id as a client gives it; a longer one is replaced by its hash. */
const MAX_ID = 100;
/** Characters of a `metadata.user_id` that are read; Claude Code's has 150. */
const MAX_USER_ID = 2000;

/** Headers in which clients name their session, the most exact first. */
const HEADERS = [
  // Codex; older ones with an underscore.
  'session-id',
  'session_id',
  'thread-id',
  // OpenCode, and what is used to keep a session at one server.
  'x-session-id',
  'x-session-affinity',
  'x-litellm-session-id',
] as const;

/**
 * The session that a request belongs to: what the client calls it, else the same for the same key, client and first
 * message. At most 201 characters, none of them hidden.
 */
export function sessionOf({ headers, keyId, client, hints }: SessionSource): string {
  const claude = idOf(header(headers, 'x-claude-code-session-id'));
  if (claude !== undefined) {
    // Its subagents have a history of their own in the same session.
    const agent = idOf(header(headers, 'x-claude-code-agent-id'));
    return agent === undefined ? claude : `${claude}/${agent}`;
  }
  for (const name of HEADERS) {
    const id = idOf(header(headers, name));
    if (id !== undefined) return id;
  }
  return (
    idOf(hints.promptCacheKey) ??
    claudeSessionIn(hints.userId) ??
    `auto-${hash([keyId ?? '', client, hints.firstUserText ?? ''])}`
  );
}

/** Claude Code's is a JSON text with the session's id, in versions before that `user_..._session_ID`. */
function claudeSessionIn(userId: unknown): string | undefined {
  if (typeof userId !== 'string' || userId.length > MAX_USER_ID) return undefined;
  const [, old] = /_session_([\w-]+)$/.exec(userId) ?? [];
  if (old !== undefined) return idOf(old);
  if (!userId.startsWith('{')) return undefined;
  try {
    const { session_id }: { session_id?: unknown } = Object(JSON.parse(userId));
    return idOf(session_id);
  } catch {
    // It is another program's id that only begins like one.
    return undefined;
  }
}

function idOf(value: unknown): string | undefined {
  if (typeof value !== 'string') return undefined;
  const text = value.trim();
  if (text === '') return undefined;
  // What cannot be shown or is too long for a list is still one session.
  const isPlain = text.length <= MAX_ID && !hasHiddenCharacters(text) && text.isWellFormed();
  return isPlain ? text : `hash-${hash([text])}`;
}

/** 16 hex digits of the texts' SHA-256, with their borders. */
function hash(texts: readonly string[]): string {
  const sum = createHash('sha256');
  for (const text of texts) sum.update(`${text.length}:`).update(text);
  return sum.digest('hex').slice(0, 16);
}
