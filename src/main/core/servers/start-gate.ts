import type { ServerProfile } from '@shared/domain/profile';

/** Decides whether a server may be started (`memory/admission.ts`). */
export interface StartGate {
  /** Takes the memory of a server that has none yet. @throws DomainError does_not_fit. */
  admit(
    profile: ServerProfile,
    how?: { readonly safeMode?: boolean; readonly force?: boolean },
  ): Promise<void>;
  /** Whether it would be admitted without these servers. @throws DomainError does_not_fit. */
  check(
    profile: ServerProfile,
    how: { readonly safeMode?: boolean; readonly without: readonly string[] },
  ): Promise<void>;
  /** Its process is gone. */
  release(profileId: string): void;
}
