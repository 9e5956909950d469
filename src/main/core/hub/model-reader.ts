import type { HubFacts, HubModel, HubModelPage, ModelCard, ModelKind } from '@shared/domain/hub';
import type { FitEstimate } from '@shared/domain/memory';
import { DomainError } from '@shared/errors';

import { chatTemplateIn } from '../parsers/read-parser-facts';
import { templateFacts } from '../parsers/template-facts';
import type { Clock, Logger } from '../ports';
import { cardOf } from './card';
import type { HubClient, ListedModel } from './hub-client';
import type { HubNetwork } from './hub-network';
import type { HubToken } from './hub-token';
import { TtlCache } from './ttl-cache';
import { configFacts, defined } from '../verdict/model-config';
import { parsePythonJson } from '../verdict/python-json';
import { whatInstead } from '../verdict/foreign';
import { describeListed } from './model-facts';
import { type RepoFile, wantedFiles } from './model-files';
import { type RepoVerdict, repoVerdict } from './repo-verdict';
import { activeParametersOf, parametersOf } from './parameter-count';
import { storedBytes } from './stored-values';

/** What of a model its memory depends on. */
export interface WeighedModel {
  readonly config: unknown;
  readonly weightsBytes: number;
  readonly kind: ModelKind;
}

export interface ModelReaderOptions {
  readonly network: HubNetwork;
  readonly client: HubClient;
  readonly token: HubToken;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Whether a model is on this machine. */
  readonly onDisk: (ref: string) => HubModel['onDisk'];
  /** What a model with this config and these weights needs here. */
  readonly estimate: (model: WeighedModel) => Promise<FitEstimate | undefined>;
  /** Installed engines that know its architecture; undefined where none tells. */
  readonly enginesFor: (config: unknown, kind: ModelKind) => Promise<string[] | undefined>;
}

/** A newest commit is asked for anew after this time, ms. */
const FRESH_MS = 60_000;
const KEPT_CONFIGS = 2000;
const KEPT_REPOS = 20;

interface Repo {
  readonly listed: ListedModel;
  readonly files: readonly RepoFile[];
}

/** What the own files of a model say, or why they may not be read yet. */
interface OwnConfig {
  readonly config: unknown;
  readonly access?: HubFacts['access'];
}

/** Describes models of the hub by their own files; what a commit holds is read once. */
export class ModelReader {
  readonly #options: ModelReaderOptions;
  readonly #configs: TtlCache<unknown>;
  readonly #repos: TtlCache<Repo>;
  /** By the list of files that was judged. */
  readonly #verdicts = new WeakMap<readonly RepoFile[], RepoVerdict>();

  constructor(options: ModelReaderOptions) {
    this.#options = options;
    this.#configs = new TtlCache(options.clock, KEPT_CONFIGS);
    this.#repos = new TtlCache(options.clock, KEPT_REPOS, FRESH_MS);
  }

  /** Forgets what depends on who asks. */
  clear(): void {
    this.#repos.clear();
    this.#configs.clear();
  }

  /**
   * Everything about one model.
   * @param signal no further request is begun when nobody waits for it any more.
   * @throws DomainError not_found, unsafe_name, offline.
   */
  async page(ref: string, revision?: string, signal?: AbortSignal): Promise<HubModelPage> {
    const { onDisk, network, estimate, enginesFor } = this.#options;
    const { listed, files } = await this.#repo(ref, revision, signal);
    signal?.throwIfAborted();
    const wanted = wantedFiles(files);
    const names = new Set(wanted.map((file) => file.path));
    const { config, access } = names.has('config.json')
      ? await this.#ownConfig(listed, signal)
      : { config: listed.config, access: undefined };
    signal?.throwIfAborted();
    const verdict = await this.#verdict({ listed, files }, access, signal);
    signal?.throwIfAborted();
    const unusable = verdict.unusable;
    const [engines, template, fit] = await Promise.all([
      enginesFor(config, verdict.kind),
      access === undefined ? this.#template(listed, names, signal) : undefined,
      unusable === undefined
        ? estimate({ config, weightsBytes: verdict.weightsBytes, kind: verdict.kind })
        : undefined,
    ]);
    const facts: HubFacts = {
      sizeBytes: sum(wanted),
      files: wanted.length,
      ...describeConfig(listed, config),
      ...defined({ access, unusable, missing: verdict.missing, fit }),
    };
    const { kind } = verdict;
    return {
      model: { ...describeListed(listed, onDisk(listed.ref)), kind, facts },
      facts,
      files: files.map(({ path, size }) => ({ path, sizeBytes: size, wanted: names.has(path) })),
      ...defined({ template, engines }),
      url: `${network.endpoint.url}/${listed.ref}`,
    };
  }

