import { listFiles, listModels, type ModelEntry, modelInfo, whoAmI } from '@huggingface/hub';
import { z } from 'zod';

import type { HubSort, ModelKind } from '@shared/domain/hub';
import { DomainError, messageOf } from '@shared/errors';

import type { HubNetwork } from './hub-network';
import { checkNames, type RepoFile, type RepoFiles } from './model-files';
import type { RepoReads } from './repo-source';

/** What the hub's list says of a model; a stranger may write most of it. */
export interface ListedModel {
  readonly ref: string;
  readonly commit: string;
  readonly downloads: number;
  readonly likes: number;
  readonly updatedAt: string;
  readonly gated: boolean;
  readonly private: boolean;
  readonly pipeline: string | undefined;
  readonly tags: readonly string[];
  readonly licence: string | undefined;
  readonly config: unknown;
  /** Values stored per number type, such as `{ BF16: 12, U32: 34 }`. */
  readonly stored: Readonly<Record<string, number>> | undefined;
}

const FIELDS = ['author', 'cardData', 'config', 'safetensors', 'sha', 'tags'] as const;

/** What is asked of the hub; `undefined` fields do not narrow. */
export interface ListQuery {
  readonly query: string;
  readonly sort: HubSort;
  readonly kind?: ModelKind | undefined;
  readonly author?: string | undefined;
  readonly tags?: readonly string[] | undefined;
}

const SORTS = {
  trending: 'trendingScore',
  downloads: 'downloads',
  likes: 'likes',
  recent: 'lastModified',
} as const;

const Stored = z.object({ parameters: z.record(z.string(), z.number()) });
const Card = z.object({ license: z.union([z.string(), z.array(z.string())]).optional() });
const Extra = z.object({
  sha: z
    .string()
    .regex(/^[0-9a-f]{40}$/)
    .catch(''),
  tags: z.array(z.string()).catch([]),
  cardData: Card.optional().catch(undefined),
  config: z.unknown(),
  safetensors: Stored.optional().catch(undefined),
});

/** Models on one page of the hub's list. */
const PAGE = 50;

/** Metadata of the hub, by its own library with our rules for what is sent where. */
export class HubClient {
  readonly #network: HubNetwork;

  constructor(network: HubNetwork) {
    this.#network = network;
  }

