import type { Vault } from '../ports';

type Env = Readonly<Record<string, string | undefined>>;

const NAME = 'huggingface-token';

/** The Hugging Face token: `HF_TOKEN` of the environment, or the one that the person gave us to keep. */
export class HubToken {
  readonly #vault: Vault;
  readonly #env: Env;
  #kept: Promise<string | undefined> | undefined;

  constructor(vault: Vault, env: Env) {
    this.#vault = vault;
    this.#env = env;
  }

  get place(): Vault['place'] {
    return this.#vault.place;
  }

  /** Where the token in use comes from. */
  async source(): Promise<'none' | 'environment' | 'kept'> {
    if (this.#fromEnvironment()) return 'environment';
    return (await this.#readKept()) === undefined ? 'none' : 'kept';
  }

  async get(): Promise<string | undefined> {
    return this.#fromEnvironment() ?? this.#readKept();
  }

  /** @throws DomainError permission when it cannot be kept safely. */
  async keep(token: string): Promise<void> {
    await this.#vault.set(NAME, token);
    this.#kept = Promise.resolve(token);
  }

  async clear(): Promise<void> {
    await this.#vault.remove(NAME);
    this.#kept = undefined;
  }

  /** Why a token cannot be kept now. */
  problem(): Promise<string | undefined> {
    return this.#vault.problem();
  }

  #fromEnvironment(): string | undefined {
    const token = (this.#env.HF_TOKEN ?? this.#env.HUGGING_FACE_HUB_TOKEN)?.trim();
    return token || undefined;
  }

  /** A keychain may ask the person each time: it is read once. */
  #readKept(): Promise<string | undefined> {
    this.#kept ??= this.#vault.get(NAME).catch((error: unknown) => {
      this.#kept = undefined;
      throw error;
    });
    return this.#kept;
  }
}
