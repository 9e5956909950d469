import { stat } from 'node:fs/promises';

import { DomainError } from '@shared/errors';
import { shellQuote } from '@shared/shell-quote';

import type { Vault } from '../ports';
import { loginTokenFile } from './hf-home';

type Env = Readonly<Record<string, string | undefined>>;

const NAME = 'huggingface-token';

/** Kept by the window, and asked for by a command that works alone, or by a manager without a desktop. */
const IN_KEYCHAIN =
  'The Hugging Face token is in the keychain, which only the desktop app can read.';
const IN_KEYCHAIN_FIX =
  'Open MLX Manager, set HF_TOKEN, or store the token for the command line with "mlx-manager hub token set".';

/** The Hugging Face token: `HF_TOKEN` of the environment, or the one that the person gave us to keep. */
export class HubToken {
  readonly #vault: Vault;
  readonly #env: Env;
  readonly #hide: (token: string) => void;
  #kept: Promise<string | undefined> | undefined;

  /** `hide`: told each token, which from then on stands in no log. */
  constructor(vault: Vault, env: Env, hide: (token: string) => void = () => undefined) {
    this.#vault = vault;
    this.#env = env;
    this.#hide = hide;
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
    const token = this.#fromEnvironment() ?? (await this.#readKept());
    if (token !== undefined) this.#hide(token);
    return token;
  }

  /** @throws DomainError permission when it cannot be kept safely. */
  async keep(token: string): Promise<void> {
    this.#hide(token);
    await this.#vault.set(NAME, token);
    this.#kept = Promise.resolve(token);
  }

  /** @throws DomainError permission when there is one more that this host cannot take away. */
  async clear(): Promise<void> {
    await this.#vault.remove(NAME);
    this.#kept = undefined;
    if (await this.#vault.isInKeychain?.(NAME)) {
      throw new DomainError('permission', `${IN_KEYCHAIN} Open MLX Manager and clear it there.`);
    }
  }

  /** Why there is none here although the person gave us one to keep, with what helps; undefined where that is not so. */
  async unread(): Promise<string | undefined> {
    if ((await this.get()) !== undefined) return undefined;
    if (await this.#vault.isInKeychain?.(NAME)) return `${IN_KEYCHAIN} ${IN_KEYCHAIN_FIX}`;
    const file = loginTokenFile(this.#env);
    const isThere = await stat(file).then(
      (info) => info.isFile() && info.size > 0,
      () => false,
    );
    return isThere
      ? `"hf auth login" stored a token in ${file}. MLX Manager uses it only if you add it with "mlx-manager hub token set --token-file ${shellQuote(file)}" or in Settings.`
      : undefined;
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
