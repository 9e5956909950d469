import { modelRefKind } from '@shared/domain/model-ref';
import { DomainError } from '@shared/errors';
import type { Session } from './session';

interface Known {
  /** Whether the library lists it. */
  readonly isListed: (ref: string) => Promise<boolean>;
  readonly profiles: () => readonly { readonly model: string }[];
}

/**
 * The reference, where this view may ask about it: who has no local scope is told of the folders of the library
 * and of profiles, and of no others, not even whether they exist.
 * @throws DomainError not_found as for a model that is not there.
 */
export async function reachableModel(ref: string, session: Session, known: Known): Promise<string> {
  if (session.scopes.has('local') || modelRefKind(ref) !== 'folder') return ref;
  if (known.profiles().some(({ model }) => model === ref)) return ref;
  if (await known.isListed(ref)) return ref;
  throw new DomainError('not_found', `There is no model "${ref}" in the library.`);
}
