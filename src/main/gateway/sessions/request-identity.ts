import type { Operation } from '@shared/gateway/record';
import type { Conversation } from '../conversation/conversation';
import { clientOf, type RequestHeaders } from './client-name';
import { sessionOf } from './session-id';
import { isSideCall } from './side-call';

export interface IdentityFacts {
  readonly headers: RequestHeaders;
  readonly keyId?: string | undefined;
  readonly operation: Operation;
  /** The body as it was parsed, before any dialect read it. */
  readonly body?: unknown;
  /** What its dialect read in it; undefined where it is none. */
  readonly conversation?: Conversation | undefined;
}

/** Who asks, in which session, and whether a person waits for it. */
export interface RequestIdentity {
  readonly client: string;
  readonly session: string;
  readonly isSideCall: boolean;
}

export function identityOf(facts: IdentityFacts): RequestIdentity {
  const { headers, keyId, operation, body, conversation } = facts;
  const client = clientOf(headers);
  const { prompt_cache_key: promptCacheKey, metadata }: BodyHints = Object(body);
  const { user_id: userId }: { user_id?: unknown } = Object(metadata);
  const hints = { promptCacheKey, userId, firstUserText: firstUserTextOf(conversation) };
  return {
    client,
    session: sessionOf({ headers, keyId, client, hints }),
    isSideCall: isSideCall({ operation, client, conversation }),
  };
}

interface BodyHints {
  readonly prompt_cache_key?: unknown;
  readonly metadata?: unknown;
}

function firstUserTextOf(conversation: Conversation | undefined): string | undefined {
  return conversation?.messages
    .find(({ role }) => role === 'user')
    ?.parts.map((part) => (part.kind === 'text' ? part.text : ''))
    .join('');
}
