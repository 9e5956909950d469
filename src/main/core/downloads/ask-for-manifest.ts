import { DomainError } from '@shared/errors';

import type { HubClient } from '../hub/hub-client';
import { wantedFiles } from '../hub/model-files';
import { foreignProblem } from '../verdict/foreign';
import type { Manifest } from './job-folder';

/** What is asked for. */
export interface ManifestQuestion {
  readonly ref: string;
  readonly revision: string;
  /** Also what is no model for MLX. */
  readonly force: boolean;
}

/**
 * Asks the hub which files are to come, at which commit. By their names alone: what is in them was judged when the
 * download was asked for.
 * @throws DomainError validation where no engine could use them; what the hub refuses.
 */
export async function askForManifest(
  client: HubClient,
  { ref, revision, force }: ManifestQuestion,
  signal: AbortSignal,
): Promise<Manifest> {
  const { commit } = await client.model(ref, revision, signal);
  const { files } = await client.files(ref, commit, signal);
  const names = files.map(({ path }) => path);
  const foreign = force ? undefined : foreignProblem({ names, gone: [] });
  if (foreign) throw new DomainError('validation', `${ref} can't be used. ${foreign.text}`);
  return { ref, commit, files: wantedFiles(files) };
}
