import type {
  HubAccount,
  HubFacts,
  HubModel,
  HubModelPage,
  HubPage,
  HubSearch,
  ModelCard,
} from '@shared/domain/hub';
import type { FitEstimate } from '@shared/domain/memory';
import { DomainError } from '@shared/errors';

import { chatTemplateIn } from '../parsers/read-parser-facts';
import { templateFacts } from '../parsers/template-facts';
import type { Clock, Logger } from '../ports';
import { cardOf } from './card';
import type { HubClient, ListedModel, ListQuery } from './hub-client';
import type { HubNetwork } from './hub-network';
import type { HubToken } from './hub-token';
import { unusableReason, wantedFiles } from './model-files';
import { configFacts, describeListed, PIPELINES, storedBytes } from './model-facts';
import { SearchSessions } from './search-sessions';

export interface HubServiceOptions {
  readonly network: HubNetwork;
  readonly client: HubClient;
  readonly token: HubToken;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Whether a model is on this machine. */
  readonly onDisk: (ref: string) => HubModel['onDisk'];
  /** What a model with this config and these weights needs here. */
  readonly estimate: (config: unknown, weightsBytes: number) => Promise<FitEstimate | undefined>;
  /** Parameters by its config, and engines that know its architecture. */
  readonly describe: (config: unknown) => {
    parameters?: number;
    activeParameters?: number;
    engines: string[];
  };
  readonly publishAccount: () => void;
}

/** Models looked through for one page when a filter leaves most of them out. */
const MAX_LOOKED = 300;
/** Configs fetched at the same time. */
const PARALLEL = 8;
const KEPT_CONFIGS = 2000;

/** What the hub knows: searched, described, and judged for this machine. */
export class HubService {
  readonly #options: HubServiceOptions;
  readonly #sessions: SearchSessions;
  /** Configs by model and commit: a commit never changes. */
  readonly #configs = new Map<string, Promise<unknown>>();
  readonly #listed = new Map<string, ListedModel>();
  /** The newest search of each view. */
  readonly #searching = new WeakMap<object, { query: ListQuery; cancel: () => void }>();

  constructor(options: HubServiceOptions) {
    this.#options = options;
    this.#sessions = new SearchSessions(options.client, options.clock);
  }

