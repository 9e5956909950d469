import { useState } from 'react';

import { useClient } from '@renderer/api/api-context';
import { messageOf } from '@shared/errors';
import type { Client } from '@shared/rpc/client';

interface Attempts {
  readonly attempt: (work: (client: Client) => Promise<unknown>) => void;
  /** Why the last of them was refused. */
  readonly problem: string | undefined;
}

/** Things that are asked for one after the other, as those of a menu; what was refused is said until the next. */
export function useAttempt(): Attempts {
  const client = useClient();
  const [problem, setProblem] = useState<string>();
  const attempt = (work: (client: Client) => Promise<unknown>): void => {
    setProblem(undefined);
    work(client).catch((error: unknown) => setProblem(messageOf(error)));
  };
  return { attempt, problem };
}
