import type {
  HubAccount,
  HubFacts,
  HubModel,
  HubModelPage,
  HubPage,
  HubSearch,
  ModelCard,
  WithoutFilter,
} from '@shared/domain/hub';
import { DomainError, messageOf } from '@shared/errors';

import type { ListedModel, ListQuery } from './hub-client';
import { whileWanted } from '@shared/while-wanted';
import { inParallel } from '../ports/in-parallel';
import { describeListed } from './model-facts';
import { ModelReader, type WeighedModel, type ModelReaderOptions } from './model-reader';
import { listQuery, matches, mayMatch, needsFacts, withoutEach } from './search-filter';
import { SearchSessions } from './search-sessions';

export interface HubServiceOptions extends ModelReaderOptions {
  readonly publishAccount: () => void;
}

/** Models looked through for one page when a filter leaves most of them out. */
const MAX_LOOKED = 300;
/**
 * Models whose own files are read for one page: each costs up to three questions, and the hub allows some
 * hundreds in five minutes (its header `ratelimit`).
 */
const MAX_READ = 90;
/** Models looked through to say what is left without a filter. */
const COUNT_LOOKED = 100;
/** Models whose own files are read at the same time. */
const PARALLEL = 8;
const KEPT_LISTED = 2000;

/** What the hub knows: searched, described, and judged for this machine. */
export class HubService {
  readonly #options: HubServiceOptions;
  readonly #sessions: SearchSessions;
  readonly #reader: ModelReader;
  readonly #listed = new Map<string, ListedModel>();
  /** The newest search of each view. */
  readonly #searching = new WeakMap<object, { query: ListQuery; stop: AbortController }>();

  constructor(options: HubServiceOptions) {
    this.#options = options;
    this.#sessions = new SearchSessions(options.client, options.clock);
    this.#reader = new ModelReader(options);
  }

