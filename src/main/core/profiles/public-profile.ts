import type { ServerProfile } from '@shared/domain/profile';
import { maskProfile } from '@shared/domain/secret';

/** A profile as views without local scope see it: nothing of its environment but the names. */
export function publicProfile(profile: ServerProfile): ServerProfile {
  return maskProfile(profile, 'variables');
}
