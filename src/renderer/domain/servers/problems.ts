import { createContext, useContext } from 'react';
import { useStore } from 'zustand';
import { createStore, type StoreApi } from 'zustand/vanilla';

import { DomainError, type ErrorBody, messageOf } from '@shared/errors';

/** What was refused, by profile: shown in its detail until the next action. */
export type ProblemStore = StoreApi<Readonly<Record<string, ErrorBody>>>;

export function createProblemStore(): ProblemStore {
  return createStore<Readonly<Record<string, ErrorBody>>>(() => ({}));
}

export const ProblemContext = createContext<ProblemStore | undefined>(undefined);

export function useProblemStore(): ProblemStore {
  const store = useContext(ProblemContext);
  if (!store) throw new Error('There is no ProblemContext above this component.');
  return store;
}

/** What the manager refused last for this profile. */
export function useProblem(profileId: string): ErrorBody | undefined {
  return useStore(useProblemStore(), (problems) => problems[profileId]);
}

/** Forgets what was refused. */
export function clearProblem(store: ProblemStore, profileId: string): void {
  store.setState(
    Object.fromEntries(Object.entries(store.getState()).filter(([id]) => id !== profileId)),
    true,
  );
}

/** Anything thrown as an error body. */
export function toErrorBody(error: unknown): ErrorBody {
  if (error instanceof DomainError) return error.toBody();
  return { code: 'internal', message: messageOf(error) };
}
