import type { Installation } from '@shared/domain/engine';
import type { ServerProfile } from '@shared/domain/profile';
import type { Server } from '@shared/domain/server';
import { hasProcess } from '@shared/domain/server-state';

export interface ProfileVersion {
  /** What its server runs with, or would; undefined where nothing is installed. */
  readonly version: string | undefined;
  readonly note?: string;
}

/** Which version a profile is served by, and why it is another one than that in use. */
export function profileVersion(
  profile: Pick<ServerProfile, 'installation'>,
  server: Pick<Server, 'installation' | 'state'>,
  installations: readonly Installation[],
): ProfileVersion {
  const find = (id: string | null): Installation | undefined =>
    installations.find((one) => one.id === id);
  const now = find(server.installation);
  const next =
    profile.installation === null
      ? installations.find((one) => one.inUse)
      : find(profile.installation);
  const version = now?.version;
  if (hasProcess(server.state) && now && next && next.id !== now.id) {
    return { version, note: `${next.version} after a restart` };
  }
  return profile.installation === null ? { version } : { version, note: 'chosen in the profile' };
}
