import { useState } from 'react';

import { useLive } from '@renderer/live/use-live';
import { useRpcQuery } from '@renderer/queries/use-rpc';
import { type Choice, type ChoiceFacts, firstChoice, readyModel } from './model-choice';

/** What is chosen for the first server, what there is to choose from, and whether it can run. */
export interface ModelChoosing {
  readonly facts: ChoiceFacts;
  readonly choice: Choice | undefined;
  readonly choose: (choice: Choice) => void;
  readonly ready: { readonly ref: string; readonly name: string } | undefined;
  readonly isAsking: boolean;
  /** Why the hub or the library does not answer. */
  readonly problems: { readonly hub: Error | null; readonly library: Error | null };
  readonly askAgain: () => void;
}

export function useModelChoice(): ModelChoosing {
  const [own, setOwn] = useState<Choice>();
  const models = useRpcQuery('models.list', {});
  const suggested = useRpcQuery('hub.suggested', {});
  const downloads = useLive((data) => data.downloads);
  const memoryFree = useLive((data) => data.machine.memoryFree);
  const fit = suggested.data?.[0]?.fit;
  const facts: ChoiceFacts = {
    roomBytes: fit ? fit.limit - fit.inUse : memoryFree,
    suggested: suggested.data,
    isUnreachable: suggested.error !== null,
    models: models.data ?? [],
    downloads,
  };
  const choice = own ?? firstChoice(facts);
  return {
    facts,
    choice,
    choose: setOwn,
    ready: readyModel(choice, facts),
    isAsking: suggested.isFetching,
    problems: { hub: suggested.error, library: models.error },
    askAgain: () => void suggested.refetch(),
  };
}
