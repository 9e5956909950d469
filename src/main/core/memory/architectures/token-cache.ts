/** What one layer keeps of the tokens that it has seen; a layer may keep several. */
export type TokenCache =
  /** Keys and values of every token: so many values for each (`KVCache`). */
  | { readonly kind: 'full'; readonly values: number; readonly quantises: boolean }
  /** The same, of the newest tokens alone (`RotatingKVCache`). */
  | { readonly kind: 'window'; readonly values: number; readonly window: number }
  /** The same, dropped from the front before each step (`ChunkedKVCache`). */
  | { readonly kind: 'chunks'; readonly values: number; readonly chunk: number }
  /** So many bytes for each of the newest tokens, and no room for more. */
  | { readonly kind: 'newest'; readonly bytes: number; readonly window: number }
  /** So many bytes for each whole group of tokens. */
  | { readonly kind: 'groups'; readonly bytes: number; readonly ratio: number }
  /** So many bytes for each token of the group that is not whole yet. */
  | { readonly kind: 'open-group'; readonly bytes: number; readonly ratio: number }
  /** A state of one size, however many tokens (`ArraysCache`). */
  | { readonly kind: 'state'; readonly bytes: number };

/** Keys and values of every token. */
export function full(values: number): TokenCache {
  return { kind: 'full', values, quantises: true };
}

/** One that `--kv-bits` leaves as it is: it is kept in a list of caches (`CacheList`), which is not quantised. */
export function fullAsIs(values: number): TokenCache {
  return { kind: 'full', values, quantises: false };
}

export function windowOf(values: number, window: number): TokenCache {
  return { kind: 'window', values, window };
}

export function newest(bytes: number, window: number): TokenCache {
  return { kind: 'newest', bytes, window };
}

export function groupsOf(bytes: number, ratio: number): TokenCache {
  return { kind: 'groups', bytes, ratio };
}

export function openGroup(bytes: number, ratio: number): TokenCache {
  return { kind: 'open-group', bytes, ratio };
}

/** What an architecture's caches are reckoned with besides its config. */
export interface NumberType {
  /** Bytes of one value in the type that the model runs in. */
  readonly bytes: 2 | 4;
}

/** A state out of values in 32 bits and values in the model's own type. */
export function state(inFloat32: number, inOwnType: number, { bytes }: NumberType): TokenCache {
  return { kind: 'state', bytes: inFloat32 * 4 + inOwnType * bytes };
}

/** One cache for each layer, as it says for each index. */
export function perLayer(
  layers: number,
  cacheOf: (index: number) => TokenCache | readonly TokenCache[],
): TokenCache[] {
  return Array.from({ length: layers }, (_, index) => cacheOf(index)).flat();
}
