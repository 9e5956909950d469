import { useMemo } from 'react';

import { useRpcQuery } from '@renderer/queries/use-rpc';
import type { ModelInUse } from './bulk';
import { useModelSelection } from './selection';
import { inUseOf, useActivity } from './use-in-use';

/** The models that are chosen together, with what is going on with them. */
export function useSelectedModels(): readonly ModelInUse[] {
  const models = useRpcQuery('models.list', {}).data;
  const activity = useActivity();
  const [{ refs }] = useModelSelection();
  return useMemo(() => {
    const chosen = new Set(refs);
    return (models ?? [])
      .filter(({ ref }) => chosen.has(ref))
      .map((model) => ({ model, use: inUseOf(model, activity) }));
  }, [models, activity, refs]);
}
