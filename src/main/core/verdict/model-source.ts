import type { WeightsHeader } from './safetensors';

/** A file of a model, by its path below the model, with forward slashes. */
export interface SourceFile {
  readonly name: string;
  /** Bytes; undefined for a link to a file that is not there. */
  readonly size: number | undefined;
}

/** The first and the last bytes of a file, as text. */
export interface FileEdges {
  readonly start: string;
  readonly end: string;
}

/**
 * A model, wherever its files are: a folder of this disk, or a repository of a hub. What cannot be read now is
 * undefined.
 */
export interface ModelSource {
  /** Whether it is on this disk: there, what cannot be read is a problem of its own; elsewhere it is not known. */
  readonly isHere: boolean;
  readonly files: readonly SourceFile[];
  /** A small text file. */
  text(name: string): Promise<string | undefined>;
  edges(name: string): Promise<FileEdges | undefined>;
  /** What the header of a safetensors file says; undefined where only its size is known. */
  header(name: string): Promise<WeightsHeader | undefined>;
  /** Names of the tensors in a safetensors file. */
  tensors(name: string): Promise<readonly string[] | undefined>;
}
