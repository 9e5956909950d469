import { promptBounds } from '../context/estimate';
import { RequestRefused } from '../conversation/refusal';
import { countAnswer, readCountTokens } from '../dialects/anthropic';
import { prepareConversation } from '../engines/prepare';
import { quirksOf } from '../engines/quirks';
import { chatSpeaker } from '../speakers/chat';
import { messagesSpeaker } from '../speakers/messages';
import { responsesSpeaker } from '../speakers/responses';
import { type Answering, type Asked, readJson, targetOf } from './asked';
import { answerConversation } from './conversation';
import { answerCompletion, answerEmbeddings } from './plain';

/** @throws RequestRefused, and whatever is a defect of ours, before a byte of the answer was sent. */
export async function answerRequest(answering: Answering, asked: Asked): Promise<void> {
  const { route, id = '' } = asked.admitted;
  const { responses } = answering;
  switch (route.name) {
    case 'response':
      return say(
        asked,
        asked.method === 'DELETE'
          ? responses.delete(asked.owner, id)
          : responses.get(asked.owner, id),
      );
    case 'responseItems':
      return say(asked, responses.inputItems(asked.owner, id, itemsQuery(asked.query)));
    default:
      return answerBody(answering, asked);
  }
}

async function answerBody(answering: Answering, asked: Asked): Promise<void> {
  const { text, body } = readJson(asked.bytes);
  switch (asked.admitted.route.name) {
    case 'chat':
      return answerConversation(answering, asked, chatSpeaker, text, body);
    case 'messages':
      return answerConversation(answering, asked, messagesSpeaker, text, body);
    case 'responses':
      return answerConversation(
        answering,
        asked,
        responsesSpeaker(answering.responses),
        text,
        body,
      );
    case 'completions':
      return answerCompletion(answering, asked, text, body);
    case 'embeddings':
      return answerEmbeddings(answering, asked, text, body);
    case 'countTokens':
      return countTokens(answering, asked, body);
    default: {
      const message = `${asked.admitted.route.path} takes no body.`;
      throw new RequestRefused({ status: 400, code: 'bad_request', message });
    }
  }
}

/** Tokens of a prompt, by the model's own tokenizer and template; an estimate where it has none that can be used. */
async function countTokens(answering: Answering, asked: Asked, body: unknown): Promise<void> {
  const conversation = readCountTokens(body);
  const target = targetOf(asked.targets, conversation.model);
  const template = await answering.templates.factsOf(target.modelFolder);
  const quirks = quirksOf(target.engine);
  const prepared = prepareConversation(conversation, quirks, template, target);
  const { signal } = asked.client;
  const { tokens } = target.modelFolder
    ? await answering.counter.count(target, prepared.conversation, signal)
    : { tokens: promptBounds(conversation).likely };
  say(asked, countAnswer(tokens));
}

function say({ client }: Asked, body: unknown): void {
  client.answer(200, { 'content-type': 'application/json; charset=utf-8' }, JSON.stringify(body));
}

function itemsQuery(query: string) {
  const words = new URLSearchParams(query);
  const order = words.get('order');
  const limit = words.get('limit');
  return {
    order: order === 'asc' || order === 'desc' ? order : undefined,
    limit: limit === null ? undefined : Number(limit),
    after: words.get('after') ?? undefined,
  } as const;
}
