/** Something that keeps a model from being loaded. */
export interface Problem {
  /** `refused`: what is there is whole, and no engine of ours reads it. */
  readonly kind: 'missing' | 'damaged' | 'refused';
  /** The file that it is about; absent where it is about all of them. */
  readonly file?: string;
  /** A sentence without its full stop, `model.safetensors is missing`; after `refused` a whole sentence. */
  readonly text: string;
  /** Bytes that have to be fetched again to mend it, where that is known. */
  readonly bytes?: number | undefined;
}

/** `file` with what is wrong: `is missing`. */
export const gap = (file: string, what: string): Problem => ({
  kind: 'missing',
  file,
  text: `${file} ${what}`,
});
/** @param bytes that have to be fetched again, where that is known. */
export const damage = (file: string, what: string, bytes?: number): Problem => ({
  kind: 'damaged',
  file,
  text: `${file} ${what}`,
  bytes,
});

/** @param text a whole sentence. */
export const refusal = (text: string): Problem => ({ kind: 'refused', text });
