import { badField } from '../../conversation/refusal';
import { type Fields, isFields, shown } from './fields';

/** The query of `GET /v1/responses/{id}/input_items`, as OpenAI's API reference has it. */
export interface InputItemsQuery {
  /** The newest first by default. */
  readonly order?: 'asc' | 'desc' | undefined;
  /** From 1 to 100; 20 by default. */
  readonly limit?: number | undefined;
  /** Id of the last item of the page before. */
  readonly after?: string | undefined;
}

export interface InputItemsPage {
  readonly object: 'list';
  readonly data: readonly Fields[];
  readonly first_id: string | null;
  readonly last_id: string | null;
  readonly has_more: boolean;
}

const PREFIXES: Readonly<Record<string, string>> = {
  message: 'msg',
  reasoning: 'rs',
  function_call: 'fc',
  function_call_output: 'fco',
  custom_tool_call: 'ctc',
  custom_tool_call_output: 'ctco',
};

/** One page of the items of a request, in the form in which the API tells them. */
export function inputItemsPage(
  responseId: string,
  input: readonly unknown[],
  { order = 'desc', limit = 20, after }: InputItemsQuery,
): InputItemsPage {
  if (!Number.isSafeInteger(limit) || limit < 1 || limit > 100) {
    throw badField('limit', `limit must be a whole number from 1 to 100; got ${shown(limit)}.`);
  }
  const told = input.filter(isFields).map((item, index) => toldItem(item, responseId, index));
  const ordered = order === 'asc' ? told : told.reverse();
  const start = after === undefined ? 0 : ordered.findIndex(({ id }) => id === after) + 1;
  if (after !== undefined && start === 0) {
    throw badField(
      'after',
      `after must be the id of an item of ${responseId}; got ${shown(after)}.`,
    );
  }
  const data = ordered.slice(start, start + limit);
  return {
    object: 'list',
    data,
    first_id: data[0]?.id ?? null,
    last_id: data.at(-1)?.id ?? null,
    has_more: start + data.length < ordered.length,
  };
}

/** Clients may leave out an item's type and id, and send a text in the place of parts. */
function toldItem(item: Fields, responseId: string, index: number): Fields & { id: string } {
  const type = typeof item.type === 'string' ? item.type : 'message';
  const prefix = Object.hasOwn(PREFIXES, type) ? PREFIXES[type] : 'item';
  const id =
    typeof item.id === 'string' && item.id !== ''
      ? item.id
      : `${prefix}_${responseId.replace(/^resp_/, '')}_in${index}`;
  const isText = type === 'message' && typeof item.content === 'string';
  const kind = item.role === 'assistant' ? 'output_text' : 'input_text';
  return {
    ...item,
    type,
    id,
    ...(isText ? { content: [{ type: kind, text: item.content }] } : {}),
    status: item.status ?? 'completed',
  };
}
