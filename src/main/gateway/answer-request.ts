import type { RequestRecord } from '@shared/gateway/record';
import type { Target } from '@shared/gateway/target';
import { converse, type Outcome } from './converse/converse';
import { RequestRefused } from './conversation/refusal';
import type { AnswerForm, Speaker } from './conversation/speaker';
import { embeddingEdits, embeddingsAnswer, readEmbedding } from './dialects/chat/embeddings';
import { completionEdits, readCompletion } from './dialects/chat/completion';
import { chatEdits, chatRequest } from './dialects/chat/engine-body';
import { engineRefusal } from './dialects/chat/engine-error';
import type { Admitted } from './doors/head';
import { prepareConversation } from './engines/prepare';
import { quirksOf } from './engines/quirks';
import { templateFacts } from './engines/template-facts';
import type { ClientStream } from './forward/client-stream';
import type { Desk } from './forward/desk';
import type { Templates } from './forward/templates';
import { readText, type Upstreams } from './forward/upstream';
import { findTarget, unknownName } from './names/find-target';
import type { Recorder } from './recorder';
import { chatSpeaker, completionForm } from './speakers/chat';
import { messagesSpeaker } from './speakers/messages';
import { refuserOf } from './speakers/refusers';

/** What every request is answered with. */
export interface Answering {
  readonly desk: Desk;
  readonly upstreams: Upstreams;
  readonly recorder: Recorder;
  readonly templates: Templates;
}

/** One request whose body is in memory. */
export interface Asked {
  readonly admitted: Admitted;
  readonly client: ClientStream;
  /** What its key may use. */
  readonly targets: readonly Target[];
  /** Whoever sent it: the key, or the address where it has none. */
  readonly owner: string;
  readonly began: { readonly at: number; readonly monotonic: number };
  readonly bytes: Buffer | undefined;
}

const SPEAKERS: Readonly<Partial<Record<Admitted['route']['name'], Speaker>>> = {
  chat: chatSpeaker,
  messages: messagesSpeaker,
};

/** @throws RequestRefused, and whatever is a defect of ours, before a byte of the answer was sent. */
export async function answerRequest(answering: Answering, asked: Asked): Promise<void> {
  const { route } = asked.admitted;
  const { text, body } = readJson(asked.bytes);
  const speaker = SPEAKERS[route.name];
  if (speaker) return converseWith(answering, asked, speaker, text, body);
  if (route.name === 'completions') return complete(answering, asked, text, body);
  if (route.name === 'embeddings') return embed(answering, asked, text, body);
  throw new RequestRefused({
    status: 404,
    code: 'unknown_url',
    message: `${route.path} isn't served.`,
  });
}

const CHAT_PATH = '/v1/chat/completions';

async function converseWith(
  answering: Answering,
  asked: Asked,
  speaker: Speaker,
  text: string,
  body: unknown,
): Promise<void> {
  const { conversation, form } = speaker.understand(body, asked.owner);
  const target = targetOf(asked.targets, conversation.model);
  refuseWrongKind(target);
  const quirks = quirksOf(target.engine);
  const template = target.modelFolder && (await answering.templates.of(target.modelFolder));
  const prepared = prepareConversation(conversation, quirks, templateFacts(template), target);
  // Always a stream: an engine that nobody reads any more ends its work at the next token.
  const streaming = { ...prepared.conversation, isStream: true };
  const engineBody = speaker.isEnginesOwn
    ? chatEdits(text, body, conversation, streaming, target, quirks)
    : chatRequest(streaming, target, quirks);
  await carryOut(
    answering,
    asked,
    target,
    form,
    CHAT_PATH,
    engineBody,
    speaker.refuse,
    prepared.changes,
  );
}

async function complete(
  answering: Answering,
  asked: Asked,
  text: string,
  body: unknown,
): Promise<void> {
  const completion = readCompletion(body);
  const target = targetOf(asked.targets, completion.model);
  refuseWrongKind(target);
  const quirks = quirksOf(target.engine);
  const { requestModel } = target;
  const engineBody = completionEdits(
    text,
    body,
    completion,
    completion.maxTokens,
    quirks,
    requestModel,
  );
  const form = completionForm(completion);
  await carryOut(answering, asked, target, form, '/v1/completions', engineBody, refuserOf('openai'), []);
}

