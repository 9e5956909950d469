import type { ServerProfile } from '@shared/domain/profile';
import { maskSecrets } from '@shared/domain/secret';

/** A profile as views without local scope see it. */
export function publicProfile(profile: ServerProfile): ServerProfile {
  return { ...profile, env: maskSecrets(profile.env) };
}