  /**
   * One page of a search.
   * @param view whose earlier search ends, as `cancelled`, when it has not been answered yet.
   */
  async search(search: HubSearch, view: object): Promise<HubPage> {
    const query = listQuery(search);
    this.#searching.get(view)?.cancel();
    const cancelled = Promise.withResolvers<never>();
    cancelled.promise.catch(() => undefined);
    const own = {
      query,
      cancel: () => {
        this.#sessions.cancel(query);
        cancelled.reject(new DomainError('cancelled', 'A newer search has begun.'));
      },
    };
    this.#searching.set(view, own);
    try {
      return await Promise.race([this.#page(search, query), cancelled.promise]);
    } finally {
      if (this.#searching.get(view) === own) this.#searching.delete(view);
    }
  }

  /** What the own files of models say; those that cannot be read are left out. */
  async facts(refs: readonly string[]): Promise<{ ref: string; facts: HubFacts }[]> {
    const all = await inParallel(refs, async (ref) => {
      try {
        const listed = this.#listed.get(ref) ?? (await this.#options.client.model(ref));
        return [{ ref, facts: await this.#rowFacts(listed) }];
      } catch (error) {
        if (error instanceof DomainError && ['offline', 'rate_limited'].includes(error.code)) {
          throw error;
        }
        this.#options.logger.debug('A model of the hub cannot be described', {
          ref,
          error: String(error),
        });
        return [];
      }
    });
    return all.flat();
  }

  /** Everything about one model. @throws DomainError not_found, gated, unsafe_name, offline. */
  async model(ref: string, revision?: string): Promise<HubModelPage> {
    const { client, onDisk, network, estimate, describe } = this.#options;
    const listed = await client.model(ref, revision);
    const { files } = await client.files(listed.ref, listed.commit);
    const wanted = wantedFiles(files);
    const names = new Set(wanted.map((file) => file.path));
    const unusable = unusableReason(files.map((file) => file.path));
    const config = names.has('config.json') ? await this.#config(listed) : undefined;
    const weights = wanted.filter((file) => file.path.endsWith('.safetensors'));
    const { engines, ...counted } = describe(config);
    const fit =
      unusable === undefined && config !== undefined
        ? await estimate(config, sum(weights))
        : undefined;
    const template = await this.#template(listed, names);
    const facts: HubFacts = {
      sizeBytes: sum(wanted),
      files: wanted.length,
      ...configFacts(config),
      ...counted,
      ...(unusable === undefined ? {} : { unusable }),
      ...(fit === undefined ? {} : { fit }),
    };
    return {
      model: { ...describeListed(listed, onDisk(listed.ref)), facts },
      facts,
      files: files.map((file) => ({
        path: file.path,
        sizeBytes: file.size,
        wanted: names.has(file.path),
      })),
      ...(template === undefined ? {} : { template }),
      engines,
      url: `${network.endpoint.url}/${listed.ref}`,
    };
  }

  /** What a model of the hub needs memory for. */
  async modelFiles(ref: string): Promise<{ config: unknown; weightsBytes: number }> {
    const listed = await this.#options.client.model(ref);
    const { files } = await this.#options.client.files(listed.ref, listed.commit);
    const weights = wantedFiles(files).filter((file) => file.path.endsWith('.safetensors'));
    return { config: await this.#config(listed), weightsBytes: sum(weights) };
  }

  /** The text of a model's README.md, without its front matter; '' where there is none. */
  async card(ref: string, revision?: string): Promise<ModelCard> {
    const { client } = this.#options;
    const { ref: name, commit } = await client.model(ref, revision);
    try {
      return cardOf(await client.text(name, commit, 'README.md'));
    } catch (error) {
      if (error instanceof DomainError && error.code === 'not_found') {
        return { markdown: '', truncated: false };
      }
      throw error;
    }
  }

  /** Who the hub takes us for; asks it where there is a token. */
  async account(): Promise<HubAccount> {
    const { token, network, client } = this.#options;
    const source = await token.source();
    const base = { endpoint: network.endpoint.url, token: source, place: token.place };
    if (source === 'none') {
      const problem = await token.problem();
      return { ...base, ...(problem === undefined ? {} : { problem }) };
    }
    try {
      return { ...base, user: await client.user((await token.get()) ?? '') };
    } catch (error) {
      return { ...base, problem: error instanceof Error ? error.message : String(error) };
    }
  }

  /**
   * @throws DomainError `unauthorised` when the hub does not know the token: it is then not kept; `conflict`
   * when the environment sets one, which would be used instead.
   */
  async setToken(token: string): Promise<HubAccount> {
    if ((await this.#options.token.source()) === 'environment') {
      throw new DomainError(
        'conflict',
        'HF_TOKEN in the environment sets the token: change it there.',
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
    this.#options.publishAccount();
  }

  async #page(search: HubSearch, query: ListQuery): Promise<HubPage> {
    const models: HubModel[] = [];
    let at = search.offset;
    let isEnded = false;
    while (models.length < search.limit && at - search.offset < MAX_LOOKED && !isEnded) {
      const batch: ListedModel[] = [];
      while (batch.length < search.limit - models.length) {
        const listed = await this.#sessions.at(query, at);
        isEnded = listed === undefined;
        if (listed === undefined) break;
        at += 1;
        if (this.#mayMatch(search, listed)) batch.push(listed);
        if (at - search.offset >= MAX_LOOKED) break;
      }
      const found = await inParallel(batch, (listed) => this.#row(search, listed));
      models.push(...found.flat());
    }
    return { models, looked: at - search.offset, ...(isEnded ? {} : { next: at }) };
  }

  /** What can be decided by the list alone. */
  #mayMatch(search: HubSearch, listed: ListedModel): boolean {
    const row = describeListed(listed, undefined);
    const { minBytes = 0, maxBytes = Number.POSITIVE_INFINITY } = search;
    if (search.kind !== undefined && row.kind !== search.kind) return false;
    if (search.bits !== undefined && row.bits !== search.bits) return false;
    if (search.architecture !== undefined && row.architecture !== search.architecture) return false;
    return row.sizeBytes === undefined || (row.sizeBytes >= minBytes && row.sizeBytes <= maxBytes);
  }

  async #row(search: HubSearch, listed: ListedModel): Promise<HubModel[]> {
    this.#remember(listed);
    const row = describeListed(listed, this.#options.onDisk(listed.ref));
    if (!search.fits) return [row];
    // Whether it fits only its own config tells.
    const [known] = await this.facts([listed.ref]);
    if (!known?.facts.fit || known.facts.fit.verdict === 'no') return [];
    return [{ ...row, facts: known.facts }];
  }

  #remember(listed: ListedModel): void {
    this.#listed.set(listed.ref, listed);
    const [oldest] = this.#listed.keys();
    if (this.#listed.size > KEPT_CONFIGS && oldest !== undefined) this.#listed.delete(oldest);
  }

  /** One request for a model whose size the list tells, two otherwise. */
  async #rowFacts(listed: ListedModel): Promise<HubFacts> {
    const { client, estimate, describe } = this.#options;
    const config = await this.#config(listed);
    const stored = storedBytes(listed.stored);
    let sizeBytes = stored;
    let unusable: string | undefined;
    if (sizeBytes === undefined) {
      const { files } = await client.files(listed.ref, listed.commit);
      unusable = unusableReason(files.map((file) => file.path));
      sizeBytes = sum(wantedFiles(files).filter((file) => file.path.endsWith('.safetensors')));
    }
    const { engines: _, ...counted } = describe(config);
    const fit = unusable === undefined ? await estimate(config, sizeBytes) : undefined;
    return {
      sizeBytes,
      ...configFacts(config),
      ...counted,
      ...(unusable === undefined ? {} : { unusable }),
      ...(fit === undefined ? {} : { fit }),
    };
  }

  #config({ ref, commit }: ListedModel): Promise<unknown> {
    const key = `${ref}@${commit}`;
    const known = this.#configs.get(key);
    if (known) return known;
    const reading = this.#options.client
      .text(ref, commit, 'config.json')
      .then((text) => JSON.parse(text) as unknown);
    this.#configs.set(key, reading);
    reading.catch(() => this.#configs.delete(key));
    const [oldest] = this.#configs.keys();
    if (this.#configs.size > KEPT_CONFIGS && oldest !== undefined) this.#configs.delete(oldest);
    return reading;
  }

  async #template(
    { ref, commit }: ListedModel,
    names: ReadonlySet<string>,
  ): Promise<HubModelPage['template']> {
    const { client, logger } = this.#options;
    try {
      if (names.has('chat_template.jinja')) {
        return templateFacts(await client.text(ref, commit, 'chat_template.jinja'));
      }
      if (!names.has('tokenizer_config.json')) return undefined;
      const text = await client.text(ref, commit, 'tokenizer_config.json');
      const template = chatTemplateIn(JSON.parse(text));
      return template === undefined ? undefined : templateFacts(template);
    } catch (error) {
      // The page is worth showing without it.
      logger.debug('A chat template cannot be read', { ref, error: String(error) });
      return undefined;
    }
  }
}

function listQuery(search: HubSearch): ListQuery {
  const { query, sort, author, kind } = search;
  return {
    query,
    sort,
    author,
    // One name of the hub's for a kind narrows the list there; several are told apart by us.
    tags: kind !== undefined && PIPELINES[kind].length === 1 ? [...PIPELINES[kind]] : [],
  };
}

function sum(files: readonly { readonly size: number }[]): number {
  return files.reduce((total, { size }) => total + size, 0);
}

async function inParallel<T, R>(items: readonly T[], work: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = new Array(items.length);
  const queue = items.entries();
  const worker = async (): Promise<void> => {
    for (const [index, item] of queue) results[index] = await work(item);
  };
  await Promise.all(Array.from({ length: Math.min(PARALLEL, items.length) }, worker));
  return results;
}
