import { FitReport } from '@shared/domain/memory';
import type { ServerProfile } from '@shared/domain/profile';
import type { StartRefusal } from '@shared/domain/server';
import type { DomainError } from '@shared/errors';

/** The last refused start of each profile, until the profile is another one. */
export class Refusals {
  readonly #refusals = new Map<string, StartRefusal & { readonly updatedAt: string }>();

  /** @param at Unix ms. */
  note(profile: ServerProfile, error: DomainError, at: number): void {
    const report = FitReport.safeParse(error.data);
    this.#refusals.set(profile.id, {
      at: new Date(at).toISOString(),
      message: error.message,
      shortBytes: report.data?.shortBytes ?? 0,
      updatedAt: profile.updatedAt,
    });
  }

  of(profile: ServerProfile): StartRefusal | undefined {
    const found = this.#refusals.get(profile.id);
    if (!found || found.updatedAt !== profile.updatedAt) return undefined;
    const { updatedAt: _, ...refusal } = found;
    return refusal;
  }

  forget(profileId: string): void {
    this.#refusals.delete(profileId);
  }
}
