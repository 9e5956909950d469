import { RequestRefused } from '../conversation/refusal';
import { converse } from '../converse/converse';
import { completionEdits, readCompletion } from '../dialects/chat/completion';
import { embeddingEdits, embeddingsAnswer, readEmbedding } from '../dialects/chat/embeddings';
import { engineRefusal } from '../dialects/chat/engine-error';
import { quirksOf } from '../engines/quirks';
import { type Entry, NotAvailable } from '../forward/desk';
import { readText, UpstreamError } from '../forward/upstream';
import { completionForm } from '../speakers/chat';
import { refuserOf } from '../speakers/refusers';
import { connectionRefusal, refusalOf } from '../converse/unavailable';
import { type Answering, type Asked, targetOf } from './asked';
import { refuseWrongKind } from './conversation';
import { recordOf, toldOf } from './record';

/** A text completion, which not every engine has. */
export async function answerCompletion(
  answering: Answering,
  asked: Asked,
  text: string,
  body: unknown,
): Promise<void> {
  const completion = readCompletion(body);
  const target = targetOf(asked.targets, completion.model);
  refuseWrongKind(target);
  const quirks = quirksOf(target.engine);
  const { maxTokens, isStream } = completion;
  const { profileId, requestModel } = target;
  const engineBody = completionEdits(text, body, completion, maxTokens, quirks, requestModel);
  const form = completionForm(completion);
  const outcome = await converse({
    ...{ desk: answering.desk, upstreams: answering.upstreams, client: asked.client },
    ...{ target, form, path: '/v1/completions', engineBody, refuse: refuserOf('openai') },
    wish: { profileId, isSideCall: false },
  });
  answering.recorder.add(recordOf(asked, { ...toldOf(target, form.model, outcome), isStream }));
}

/** Vectors of a few thousand texts, bytes. */
const LARGEST_ANSWER = 256 * 1024 * 1024;

/** Embeddings, in the encoding that was asked for. */
export async function answerEmbeddings(
  answering: Answering,
  asked: Asked,
  text: string,
  body: unknown,
): Promise<void> {
  const request = readEmbedding(body);
  const target = targetOf(asked.targets, request.model);
  const { profileId, name, requestModel } = target;
  const { client } = asked;
  const { signal } = client;
  const engineBody = embeddingEdits(text, body, request, quirksOf(target.engine), requestModel);
  const ask = async (): Promise<Pick<Entry, 'queueMs' | 'loadMs'> & { said: string }> => {
    const entry = await answering.desk.enter({ profileId, isSideCall: false, signal });
    try {
      const { address, queueMs, loadMs } = entry;
      const path = '/v1/embeddings';
      const answer = await answering.upstreams.post({ address, path, body: engineBody, signal });
      const said = await readText(answer.body, LARGEST_ANSWER);
      if (answer.status === 200) return { said, queueMs, loadMs };
      throw new RequestRefused(engineRefusal(answer.status, said, name));
    } finally {
      entry.leave();
    }
  };
  const { said, queueMs, loadMs } = await ask().catch((error: unknown) => {
    if (error instanceof NotAvailable) throw new RequestRefused(refusalOf(error.why));
    if (error instanceof UpstreamError) throw new RequestRefused(connectionRefusal(name, error));
    throw error;
  });
  const vectors = embeddingsAnswer(parse(said, name), request.encodingFormat, request.model);
  client.answer(200, { 'content-type': 'application/json' }, JSON.stringify(vectors));
  const promptTokens = vectors.usage.prompt_tokens;
  const told = { profileId, model: request.model, status: 200, ending: 'answered' } as const;
  answering.recorder.add(recordOf(asked, { ...told, promptTokens, queueMs, loadMs }));
}

function parse(text: string, name: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    const message = `${name} answered with something that isn't JSON.`;
    throw new RequestRefused({ status: 502, code: 'upstream_error', message });
  }
}
