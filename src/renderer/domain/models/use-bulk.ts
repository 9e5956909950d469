import { useState } from 'react';

import { useClient } from '@renderer/api/api-context';
import type { Model } from '@shared/domain/model';
import type { Client } from '@shared/rpc/client';
import {
  type BulkAction,
  type BulkVerb,
  failedTitle,
  type LeftOut,
  participleOf,
  withEach,
} from './bulk';
import { useDeleteModels } from './DeletionHost';

/** Begins it for one model. */
export function beginFor(
  client: Client,
  verb: Exclude<BulkVerb, 'delete'>,
  { ref }: Pick<Model, 'ref'>,
): Promise<unknown> {
  return verb === 'verify'
    ? client.call('models.verify', { ref })
    : client.call('models.repair', { ref });
}

/** What the last action did not do. */
export interface BulkProblem {
  readonly title: string;
  readonly failed: readonly LeftOut[];
}

interface Bulk {
  readonly run: (action: BulkAction) => void;
  readonly busy: boolean;
  readonly problem: BulkProblem | undefined;
  readonly forget: () => void;
}

/** Carries actions on several models out, one model after the other; what failed is kept until the next. */
export function useBulk(): Bulk {
  const client = useClient();
  const remove = useDeleteModels();
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<BulkProblem>();
  const run = ({ verb, models, leftOut }: BulkAction): void => {
    setProblem(undefined);
    if (verb === 'delete') {
      remove(models, leftOut);
      return;
    }
    setBusy(true);
    void withEach(models, (model) => beginFor(client, verb, model)).then(({ failed }) => {
      setBusy(false);
      if (failed.length === 0) return;
      setProblem({ title: failedTitle(failed, models.length, participleOf(verb)), failed });
    });
  };
  return { run, busy, problem, forget: () => setProblem(undefined) };
}
