/**
 * Writes answers of `chat/completions` as its clients read them. What each of them needs was measured: the role in the
 * first piece, a finish reason, an index with every tool call, its name once.
 */
import type {
  Answer,
  AnswerContext,
  StreamEvent,
  StreamWriter,
  Usage,
} from '../../conversation/stream-event';

export interface ChatWriterState {
  readonly context: AnswerContext;
  /** What stands in each chunk before and after its delta. */
  readonly head: string;
  readonly isBegun: boolean;
  readonly usage: Usage | undefined;
  readonly hasFailed: boolean;
}

/** A comment: official libraries and agents count its bytes as a sign of life and skip it. */
export const CHAT_BEAT = ': waiting\n\n';

/** The stream of `chat/completions`: server-sent events. */
export const chatWriter: StreamWriter<ChatWriterState> = {
  begin: (context) => ({
    context,
    head: headOf('chatcmpl', 'chat.completion.chunk', context),
    isBegun: false,
    usage: undefined,
    hasFailed: false,
  }),
  write: writeEvent,
  beat: (state) => ({ state, text: CHAT_BEAT }),
  // After a failure it would look like an answer that is complete.
  end: (state) => (state.hasFailed ? '' : 'data: [DONE]\n\n'),
};

type Step = { readonly state: ChatWriterState; readonly text: string };

function writeEvent(state: ChatWriterState, event: StreamEvent): Step {
  switch (event.type) {
    case 'started':
      return state.isBegun ? { state, text: '' } : begin(state);
    case 'text':
      return piece(state, `"content":${JSON.stringify(event.text)}`);
    case 'reasoning': {
      const text = JSON.stringify(event.text);
      // Clients read one name or the other, and none adds the two up.
      return piece(state, `"reasoning_content":${text},"reasoning":${text}`);
    }
    case 'callBegun':
      return piece(
        state,
        `"tool_calls":[{"index":${event.index},"id":${JSON.stringify(event.id)},"type":"function","function":{"name":${JSON.stringify(event.name)},"arguments":""}}]`,
      );
    case 'callArguments':
      return piece(
        state,
        `"tool_calls":[{"index":${event.index},"function":{"arguments":${JSON.stringify(event.text)}}}]`,
      );
    case 'callEnded':
      return { state, text: '' };
    case 'usage':
      // It follows the finish reason, as its own chunk.
      return { state: { ...state, usage: event.usage }, text: '' };
    case 'stopped': {
      const first = state.isBegun ? { state, text: '' } : begin(state);
      return {
        state: first.state,
        text: `${first.text}${chunk(state, '', event.reason)}${usageChunk(state)}`,
      };
    }
    case 'failed':
      return {
        state: { ...state, hasFailed: true },
        text: failureText(event.failure.message, event.failure.code),
      };
  }
}

/** The first chunk: helpers of the official library refuse a stream whose first delta has no role. */
function begin(state: ChatWriterState): Step {
  return {
    state: { ...state, isBegun: true },
    text: chunk(state, '"role":"assistant","content":""'),
  };
}

function piece(state: ChatWriterState, delta: string): Step {
  if (state.isBegun) return { state, text: chunk(state, delta) };
  const first = begin(state);
  return { state: first.state, text: first.text + chunk(state, delta) };
}

function chunk({ head }: ChatWriterState, delta: string, reason?: string): string {
  const finish = reason === undefined ? 'null' : `"${reason}"`;
  return `${head}"choices":[{"index":0,"delta":{${delta}},"finish_reason":${finish}}]}\n\n`;
}

function usageChunk({ head, usage, context }: ChatWriterState): string {
  if (!context.wantsUsage || usage === undefined) return '';
  return `${head}"choices":[],"usage":${JSON.stringify(writeUsage(usage))}}\n\n`;
}

/** The stream of `completions`: text alone. */
export const completionWriter: StreamWriter<ChatWriterState> = {
  begin: (context) => ({
    ...chatWriter.begin(context),
    head: headOf('cmpl', 'text_completion', context),
  }),
  write: (state, event) => {
    switch (event.type) {
      case 'text':
        return { state: { ...state, isBegun: true }, text: textChunk(state, event.text) };
      case 'usage':
        return { state: { ...state, usage: event.usage }, text: '' };
      case 'stopped':
        return { state, text: `${textChunk(state, '', event.reason)}${usageChunk(state)}` };
      case 'failed':
        return {
          state: { ...state, hasFailed: true },
          text: failureText(event.failure.message, event.failure.code),
        };
      default:
        return { state, text: '' };
    }
  },
  beat: chatWriter.beat,
  end: chatWriter.end,
};

function textChunk({ head }: ChatWriterState, text: string, reason?: string): string {
  const finish = reason === undefined ? 'null' : `"${reason}"`;
  return `${head}"choices":[{"index":0,"text":${JSON.stringify(text)},"logprobs":null,"finish_reason":${finish}}]}\n\n`;
}

/** The whole answer of `chat/completions`. */
export function chatAnswer(
  context: AnswerContext,
  answer: Answer,
): Readonly<Record<string, unknown>> {
  const { reasoning, calls } = answer;
  return {
    id: `chatcmpl-${context.id}`,
    object: 'chat.completion',
    created: context.created,
    model: context.model,
    choices: [
      {
        index: 0,
        message: {
          role: 'assistant',
          content: answer.text === '' && calls.length > 0 ? null : answer.text,
          ...(reasoning === undefined ? {} : { reasoning_content: reasoning, reasoning }),
          ...(calls.length === 0
            ? {}
            : {
                tool_calls: calls.map((call) => ({
                  id: call.id,
                  type: 'function',
                  function: { name: call.name, arguments: call.arguments },
                })),
              }),
        },
        finish_reason: answer.reason,
      },
    ],
    ...(answer.usage === undefined ? {} : { usage: writeUsage(answer.usage) }),
  };
}

/** The whole answer of `completions`. */
export function completionAnswer(
  context: AnswerContext,
  answer: Answer,
): Readonly<Record<string, unknown>> {
  return {
    id: `cmpl-${context.id}`,
    object: 'text_completion',
    created: context.created,
    model: context.model,
    choices: [{ index: 0, text: answer.text, logprobs: null, finish_reason: answer.reason }],
    ...(answer.usage === undefined ? {} : { usage: writeUsage(answer.usage) }),
  };
}

/** Usage as OpenAI counts it; what the engine did not tell is left out. */
export function writeUsage(usage: Usage): Readonly<Record<string, unknown>> {
  const { promptTokens, answerTokens, cachedTokens, reasoningTokens } = usage;
  return {
    prompt_tokens: promptTokens,
    completion_tokens: answerTokens,
    total_tokens: promptTokens + answerTokens,
    ...(cachedTokens === undefined
      ? {}
      : { prompt_tokens_details: { cached_tokens: cachedTokens } }),
    ...(reasoningTokens === undefined
      ? {}
      : { completion_tokens_details: { reasoning_tokens: reasoningTokens } }),
  };
}

function headOf(prefix: string, object: string, { id, created, model }: AnswerContext): string {
  return `data: {"id":${JSON.stringify(`${prefix}-${id}`)},"object":"${object}","created":${created},"model":${JSON.stringify(model)},`;
}

function failureText(message: string, code: string): string {
  const error = { message, type: 'server_error', param: null, code };
  return `data: ${JSON.stringify({ error })}\n\n`;
}