async function carryOut(
  { desk, upstreams, recorder }: Answering,
  asked: Asked,
  target: Target,
  form: AnswerForm,
  path: string,
  engineBody: string,
  refuse: Speaker['refuse'],
  changes: readonly string[],
): Promise<void> {
  const wish = { profileId: target.profileId, isSideCall: false };
  const { client } = asked;
  const outcome = await converse({
    ...{ desk, upstreams, client, target, form, path, engineBody, refuse, wish },
  });
  recorder.add(recordOf(asked, target, form, outcome, changes));
}

async function embed(
  answering: Answering,
  asked: Asked,
  text: string,
  body: unknown,
): Promise<void> {
  const request = readEmbedding(body);
  const target = targetOf(asked.targets, request.model);
  const quirks = quirksOf(target.engine);
  const engineBody = embeddingEdits(text, body, request, quirks, target.requestModel);
  const { client } = asked;
  const { signal } = client;
  const entry = await answering.desk.enter({
    profileId: target.profileId,
    isSideCall: false,
    signal,
  });
  try {
    const { address } = entry;
    const answer = await answering.upstreams.post({
      address,
      path: '/v1/embeddings',
      body: engineBody,
      signal,
    });
    const said = await readText(answer.body, LARGEST_ANSWER);
    if (answer.status !== 200)
      throw new RequestRefused(engineRefusal(answer.status, said, target.name));
    const vectors = embeddingsAnswer(JSON.parse(said), request.encodingFormat, request.model);
    client.begin(200, { 'content-type': 'application/json' });
    client.end(JSON.stringify(vectors));
  } finally {
    entry.leave();
  }
}

/** Vectors of a few thousand texts, bytes. */
const LARGEST_ANSWER = 256 * 1024 * 1024;

function targetOf(targets: readonly Target[], name: string): Target {
  const target = findTarget(targets, name);
  if (target) return target;
  const message = unknownName(targets, name);
  throw new RequestRefused({
    status: 404,
    code: 'model_not_found',
    message,
    param: 'model',
    isFinal: true,
  });
}

function refuseWrongKind({ name, kind }: Target): void {
  if (kind === 'text' || kind === 'vision') return;
  const does =
    kind === 'embedding'
      ? 'makes embeddings'
      : kind === 'speech'
        ? 'works on speech'
        : 'does not write text';
  const message = `${name} ${does}, so it can't answer a conversation.`;
  throw new RequestRefused({ status: 400, code: 'unsupported_model', message, param: 'model' });
}

const UTF8 = new TextDecoder('utf-8', { fatal: true });

function readJson(bytes: Buffer | undefined): { readonly text: string; readonly body: unknown } {
  try {
    const text = UTF8.decode(bytes);
    return { text, body: JSON.parse(text) };
  } catch (error) {
    const why = error instanceof SyntaxError ? error.message : 'it is no valid UTF-8';
    const message = `The request body isn't valid JSON: ${why}.`;
    throw new RequestRefused({ status: 400, code: 'invalid_json', message });
  }
}

function recordOf(
  { admitted, owner, began }: Asked,
  target: Target,
  form: AnswerForm,
  { status, collector, refusal, waitedMs, firstTokenMs, generationMs }: Outcome,
  changes: readonly string[],
): RequestRecord {
  const { usage, failure, reason } = collector;
  const error = refusal ?? failure;
  return {
    id: `${began.at.toString(36)}-${Math.round(began.monotonic * 1000).toString(36)}`,
    time: began.at,
    client: owner,
    keyId: admitted.key?.id,
    profileId: target.profileId,
    model: form.model,
    dialect: admitted.dialect,
    operation: admitted.route.operation,
    isStream: form.isStream,
    isSideCall: false,
    status,
    ending: error ? 'failed' : status === 499 ? 'aborted' : 'answered',
    error: error && { code: error.code, message: error.message },
    promptTokens: usage?.promptTokens,
    cachedTokens: usage?.cachedTokens,
    answerTokens: usage?.answerTokens,
    firstTokenMs,
    generationMs,
    totalMs: performance.now() - began.monotonic,
    queueMs: waitedMs,
    loadMs: 0,
    stop: reason,
    changes,
  };
}
