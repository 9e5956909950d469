import { createContext, useContext } from 'react';

/**
 * Why nothing can be changed now, e.g. because the manager does not answer; undefined while it can. A control that
 * changes something there (`writes`) is off and says so: what is clicked now must never be carried out later.
 */
export const RefusalContext = createContext<string | undefined>(undefined);

type Reason = string | false | undefined;

/** Why a control cannot act: that of the connection first, then its own. */
export function useReason(writes: boolean, own?: Reason): Reason {
  const refusal = useContext(RefusalContext);
  return (writes && refusal) || own;
}
