import { ScrollText } from 'lucide-react';
import { useState } from 'react';

import { EmptyState } from '@renderer/components/EmptyState';
import { useServer } from '@renderer/live/use-live';
import { useRoute } from '@renderer/routing/route';
import { LogRunList, LogRunMenu } from './LogRuns';
import { LogView } from './LogView';
import { useRuns } from './use-log-window';

interface LogsTabProps {
  readonly profileId: string;
  readonly name: string;
  /** Whether the list of profiles is hidden: then the runs have a column. */
  readonly wide: boolean;
}

/** The logs of a profile's runs; the newest is shown until another is chosen. */
export function LogsTab({ profileId, name, wide }: LogsTabProps) {
  const runs = useRuns(profileId);
  const state = useServer(profileId)?.state;
  // A link to the log of a crash names its run.
  const linked = Number(useRoute().query.run);
  const [chosen, setChosen] = useState<number | undefined>(linked);
  if (!runs) return null;
  const run = runs.find((candidate) => candidate.run === chosen) ?? runs[0];
  if (!run) {
    return (
      <EmptyState icon={<ScrollText size={32} strokeWidth={1.25} />} title="No log yet">
        Logs appear here when the server starts. Each start is kept as a separate run.
      </EmptyState>
    );
  }
  const select = (next: number) => setChosen(next === runs[0]?.run ? undefined : next);
  const picker = { runs, selected: run.run, state, onSelect: select };
  return (
    <div className="flex h-full min-h-0 border-t border-sep">
      {wide && <LogRunList {...picker} />}
      <LogView
        key={run.run}
        profileId={profileId}
        name={name}
        run={run}
        picker={wide ? undefined : <LogRunMenu {...picker} />}
      />
    </div>
  );
}
