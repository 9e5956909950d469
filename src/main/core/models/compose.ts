import type { ServerProfile } from '@shared/domain/profile';
import type { Settings } from '@shared/domain/settings';

import type { SharedParts } from '../composition/shared-parts';
import { ModelLibrary, type ModelLibraryOptions } from './model-library';

export interface ModelSources {
  readonly settings: () => Settings;
  readonly profiles: () => readonly ServerProfile[];
  readonly isActive: (profileId: string) => boolean;
  readonly downloads: () => {
    isUnderWay(ref: string): boolean;
    start(wanted: {
      ref: string;
      revision: string;
      repair: true;
    }): ReturnType<ModelLibraryOptions['startDownload']>;
    readonly hasher: { readonly hashFile: ModelLibraryOptions['hashFile'] };
  };
  /** What is on the disk has changed. */
  readonly changed: () => void;
}

/** The library with what it asks of profiles, servers and downloads. */
export function composeModels(
  { ports, notices, open, publish, mode }: SharedParts,
  { settings, profiles, isActive, downloads, changed }: ModelSources,
): ModelLibrary {
  const usersOf = (ref: string) => profiles().filter((profile) => profile.model === ref);
  return new ModelLibrary({
    ports,
    notices,
    document: open('models'),
    folders: () => settings().modelFolders,
    usedBy: (ref) => usersOf(ref).map(({ name }) => name),
    running: (ref) =>
      usersOf(ref)
        .filter(({ id }) => isActive(id))
        .map(({ name }) => name),
    isDownloading: (ref) => downloads().isUnderWay(ref),
    startDownload: (ref, revision) => downloads().start({ ref, revision, repair: true }),
    hashFile: (file, etag, size, options) => downloads().hasher.hashFile(file, etag, size, options),
    unusedDays: () => settings().unusedDays,
    mayWrite: () => mode() !== 'read',
    publishChanged: () => {
      publish('models.changed', null);
      changed();
    },
    publishJob: (job) => publish('modelJobs.changed', job, job.ref),
  });
}
