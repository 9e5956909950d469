import { useEffect } from 'react';

import { ErrorBlock, errorSentence } from '@renderer/components/ErrorBlock';
import { Section } from '@renderer/components/Pane';
import { useRpcQuery } from '@renderer/queries/use-rpc';
import type { Rank } from '@shared/domain/cluster';
import type { Server } from '@shared/domain/server';
import { isServing } from '@shared/domain/server-state';
import { formatMemory } from '@shared/format/bytes';

/** Each time every machine is asked over ssh, so not with every measurement. */
const AGAIN_MS = 10_000;

/** The ranks of a server over several of them: where each runs and what it uses there. */
export function RanksSection({ server }: { readonly server: Server }) {
  const running = isServing(server.state);
  const ranks = useRpcQuery(
    'servers.ranks',
    { profileId: server.profileId },
    { enabled: running, fresh: true },
  );
  const { refetch } = ranks;
  useEffect(() => {
    if (!running) return;
    const timer = setInterval(() => void refetch(), AGAIN_MS);
    return () => clearInterval(timer);
  }, [running, refetch]);
  if (!running) return null;
  return (
    <Section title="Ranks" right="resident memory">
      {ranks.error && <ErrorBlock sentence={errorSentence(ranks.error)} />}
      {ranks.isPending && <p className="text-text-2">Checking every machine…</p>}
      <ul className="space-y-1">
        {ranks.data?.map((rank) => (
          <RankRow key={rank.rank} {...rank} />
        ))}
      </ul>
    </Section>
  );
}

function RankRow({ rank, host, memoryBytes, problem }: Rank) {
  return (
    <li className="grid grid-cols-[80px_minmax(0,1fr)_auto] items-baseline gap-x-3">
      <span className="text-text-2">{`Rank ${rank}`}</span>
      <span className="min-w-0 wrap-anywhere">{host}</span>
      {memoryBytes === undefined ? (
        <span className="col-start-2 text-small text-warning-text">{problem}</span>
      ) : (
        <span className="min-w-32 text-right">{formatMemory(memoryBytes)}</span>
      )}
    </li>
  );
}