  /**
   * One request for a model whose size the list tells, two otherwise.
   * @param signal no further request is begun when nobody waits for it any more.
   */
  async rowFacts(listed: ListedModel, signal: AbortSignal): Promise<HubFacts> {
    const { client, estimate } = this.#options;
    signal.throwIfAborted();
    const { config, access } = await this.#ownConfig(listed, signal);
    let sizeBytes = storedBytes(listed.stored, config);
    let unusable: string | undefined;
    if (sizeBytes === undefined) {
      signal.throwIfAborted();
      const { files } = await client.files(listed.ref, listed.commit, signal);
      const names = files.map((file) => file.path);
      if (!names.some((name) => name.endsWith('.safetensors'))) unusable = whatInstead(names);
      sizeBytes = sum(weightsOf(files));
    }
    const fit =
      unusable === undefined
        ? await estimate({
            config,
            weightsBytes: sizeBytes,
            kind: describeListed(listed, undefined).kind,
          })
        : undefined;
    return { sizeBytes, ...describeConfig(listed, config), ...defined({ access, unusable, fit }) };
  }

  /** What a model of the hub needs memory for. */
  async modelFiles(ref: string): Promise<WeighedModel> {
    const repo = await this.#repo(ref);
    const { config, access } = await this.#ownConfig(repo.listed);
    const { weightsBytes, kind } = await this.#verdict(repo, access);
    return { config, weightsBytes, kind };
  }

  /** The text of a model's README.md, without its front matter; '' where there is none. */
  async card(ref: string, revision?: string): Promise<ModelCard> {
    const { listed, files } = await this.#repo(ref, revision);
    const isThere = files.some(({ path }) => path === 'README.md');
    if (!isThere) return { markdown: '', truncated: false };
    return cardOf(await this.#options.client.text(listed.ref, listed.commit, 'README.md'));
  }

  /** What a repository holds, as far as that can be told without its weights. */
  async verdict(ref: string, revision?: string): Promise<RepoVerdict> {
    const repo = await this.#repo(ref, revision);
    const { access } = await this.#ownConfig(repo.listed).catch(() => ({ access: undefined }));
    return this.#verdict(repo, access);
  }

  /** What is in it. Its files cannot be read yet: their names have to do. */
  async #verdict(
    { listed, files }: Repo,
    access: HubFacts['access'],
    signal?: AbortSignal,
  ): Promise<RepoVerdict> {
    const known = this.#verdicts.get(files);
    if (known && access === undefined) return known;
    const reads = access === undefined ? this.#options.client.reads(listed, signal) : undefined;
    const verdict = await repoVerdict(files, listed, reads);
    // What was left off since nobody waited for it any more is not known.
    if (access === undefined && !signal?.aborted) this.#verdicts.set(files, verdict);
    return verdict;
  }

  #repo(ref: string, revision?: string, signal?: AbortSignal): Promise<Repo> {
    const { client } = this.#options;
    const ask = async (wanted: AbortSignal): Promise<Repo> => {
      const listed = await client.model(ref, revision, wanted);
      const { files } = await client.files(listed.ref, listed.commit, wanted);
      return { listed, files };
    };
    return this.#repos.get(`${ref}@${revision ?? ''}`, ask, signal);
  }

  /** The config of a gated model that may not be read yet is what the hub's list tells of it. */
  async #ownConfig(listed: ListedModel, signal?: AbortSignal): Promise<OwnConfig> {
    const { ref, commit } = listed;
    const { client, token } = this.#options;
    try {
      const ask = async (wanted: AbortSignal): Promise<unknown> =>
        parseConfig(ref, await client.text(ref, commit, 'config.json', wanted));
      const config = await this.#configs.get(`${ref}@${commit}`, ask, signal);
      return { config };
    } catch (error) {
      if (!(error instanceof DomainError && error.code === 'gated')) throw error;
      const hasToken = (await token.get()) !== undefined;
      return { config: listed.config, access: hasToken ? 'accept' : 'token' };
    }
  }

  async #template(
    { ref, commit }: ListedModel,
    names: ReadonlySet<string>,
    signal: AbortSignal | undefined,
  ): Promise<HubModelPage['template']> {
    const { client, logger } = this.#options;
    try {
      if (names.has('chat_template.jinja')) {
        return templateFacts(await client.text(ref, commit, 'chat_template.jinja', signal));
      }
      if (!names.has('tokenizer_config.json')) return undefined;
      const text = await client.text(ref, commit, 'tokenizer_config.json', signal);
      const template = chatTemplateIn(JSON.parse(text));
      return template === undefined ? undefined : templateFacts(template);
    } catch (error) {
      // The page is worth showing without it.
      logger.debug('A chat template cannot be read', { ref, error: String(error) });
      return undefined;
    }
  }
}

function parseConfig(ref: string, text: string): unknown {
  try {
    return parsePythonJson(text);
  } catch {
    throw new DomainError('validation', `The config.json of ${ref} isn't JSON.`);
  }
}

function describeConfig(listed: ListedModel, config: unknown): Partial<HubFacts> {
  const facts = configFacts(config);
  const parameters = parametersOf(listed.stored, facts);
  const activeParameters =
    parameters === undefined ? undefined : activeParametersOf(parameters, config);
  return { ...facts, ...defined({ parameters, activeParameters }) };
}

/** The weights that an engine loads. */
function weightsOf(files: readonly RepoFile[]): RepoFile[] {
  return wantedFiles(files).filter((file) => file.path.endsWith('.safetensors'));
}

function sum(files: readonly { readonly size: number }[]): number {
  return files.reduce((total, { size }) => total + size, 0);
}
