import { DomainError } from '@shared/errors';

import type { HubClient } from '../hub/hub-client';
import { wantedFiles } from '../hub/model-files';
import { repoVerdict } from '../hub/repo-verdict';
import type { Manifest } from './job-folder';

/** What is asked for. */
export interface ManifestQuestion {
  readonly ref: string;
  readonly revision: string;
  /** Whatever the verdict on the repository is. */
  readonly force: boolean;
  readonly signal: AbortSignal;
}

/**
 * Asks the hub which files are to come, at which commit.
 * @throws DomainError validation where no engine could use them, or where the repository lacks some; what the
 * hub refuses.
 */
export async function askForManifest(
  client: HubClient,
  { ref, revision, force, signal }: ManifestQuestion,
): Promise<Manifest> {
  const listed = await client.model(ref, revision, signal);
  const { commit } = listed;
  const { files } = await client.files(ref, commit, signal);
  if (!force) {
    const verdict = await repoVerdict(files, listed, client.reads({ ref, commit }, signal));
    const { unusable, missing } = verdict;
    if (unusable !== undefined) throw refusal(`${ref} cannot be used. ${unusable}`);
    if (missing !== undefined)
      throw refusal(`${ref} is not whole on the hub: ${missing.join('; ')}.`);
  }
  return { ref, commit, files: wantedFiles(files) };
}

const refusal = (reason: string): DomainError =>
  new DomainError('validation', `${reason} Nothing was fetched.`);
