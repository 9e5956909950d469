/** Hashes one file in the background, by the kind of hash that the name of the given one says. */
export type HashFile = (
  file: string,
  etag: string,
  size: number,
  options: { signal?: AbortSignal; onProgress?: (at: number) => void },
) => Promise<string>;

/** In the place of a hash that is not known yet: a SHA-256. */
export const ANY_SHA256 = '0'.repeat(64);
