import { RequestRefused } from '../../conversation/refusal';
import { shown } from './fields';
import { type InputItemsPage, type InputItemsQuery, inputItemsPage } from './input-items';
import { measure } from './measure';
import type { LookUp, ResponsesRequest, StoredHistory } from './read';
import type { OutputItem, ResponseObject } from './wire';

/** How much is kept at most; what was not used for longest goes first. */
export interface StoreBounds {
  /** Responses and conversations together. */
  readonly count: number;
  /** Memory of them, bytes. */
  readonly bytes: number;
  /** Ms since an entry was last read, continued or made. */
  readonly ageMs: number;
}

/** OpenAI keeps responses for 30 days on disk; these are in memory, and their texts are their owner's. */
export const STORE_BOUNDS: StoreBounds = {
  count: 1000,
  bytes: 64 * 1024 * 1024,
  ageMs: 24 * 60 * 60 * 1000,
};

/** One turn, or the beginning of a conversation. */
interface Entry {
  readonly id: string;
  readonly owner: string;
  /** The turn that it goes on from. */
  readonly before?: string | undefined;
  readonly input: readonly unknown[];
  readonly output: readonly OutputItem[];
  /** What `GET` answers; undefined where the text is a conversation's only. */
  readonly response?: ResponseObject | undefined;
  readonly conversation?: string | undefined;
  readonly bytes: number;
  readonly usedAt: number;
}

/**
 * Responses and what they said, so that a later request can go on from them (`previous_response_id`, `conversation`)
 * or name one of their items (`item_reference`). Each entry belongs to the owner that it was made for, a key or whoever
 * comes without one: to anyone else it does not exist.
 *
 * With `store: false` nothing of a response is kept, its items neither. Clients that send it (Codex, OpenCode, pi) send
 * every item again, reasoning too, and Vercel's SDK refers to items only where its caller left `store` alone. So no
 * second turn needs a memory that its user forbade.
 */
export class ResponseStore {
  /** The one that was not used for longest first. */
  readonly #entries = new Map<string, Entry>();
  /** Ids of items to the ids of their entries. */
  readonly #items = new Map<string, string>();
  /** Ids of conversations to their last turns. */
  readonly #latest = new Map<string, string>();
  #bytes = 0;

  /** @param now Unix ms. */
  constructor(
    private readonly bounds: StoreBounds,
    private readonly now: () => number,
  ) {}

  /** What a request of this owner may refer to. */
  lookUp(owner: string): LookUp {
    return {
      response: (id) => (this.#find(owner, id)?.response ? this.#history(owner, id) : undefined),
      conversation: (id) =>
        this.#find(owner, id)?.conversation === id
          ? this.#history(owner, this.#latest.get(id) ?? id)
          : undefined,
      item: (id) => {
        const entry = this.#find(owner, this.#items.get(id) ?? '');
        const item = entry?.output.find((candidate) => candidate.id === id);
        return item && { item };
      },
    };
  }

  /**
   * Keeps an answer, unless its request forbade it. A turn of a conversation is kept in any case, as at OpenAI, but with
   * `store: false` only as a part of what the conversation said.
   * @returns Whether it was kept; false also where it alone is larger than the bounds.
   */
  keep(owner: string, request: ResponsesRequest, response: ResponseObject): boolean {
    const { store, conversation, previous_response_id } = request.echo;
    const talk = conversation?.id;
    if (!store && talk === undefined) return false;
    const isKept = this.#add({
      id: response.id,
      owner,
      before: talk === undefined ? (previous_response_id ?? undefined) : this.#lastOf(talk),
      input: request.input,
      output: response.output,
      response: store ? response : undefined,
      conversation: talk,
      bytes: measure(request.input).bytes + measure(response).bytes,
      usedAt: this.now(),
    });
    if (isKept && talk !== undefined) this.#latest.set(talk, response.id);
    return isKept;
  }

  /** Begins a conversation under a new id, so that `conversation` can name it. False where it is too large. */
  openConversation(owner: string, id: string, items: readonly unknown[]): boolean {
    return this.#add({
      id,
      owner,
      input: items,
      output: [],
      conversation: id,
      bytes: measure(items).bytes,
      usedAt: this.now(),
    });
  }

  /** Answers `GET /v1/responses/{id}`. */
  get(owner: string, id: string): ResponseObject {
    return this.#needed(owner, id).response;
  }

  /** Answers `DELETE /v1/responses/{id}`; what continues it can no longer be continued, save in a conversation. */
  delete(owner: string, id: string): { id: string; object: 'response'; deleted: true } {
    const { entry } = this.#needed(owner, id);
    this.#drop(entry);
    // A conversation keeps what was said in it, as at OpenAI.
    if (entry.conversation !== undefined) {
      this.#add({ ...entry, response: undefined, usedAt: this.now() });
    }
    return { id, object: 'response', deleted: true };
  }

  /** Answers `GET /v1/responses/{id}/input_items`: the items that its request had itself. */
  inputItems(owner: string, id: string, query: InputItemsQuery = {}): InputItemsPage {
    return inputItemsPage(id, this.#needed(owner, id).entry.input, query);
  }

  /** How much is kept now. */
  size(): { readonly count: number; readonly bytes: number } {
    this.#dropOld();
    return { count: this.#entries.size, bytes: this.#bytes };
  }

  #lastOf(conversation: string): string {
    return this.#latest.get(conversation) ?? conversation;
  }

  #needed(owner: string, id: string): { entry: Entry; response: ResponseObject } {
    const entry = this.#find(owner, id);
    if (entry?.response) return { entry, response: entry.response };
    const message = `Response with id ${shown(id)} not found. It was not stored, was deleted, or is too old.`;
    throw new RequestRefused({ status: 404, code: 'response_not_found', message });
  }

  /** Everything up to and with an entry, the first item first; undefined where a part of it is gone. */
  #history(owner: string, id: string): StoredHistory | undefined {
    const turns: Entry[] = [];
    for (let next: string | undefined = id; next !== undefined; ) {
      const entry = this.#find(owner, next);
      if (!entry) return undefined;
      turns.unshift(entry);
      next = entry.before;
    }
    return { items: turns.flatMap(({ input, output }) => [...input, ...output]) };
  }

  /** An entry of this owner, which counts as used from now on. */
  #find(owner: string, id: string): Entry | undefined {
    this.#dropOld();
    const entry = this.#entries.get(id);
    if (entry?.owner !== owner) return undefined;
    this.#entries.delete(id);
    this.#entries.set(id, { ...entry, usedAt: this.now() });
    return entry;
  }

  #add(entry: Entry): boolean {
    if (entry.bytes > this.bounds.bytes) return false;
    this.#entries.set(entry.id, entry);
    this.#bytes += entry.bytes;
    if (entry.response) for (const { id } of entry.output) this.#items.set(id, entry.id);
    this.#dropOld();
    return this.#entries.has(entry.id);
  }

  #dropOld(): void {
    const { count, bytes, ageMs } = this.bounds;
    const oldest = this.now() - ageMs;
    for (const entry of this.#entries.values()) {
      const isOver = this.#entries.size > count || this.#bytes > bytes;
      if (!isOver && entry.usedAt > oldest) return;
      this.#drop(entry);
    }
  }

  #drop(entry: Entry): void {
    this.#entries.delete(entry.id);
    this.#latest.delete(entry.id);
    this.#bytes -= entry.bytes;
    for (const { id } of entry.output) this.#items.delete(id);
  }
}
