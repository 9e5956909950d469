import type { ServerProfile } from '@shared/domain/profile';
import { secretsOf } from '@shared/domain/secret';
import type { Logger } from '../ports';

/**
 * What the profiles hold of secrets, for whoever shows or writes a text about one. A value that was taken
 * back or replaced stays one until the manager ends: its server may still run with it, and its log holds it.
 */
export class SecretBook {
  readonly #profile: (id: string) => ServerProfile | undefined;
  readonly #logger: Pick<Logger, 'addSecret'>;
  readonly #known = new Map<string, Set<string>>();

  constructor(
    profile: (id: string) => ServerProfile | undefined,
    logger: Pick<Logger, 'addSecret'>,
  ) {
    this.#profile = profile;
    this.#logger = logger;
  }

  /** Of this profile, the longest first, since one may be a part of another. */
  of(profileId: string): readonly string[] {
    const profile = this.#profile(profileId);
    if (profile) this.learn([profile]);
    return [...(this.#known.get(profileId) ?? [])].sort((a, b) => b.length - a.length);
  }

  /** From now on none of them is written into the manager's own log. */
  learn(profiles: readonly ServerProfile[]): void {
    for (const profile of profiles) {
      const known = this.#known.get(profile.id) ?? new Set<string>();
      this.#known.set(profile.id, known);
      for (const secret of secretsOf(profile)) {
        if (known.has(secret)) continue;
        known.add(secret);
        this.#logger.addSecret?.(secret);
      }
    }
  }
}
