import type { ModelKind } from '@shared/domain/hub';

import { isPartialWeights } from '../verdict/unfinished';
import { judge, type Verdict } from '../verdict/verdict';
import type { ListedModel } from './hub-client';
import { type RepoFile, wantedFiles } from './model-files';
import { type RepoReads, repoSource } from './repo-source';

/** What a repository's files are, before one of them is here. */
export interface RepoVerdict {
  readonly kind: ModelKind;
  /** Why no engine here can be given it. */
  readonly unusable: string | undefined;
  /** What the repository itself lacks or holds damaged; undefined where nothing is known of that. */
  readonly missing: string[] | undefined;
  /** Bytes of the weights that an engine loads. */
  readonly weightsBytes: number;
}

/**
 * Judges a repository by what a download of it would bring. Once it is on the disk, the same verdict is given there.
 * @param reads undefined where its files may not be read yet: then nothing is held against it but their names.
 */
export async function repoVerdict(
  files: readonly RepoFile[],
  { config, pipeline }: Pick<ListedModel, 'config' | 'pipeline'>,
  reads: RepoReads | undefined,
): Promise<RepoVerdict> {
  const wanted = new Set(wantedFiles(files));
  // Other weights would not come; everything else tells what the repository is.
  const judged = files.filter(
    (file) => wanted.has(file) || !(isWeights(file) || isPartialWeights(file.path)),
  );
  const verdict = await judge(repoSource(judged, reads ?? unread(config)), pipeline);
  const { kind, state, problems } = verdict;
  const texts = problems.map(({ text }) => text);
  const isWhole = reads === undefined || state === 'complete' || state === 'unusable';
  return {
    kind,
    unusable: state === 'unusable' ? texts.join(' ') : undefined,
    missing: isWhole ? undefined : texts,
    weightsBytes: weightsBytes([...wanted], verdict),
  };
}

const isWeights = ({ path }: RepoFile): boolean => path.endsWith('.safetensors');

function weightsBytes(wanted: readonly RepoFile[], { weights }: Verdict): number {
  const loaded = new Set(weights);
  const counted = wanted.filter(
    (file) => loaded.has(file.path) || (weights.length === 0 && isWeights(file)),
  );
  return counted.reduce((sum, { size }) => sum + size, 0);
}

/** The config is what the hub's list tells of it. */
function unread(config: unknown): RepoReads {
  return {
    text: async (path) => (path === 'config.json' ? JSON.stringify(config ?? {}) : '{}'),
    range: async () => Buffer.from('{}'),
  };
}
