import { DomainError } from '@shared/errors';

import type { HubClient } from '../hub/hub-client';
import { unusableReason, wantedFiles } from '../hub/model-files';
import type { Manifest } from './job-folder';

/**
 * Asks the hub which files are to come, at which commit.
 * @throws DomainError validation where no engine could use them; what the hub refuses.
 */
export async function askForManifest(
  client: HubClient,
  ref: string,
  revision: string,
  signal: AbortSignal,
): Promise<Manifest> {
  const { commit } = await client.model(ref, revision, signal);
  const all = await client.files(ref, commit, signal);
  const unusable = unusableReason(all.files.map((file) => file.path));
  if (unusable) throw new DomainError('validation', `${ref} cannot be used: ${unusable}`);
  return { ref, commit, files: wantedFiles(all.files) };
}