  /**
   * One page of a search.
   * @param view whose earlier search ends, as `cancelled`, when it has not been answered yet.
   */
  async search(search: HubSearch, view: object): Promise<HubPage> {
    const query = listQuery(search);
    const before = this.#searching.get(view);
    const own = { query, stop: new AbortController() };
    this.#searching.set(view, own);
    before?.stop.abort(new DomainError('cancelled', 'A newer search has started.'));
    // The same list, filtered otherwise, goes on being read.
    if (before && JSON.stringify(before.query) !== JSON.stringify(query)) {
      this.#sessions.cancel(before.query);
    }
    try {
      const { signal } = own.stop;
      return await whileWanted(this.#page(search, MAX_LOOKED, signal), signal);
    } finally {
      if (this.#searching.get(view) === own) this.#searching.delete(view);
    }
  }

  /**
   * For a search that finds nothing: how many models there would be without each of its filters, as far as
   * was looked; the one that leaves out most first.
   */
  async without(search: HubSearch): Promise<WithoutFilter[]> {
    const counted = await inParallel(withoutEach(search), PARALLEL, async (one, signal) => {
      const asked = { ...one.search, offset: 0, limit: COUNT_LOOKED };
      const { models, next } = await this.#page(asked, COUNT_LOOKED, signal);
      return { filter: one.filter, models: models.length, more: next !== undefined };
    });
    return counted.toSorted((a, b) => b.models - a.models);
  }

  /** What the own files of models say; those that cannot be read are left out. */
  async facts(refs: readonly string[]): Promise<{ ref: string; facts: HubFacts }[]> {
    const all = await inParallel(refs, PARALLEL, (ref, signal) => this.#factsOf(ref, signal));
    return all.flat();
  }

  async #factsOf(ref: string, signal: AbortSignal): Promise<{ ref: string; facts: HubFacts }[]> {
    try {
      const listed =
        this.#listed.get(ref) ?? (await this.#options.client.model(ref, 'main', signal));
      return [{ ref, facts: await this.#reader.rowFacts(listed, signal) }];
    } catch (error) {
      signal.throwIfAborted();
      if (error instanceof DomainError && ['offline', 'rate_limited'].includes(error.code)) {
        throw error;
      }
      this.#options.logger.debug('A Hugging Face model cannot be described', {
        ref,
        error: String(error),
      });
      return [];
    }
  }

  /** Everything about one model. @throws DomainError not_found, unsafe_name, offline. */
  model(ref: string, revision?: string, signal?: AbortSignal): Promise<HubModelPage> {
    return this.#reader.page(ref, revision, signal);
  }

  /** What a model of the hub needs memory for. */
  modelFiles(ref: string): Promise<WeighedModel> {
    return this.#reader.modelFiles(ref);
  }

  /**
   * Resolves where a download of a model may be of use, or where that cannot be told now.
   * @throws DomainError validation: no engine could be given it, or the repository itself is not whole.
   */
  async checkUsable(ref: string, revision: string): Promise<void> {
    const { unusable, missing } = await this.#reader.verdict(ref, revision);
    const refuse = (reason: string): never => {
      throw new DomainError('validation', `${reason} Nothing was downloaded.`, { data: { ref } });
    };
    if (unusable !== undefined) refuse(`${ref} can't be used. ${unusable}`);
    if (missing) refuse(`${ref} is incomplete on ${this.host}: ${missing.join('; ')}.`);
  }

  /** The text of a model's README.md, without its front matter; '' where there is none. */
  card(ref: string, revision?: string): Promise<ModelCard> {
    return this.#reader.card(ref, revision);
  }

  /** Who the hub takes us for; asks it where there is a token. */
  async account(): Promise<HubAccount> {
    const { token, network, client } = this.#options;
    const source = await token.source();
    const base = { endpoint: network.endpoint.url, token: source, place: token.place };
    if (source === 'none') {
      // A look at the keychain may ask the person for their password, which without a token is for nothing.
      const problem =
        token.place === 'file' ? ((await token.problem()) ?? (await token.unread())) : undefined;
      return { ...base, ...(problem === undefined ? {} : { problem }) };
    }
    try {
      return { ...base, user: await client.user((await token.get()) ?? '') };
    } catch (error) {
      return { ...base, problem: messageOf(error) };
    }
  }

  /** Why there is no token although one was kept; undefined where that is not so. */
  unreadToken(): Promise<string | undefined> {
    return this.#options.token.unread();
  }

  /** What is asked, as `huggingface.co`. */
  get host(): string {
    return this.#options.network.endpoint.host;
  }

  /** Resolves when it answers. @throws DomainError offline, cancelled, or what it refuses. */
  reach(signal: AbortSignal): Promise<void> {
    return this.#options.client.reach(signal);
  }

  /**
   * @throws DomainError `unauthorised` when the hub rejected the token: it is then not kept; `conflict`
   * when the environment sets one, which would be used instead.
   */
  async setToken(token: string): Promise<HubAccount> {
    if ((await this.#options.token.source()) === 'environment') {
      throw new DomainError(
        'conflict',
        'The token is set by HF_TOKEN in the environment. Change it there.',
      );
    }
    await this.#options.client.user(token);
    await this.#options.token.keep(token);
    this.#accountChanged();
    return this.account();
  }

  async clearToken(): Promise<HubAccount> {
    await this.#options.token.clear();
    this.#accountChanged();
    return this.account();
  }

  #accountChanged(): void {
    this.#sessions.clear();
    this.#reader.clear();
    this.#options.publishAccount();
  }

  /** @param signal nobody waits for it any more: it stops looking. */
  async #page(search: HubSearch, most: number, signal: AbortSignal): Promise<HubPage> {
    const query = listQuery(search);
    const models: HubModel[] = [];
    let at = search.offset;
    let isEnded = false;
    let read = 0;
    const mayLook = (): boolean =>
      at - search.offset < most && read < MAX_READ && !isEnded && !signal.aborted;
    while (models.length < search.limit && mayLook()) {
      const batch: ListedModel[] = [];
      while (batch.length < search.limit - models.length && mayLook()) {
        const listed = await this.#sessions.at(query, at);
        isEnded = listed === undefined;
        if (listed === undefined) break;
        at += 1;
        const row = describeListed(listed, undefined);
        if (!mayMatch(search, row)) continue;
        batch.push(listed);
        if (needsFacts(search, row)) read += 1;
      }
      const row = (listed: ListedModel, wanted: AbortSignal) => this.#row(search, listed, wanted);
      const found = await inParallel(batch, PARALLEL, row, signal);
      models.push(...found.flat());
    }
    return { models, looked: at - search.offset, ...(isEnded ? {} : { next: at }) };
  }

  async #row(search: HubSearch, listed: ListedModel, signal: AbortSignal): Promise<HubModel[]> {
    this.#remember(listed);
    const row = describeListed(listed, this.#options.onDisk(listed.ref));
    if (!needsFacts(search, row)) return [row];
    const [known] = await this.#factsOf(listed.ref, signal);
    return known && matches(search, known.facts) ? [{ ...row, facts: known.facts }] : [];
  }

  #remember(listed: ListedModel): void {
    this.#listed.set(listed.ref, listed);
    const [oldest] = this.#listed.keys();
    if (this.#listed.size > KEPT_LISTED && oldest !== undefined) this.#listed.delete(oldest);
  }
}
