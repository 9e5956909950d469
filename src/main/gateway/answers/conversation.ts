import type { Target } from '@shared/gateway/target';
import {
  contextVerdict,
  fixedOverflow,
  fixedPart,
  needsExactCount,
  reserveFor,
  type TokenCount,
} from '../context/contract';
import { promptBounds } from '../context/estimate';
import type { Conversation } from '../conversation/conversation';
import type { Quirks } from '../conversation/quirks';
import { RequestRefused } from '../conversation/refusal';
import type { Speaker } from '../conversation/speaker';
import { converse } from '../converse/converse';
import { chatEdits, chatRequest } from '../dialects/chat/engine-body';
import { prepareConversation } from '../engines/prepare';
import { quirksOf } from '../engines/quirks';
import type { PromptLook } from '../sessions/prefix-doctor';
import { identityOf } from '../sessions/request-identity';
import { type Answering, type Asked, targetOf } from './asked';
import { headersOf, recordOf, toldOf, toldOfRefusal } from './record';

const CHAT_PATH = '/v1/chat/completions';

/** Carries out a conversation in any dialect. @throws RequestRefused before a byte of the answer was sent. */
export async function answerConversation(
  answering: Answering,
  asked: Asked,
  speaker: Speaker,
  text: string,
  body: unknown,
): Promise<void> {
  const { conversation, form } = speaker.understand(body, asked.owner);
  const target = targetOf(asked.targets, conversation.model);
  const { key, route } = asked.admitted;
  const { session, isSideCall } = identityOf({
    ...{
      headers: headersOf(asked),
      keyId: key?.id,
      operation: route.operation,
      body,
      conversation,
    },
  });
  const facts: TurnFacts = { session, isSideCall };
  try {
    refuseWrongKind(target);
    const quirks = quirksOf(target.engine);
    const template = await answering.templates.factsOf(target.modelFolder);
    const prepared = prepareConversation(conversation, quirks, template, target);
    const sized = await withinContext(answering, asked, target, quirks, prepared.conversation);
    // Always a stream: an engine that nobody reads any more ends its work at the next token.
    const streaming = { ...prepared.conversation, maxTokens: sized.maxTokens, isStream: true };
    const engineBody = speaker.isEnginesOwn
      ? chatEdits(text, body, conversation, streaming, target, quirks)
      : chatRequest(streaming, target, quirks);
    await inTurn(answering, asked, facts, async () => {
      let look: PromptLook | undefined;
      const outcome = await converse({
        ...{ desk: answering.desk, upstreams: answering.upstreams, client: asked.client },
        ...{ target, form, path: CHAT_PATH, engineBody, refuse: speaker.refuse },
        promptTokens: sized.promptTokens,
        wish: { profileId: target.profileId, ...facts, ttlSeconds: ttlOf(body) },
        onEntered: (run) => {
          look ??= answering.doctor.look({
            ...facts,
            profileId: target.profileId,
            run,
            conversation,
          });
        },
      });
      const told = toldOf(target, form.model, outcome);
      const prompt = look && answering.doctor.answered(look, told);
      const changes = [...prepared.changes, ...sized.changes];
      const { isStream } = form;
      answering.recorder.add(recordOf(asked, { ...told, ...prompt, ...facts, isStream, changes }));
    });
  } catch (error) {
    if (error instanceof RequestRefused) {
      const { profileId } = target;
      const told = toldOfRefusal(error.refusal);
      answering.recorder.add(recordOf(asked, { ...told, ...facts, profileId, model: form.model }));
    }
    throw error;
  }
}

interface TurnFacts {
  readonly session: string;
  readonly isSideCall: boolean;
}

/** A side call goes after the person's turn of its session. */
async function inTurn(
  { turns }: Answering,
  { client }: Asked,
  { session, isSideCall: isAside }: TurnFacts,
  carryOut: () => Promise<void>,
): Promise<void> {
  if (isAside) {
    await turns.giveWay(session, client.signal);
    return carryOut();
  }
  const end = turns.begin(session);
  try {
    await carryOut();
  } finally {
    end();
  }
}

interface Sized {
  readonly maxTokens: number | undefined;
  /** As it was counted; undefined where its bytes already prove that it fits. */
  readonly promptTokens?: number | undefined;
  readonly changes: readonly string[];
}

/** @throws RequestRefused where the prompt does not fit into the profile's context. */
async function withinContext(
  { counter }: Answering,
  { client }: Asked,
  target: Target,
  quirks: Quirks,
  conversation: Conversation,
): Promise<Sized> {
  const limit = target.contextLength;
  const { maxTokens } = conversation;
  if (limit === undefined) return { maxTokens, changes: [] };
  const request = {
    ...{ limit, maxTokens, defaultMaxTokens: target.answerLimit ?? quirks.defaultTokens },
    reserve: reserveFor(limit, conversation.tools.length > 0),
  };
  if (!needsExactCount(request, promptBounds(conversation))) return { maxTokens, changes: [] };
  const templateArgs = {
    ...target.templateArgs,
    ...Object(conversation.extra.chat_template_kwargs),
  };
  const tokensOf = (part: Conversation): Promise<TokenCount> =>
    counter.count({ ...target, templateArgs }, part, client.signal);
  const count = await tokensOf(conversation);
  const verdict = contextVerdict(request, count);
  if (verdict.kind === 'over') {
    const fixed = fixedPart(conversation);
    const hopeless = fixed && fixedOverflow(target.name, request, await tokensOf(fixed));
    throw new RequestRefused(hopeless ?? verdict.refusal);
  }
  const changes = verdict.change === undefined ? [] : [verdict.change];
  return { maxTokens: verdict.maxTokens, promptTokens: count.tokens, changes };
}

export function refuseWrongKind({ name, kind }: Target): void {
  if (kind === 'text' || kind === 'vision') return;
  const does = {
    embedding: 'makes embeddings',
    speech: 'works on speech',
    other: "doesn't write text",
  }[kind];
  const message = `${name} ${does}, so it can't answer a conversation.`;
  throw new RequestRefused({ status: 400, code: 'unsupported_model', message, param: 'model' });
}

/** Longest that a request can ask for, s: 30 days. */
const LONGEST_TTL = 2_592_000;

/** `ttl`, seconds without a request after which the model may be unloaded, as LM Studio's clients send it. */
function ttlOf(body: unknown): number | undefined {
  const { ttl } = Object(body);
  return typeof ttl === 'number' && ttl > 0 ? Math.min(ttl, LONGEST_TTL) : undefined;
}
