/** What the gateway's two planes know of the names that requests can ask for. Plain data: it crosses a thread. */

/** What a model is good for, as a list of models tells it. */
export type TargetKind = 'text' | 'vision' | 'embedding' | 'speech' | 'other';

/** One profile as a program can ask for it. */
export interface Target {
  readonly profileId: string;
  /** The model's id in every list. */
  readonly name: string;
  /** Other names of the same: its slug first, then the aliases that the person gave. */
  readonly aliases: readonly string[];
  readonly engine: string;
  readonly kind: TargetKind;
  /** Whether its chat template knows tools and reasoning, where that is known. */
  readonly tools?: boolean | undefined;
  readonly reasoning?: boolean | undefined;
  /** Tokens of prompt and answer together; undefined where nobody can tell. */
  readonly contextLength?: number | undefined;
  /** Tokens of an answer at most where a request does not say how many; undefined where nobody can tell. */
  readonly answerLimit?: number | undefined;
  /** Variables that its options give the chat template of every request. */
  readonly templateArgs?: Readonly<Record<string, unknown>> | undefined;
  /** Folder with the tokenizer, for a count that is exact; undefined where there is none. */
  readonly modelFolder?: string | undefined;
  /** What a request straight to the server puts into `model`. */
  readonly requestModel: string;
  /** Whether a request may start it. */
  readonly startsOnRequest: boolean;
  /** Where it answers while it is ready; undefined while it is not. */
  readonly address?: Address | undefined;
  /** Why it does not answer now, for lists: a server's state. */
  readonly state: string;
  /** Unix seconds at which the profile was made. */
  readonly created: number;
}

export interface Address {
  readonly host: string;
  readonly port: number;
  /** One number per run of the server: an answer of an earlier run is none of this one. */
  readonly run: number;
}

/** A key as the data plane checks it: never the key itself. */
export interface KeyEntry {
  readonly id: string;
  /** SHA-256 of the key, hex. */
  readonly hash: string;
  readonly name: string;
  /** Ids of the profiles that it may use; undefined: every one. */
  readonly profileIds?: readonly string[] | undefined;
  /** Unix ms from which it is refused. */
  readonly expiresAt?: number | undefined;
  /** Tokens that it may still use; undefined: as many as it likes. */
  readonly tokensLeft?: number | undefined;
}

/** Who may come in, and from where. */
export interface Doors {
  /** Names in a Host header beside this machine's own, each with its port. */
  readonly hosts: readonly string[];
  /** Origins of pages that may use the gateway, exact. */
  readonly origins: readonly string[];
  /** Whether a request without a key is refused, on this machine too. */
  readonly requireKey: boolean;
  readonly keys: readonly KeyEntry[];
}

/** Everything that a request is decided by, as one version of it. A newer one replaces it as a whole. */
export interface Directory {
  readonly version: number;
  readonly targets: readonly Target[];
  readonly doors: Doors;
}