  /** MLX models in the order of the hub; a page is asked for when it is needed. */
  async *models(query: ListQuery, signal: AbortSignal): AsyncGenerator<ListedModel> {
    const text = query.query.trim();
    const entries = listModels({
      search: {
        ...(text === '' ? {} : { query: text }),
        ...(query.author === undefined ? {} : { owner: query.author }),
        tags: ['mlx', ...(query.tags ?? [])],
      },
      sort: SORTS[query.sort],
      additionalFields: [...FIELDS],
      hubUrl: this.#network.endpoint.url,
      fetch: smallPages(this.#network.fetchFor({}, signal)),
    });
    const all = entries[Symbol.asyncIterator]();
    for (;;) {
      const entry = await this.#understood(() => all.next());
      if (entry.done) return;
      const model = await this.#understood(() => listed(entry.value));
      if (model) yield model;
    }
  }

  /** @throws DomainError not_found, unauthorised, gated, rate_limited, offline. */
  async model(ref: string, revision = 'main', signal?: AbortSignal): Promise<ListedModel> {
    const ask = (): Promise<ModelEntry> =>
      modelInfo({
        name: ref,
        revision,
        additionalFields: [...FIELDS],
        hubUrl: this.#network.endpoint.url,
        fetch: this.#network.fetchFor({ ref, revision }, signal),
      });
    // Another name than the one that was asked for: the repository was renamed, or is written in another case.
    const model = await this.#understood(async () => listed(await ask()));
    if (model) return model;
    throw new DomainError(
      'internal',
      `${this.#network.endpoint.host} returned no commit for ${ref}.`,
    );
  }

  /**
   * Every file at a commit.
   * @throws DomainError `unsafe_name` for a repository with one unsafe name; else as {@link model}.
   */
  async files(ref: string, commit: string, signal?: AbortSignal): Promise<RepoFiles> {
    const entries = listFiles({
      repo: ref,
      recursive: true,
      revision: commit,
      hubUrl: this.#network.endpoint.url,
      fetch: this.#network.fetchFor({ ref, revision: commit }, signal),
    });
    const files: RepoFile[] = [];
    const all = entries[Symbol.asyncIterator]();
    for (;;) {
      const next = await this.#understood(() => all.next());
      if (next.done) break;
      const entry = next.value;
      if (entry.type !== 'file') continue;
      if (files.length >= MAX_FILES) {
        throw new DomainError('validation', `${ref} has more than ${MAX_FILES} files.`);
      }
      files.push(repoFile(ref, entry));
    }
    checkNames(
      ref,
      files.map(({ path }) => path),
    );
    return { ref, commit, files };
  }

  /** Resolves when the hub answers. @throws DomainError offline, or what it refuses. */
  async reach(signal: AbortSignal): Promise<void> {
    const url = new URL(`${this.#network.endpoint.url}/api/models?limit=1`);
    await this.#network.text(url, {}, signal);
  }

  /** A small text file of a repository. */
  text(ref: string, commit: string, path: string, signal?: AbortSignal): Promise<string> {
    const about = { ref, revision: commit, file: path };
    return this.#network.text(
      resolveUrl(this.#network.endpoint.url, ref, commit, path),
      about,
      signal,
    );
  }

  /** What is read of a repository's files at a commit, to judge it. */
  reads({ ref, commit }: Pick<RepoFiles, 'ref' | 'commit'>, signal?: AbortSignal): RepoReads {
    const { endpoint } = this.#network;
    return {
      text: (file) => this.text(ref, commit, file, signal),
      range: (file, start, end) => {
        const url = resolveUrl(endpoint.url, ref, commit, file);
        return this.#network.range(url, [start, end], { ref, revision: commit, file }, signal);
      },
    };
  }

  /** @throws DomainError `unauthorised` when the hub rejected the token. */
  async user(token: string, signal?: AbortSignal): Promise<string> {
    const ask = (): ReturnType<typeof whoAmI> =>
      whoAmI({
        // The library takes only tokens that look like the hub's own; a mirror's may look otherwise.
        accessToken: 'hf_placeholder',
        hubUrl: this.#network.endpoint.url,
        fetch: this.#network.fetchFor({}, signal, token),
      });
    return (await this.#understood(ask)).name;
  }

  /**
   * What came and makes no sense is no answer of a hub: to ask again would bring the same.
   * @throws DomainError `internal` for it.
   */
  async #understood<T>(read: () => T | Promise<T>): Promise<T> {
    try {
      return await read();
    } catch (error) {
      if (error instanceof DomainError) throw error;
      const { host } = this.#network.endpoint;
      throw new DomainError(
        'internal',
        `${host} sent an unexpected response (${messageOf(error).slice(0, 200)}). A proxy or a network's login page may be in the way.`,
        { cause: error },
      );
    }
  }
}

/** As Python's huggingface_hub: a repository with more is not listed by the hub in one go either. */
const MAX_FILES = 100_000;

/** The address of a file's bytes at a commit. */
export function resolveUrl(base: string, ref: string, commit: string, path: string): URL {
  const name = path.split('/').map(encodeURIComponent).join('/');
  return new URL(`${base}/${ref}/resolve/${encodeURIComponent(commit)}/${name}`);
}

function repoFile(
  ref: string,
  entry: { path: string; size: number; oid?: string; lfs?: { oid: string; size: number } },
): RepoFile {
  const etag = entry.lfs?.oid ?? entry.oid ?? '';
  const size = entry.lfs?.size ?? entry.size;
  // The hash becomes a file name.
  const isHash = /^(?:[0-9a-f]{64}|[0-9a-f]{40})$/.test(etag);
  if (isHash && Number.isSafeInteger(size) && size >= 0) return { path: entry.path, size, etag };
  throw new DomainError(
    'unsafe_name',
    `${ref}: Hugging Face gives no size or hash for "${entry.path}".`,
  );
}

/** The library asks for 500 entries at once: seconds of waiting for a list that shows 30. */
function smallPages(next: typeof fetch): typeof fetch {
  return (input, init) => {
    const url = new URL(input instanceof Request ? input.url : input);
    url.searchParams.set('limit', String(PAGE));
    return next(url, init);
  };
}

function listed(entry: ModelEntry): ListedModel | undefined {
  const extra = Extra.parse(entry);
  if (extra.sha === '' || !/^[\w.-]+\/[\w.-]+$/.test(entry.name)) return undefined;
  const licence = [extra.cardData?.license ?? tagValue(extra.tags, 'license:')].flat()[0];
  return {
    ref: entry.name,
    commit: extra.sha,
    downloads: entry.downloads ?? 0,
    likes: entry.likes ?? 0,
    updatedAt: isoDate(entry.updatedAt),
    gated: Boolean(entry.gated),
    private: Boolean(entry.private),
    pipeline: entry.task,
    tags: extra.tags,
    licence,
    config: extra.config,
    stored: extra.safetensors?.parameters,
  };
}

function tagValue(tags: readonly string[], prefix: string): string | undefined {
  return tags.find((tag) => tag.startsWith(prefix))?.slice(prefix.length);
}

function isoDate(date: Date): string {
  return Number.isNaN(date.getTime()) ? new Date(0).toISOString() : date.toISOString();
}
