import { DomainError } from '@shared/errors';
import { hasHiddenCharacters } from '@shared/format/hidden-characters';

/** A file of a repository at one commit. */
export interface RepoFile {
  /** With forward slashes, below the repository. */
  readonly path: string;
  readonly size: number;
  /**
   * Name of its blob in a Hugging Face cache and proof of its content: the SHA-256 of a large file (64
   * hex digits), git's SHA-1 of a small one (40).
   */
  readonly etag: string;
}

/** What a repository holds at one commit. */
export interface RepoFiles {
  readonly ref: string;
  readonly commit: string;
  readonly files: readonly RepoFile[];
}

/** Longer names cannot be stored on common file systems. */
const MAX_PART_BYTES = 255;
const MAX_PATH_BYTES = 1024;

/**
 * Why a name of a stranger's repository must not become a path on this disk; undefined when it may.
 * The rules hold on every system: a cache is shared and copied between them.
 */
export function nameProblem(path: string): string | undefined {
  if (path === '' || Buffer.byteLength(path) > MAX_PATH_BYTES) return 'is empty or too long';
  if (hasHiddenCharacters(path)) return 'contains control characters or other invisible characters';
  if (path.startsWith('/') || /^[A-Za-z]:/.test(path)) return 'is an absolute path';
  if (path.includes('\\')) return 'contains a backslash';
  for (const part of path.split('/')) {
    if (part === '..' || part === '.' || part === '') return 'leads out of the model’s folder';
    if (Buffer.byteLength(part) > MAX_PART_BYTES) return 'is too long';
    if (/^\.git$/i.test(part)) return 'is a Git folder';
  }
  return undefined;
}

/**
 * Refuses a whole repository for one name that is unsafe: who writes one such name is not to be trusted
 * with the others.
 * @throws DomainError `unsafe_name` with the name.
 */
export function checkNames(ref: string, paths: readonly string[]): void {
  const refuse = (path: string, why: string): never => {
    const shown = JSON.stringify(path.length > 200 ? `${path.slice(0, 200)}…` : path);
    throw new DomainError(
      'unsafe_name',
      `${ref} contains a file whose name ${why}: ${shown}. Nothing was downloaded.`,
      {
        data: { ref, path },
      },
    );
  };
  const folded = new Map<string, string>();
  for (const path of paths) {
    const problem = nameProblem(path);
    if (problem !== undefined) refuse(path, problem);
    // macOS tells neither cases nor ways of composing letters apart: one would overwrite the other.
    const key = path.normalize('NFD').toUpperCase().toLowerCase().normalize('NFC');
    if (folded.has(key)) refuse(path, `is that of another file on some disks`);
    folded.set(key, path);
  }
  for (const [key, path] of folded) {
    for (let at = key.indexOf('/'); at !== -1; at = key.indexOf('/', at + 1)) {
      if (folded.has(key.slice(0, at))) refuse(path, 'is below another file');
    }
  }
}

/**
 * What mlx-lm and mlx-vlm load (their `allow_patterns`), and the card and licence for
 * the person. Never pickled weights: loading them runs code.
 */
const WANTED =
  /(?:\.(?:json|safetensors|py|model|tiktoken|txt|jsonl|jinja)|(?:^|\/)(?:README\.md|LICEN[SC]E[^/]*|NOTICE[^/]*))$/i;
/** Copies of the weights for other programs. */
const OTHER_FORMATS = /^(?:original|onnx|openvino|coreml|gguf|flax|tf)\//i;
const CONSOLIDATED = /^consolidated.*\.safetensors$/;
const WEIGHTS = /\.safetensors$/;

/**
 * The files of a repository that an MLX engine can use. Weights in folders are variants of the same model, such as
 * `4bit/` and `8bit/`, where the repository has weights of its own outside of them; an image model and one that
 * embeds keep their parts in folders.
 */
export function wantedFiles(files: readonly RepoFile[]): RepoFile[] {
  const names = new Set(files.map(({ path }) => path));
  const hasModel = files.some(({ path }) => /^model.*\.safetensors$/.test(path));
  const hasParts = names.has('model_index.json') || names.has('modules.json');
  const skipsFolders = !hasParts && files.some(({ path }) => /^[^/]+\.safetensors$/.test(path));
  const isWhisper = names.has('weights.npz') && !names.has('weights.safetensors');
  return files.filter(
    ({ path }) =>
      (WANTED.test(path) || (isWhisper && path === 'weights.npz')) &&
      !OTHER_FORMATS.test(path) &&
      !path.split('/').some((part) => part.startsWith('.')) &&
      !(hasModel && CONSOLIDATED.test(path)) &&
      !(skipsFolders && path.includes('/') && WEIGHTS.test(path)),
  );
}
