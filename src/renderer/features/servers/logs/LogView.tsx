import { type ReactNode, useState } from 'react';

import { useClient } from '@renderer/api/api-context';
import { Button } from '@renderer/components/Button';
import { copyText } from '@renderer/components/CopyButton';
import { ErrorBlock, errorSentence } from '@renderer/components/ErrorBlock';
import { Switch } from '@renderer/components/Switch';
import { useLive } from '@renderer/live/use-live';
import type { LogRun } from '@shared/domain/log';
import { formatDisk } from '@shared/format/bytes';
import { formatCount, formatNumber, formatPercent } from '@shared/format/counts';
import type { FilteredLog } from './filtered-log';
import { EVERY_LINE, filterName } from './log-filter';
import { allRows, filteredRows } from './log-rows';
import type { LogExtent } from './log-window';
import { LogList } from './LogList';
import { LogToolbar } from './LogToolbar';
import { copiedLines, newestLines, saveRun } from './save-log';
import { useFilteredLog } from './use-filtered-log';
import { useLogSearch } from './use-log-search';
import { useLogWindow } from './use-log-window';

function LogFooter({
  extent: { firstLine, endLine, bytes },
  filtered,
  checks,
  onChecks,
  follow,
  onFollow,
}: {
  readonly extent: LogExtent;
  readonly filtered: FilteredLog | undefined;
  readonly checks: boolean;
  readonly onChecks: (checks: boolean) => void;
  readonly follow: boolean;
  readonly onFollow: (follow: boolean) => void;
}) {
  const all = formatCount(endLine - firstLine, 'line');
  const passed = filtered && formatNumber(filtered.lines.length);
  return (
    <footer className="flex h-9 shrink-0 items-center gap-4 border-t border-sep px-3 text-small text-text-2">
      <span>{passed ? `${filtered.cut ? 'the newest ' : ''}${passed} of ${all}` : all}</span>
      <span>{formatDisk(bytes)}</span>
      {filtered && filtered.fraction < 1 && (
        <span>Reading the run, {formatPercent(filtered.fraction)}</span>
      )}
      {firstLine > 0 && <span>the first {formatCount(firstLine, 'line')} were deleted</span>}
      <span className="ml-auto flex items-center gap-2 whitespace-nowrap">
        Show checks
        <Switch aria-label="Show checks" checked={checks} onChange={onChecks} />
      </span>
      <span className="flex items-center gap-2">
        Follow
        <Switch aria-label="Follow" checked={follow} onChange={onFollow} />
      </span>
    </footer>
  );
}

interface LogViewProps {
  readonly profileId: string;
  readonly name: string;
  readonly run: LogRun;
  /** The run picker, where it has no column of its own. */
  readonly picker?: ReactNode;
}

/** One run: its lines as they come, with search, filters, copy and save. */
export function LogView({ profileId, name, run, picker }: LogViewProps) {
  const client = useClient();
  const log = useLogWindow(profileId, run);
  const [filter, setFilter] = useState(EVERY_LINE);
  const filtered = useFilteredLog(profileId, run.run, log, filter);
  const search = useLogSearch(profileId, run.run, filtered, filter.checks);
  const [wrap, setWrap] = useState(false);
  const [follow, setFollow] = useState(true);
  const [seenEnd, setSeenEnd] = useState(0);
  const [problem, setProblem] = useState<string>();
  const { endLine } = log.extent;
  const ranked = useLive((data) =>
    data.profiles.some(({ id, cluster }) => id === profileId && cluster !== null),
  );
  const rows = filtered ? filteredRows(filtered) : allRows(log, filter.checks);

  const changeFollow = (on: boolean): void => {
    if (on === follow) return;
    setFollow(on);
    setSeenEnd(endLine);
  };
  const report = (work: Promise<unknown>): void => {
    setProblem(undefined);
    work.catch((error: unknown) => setProblem(errorSentence(error)));
  };
  const copy = async (): Promise<void> =>
    copyText(
      filtered
        ? copiedLines(filtered.lines)
        : await newestLines(client, profileId, run, filter.checks),
    );
  const fresh = endLine - seenEnd;
  const unread = log.error ?? filtered?.error;
  return (
    <div className="flex min-h-0 min-w-0 flex-1 flex-col">
      <LogToolbar
        search={search}
        filter={filter}
        onFilter={setFilter}
        wrap={wrap}
        onWrap={() => setWrap(!wrap)}
        leading={picker}
        onCopy={() => report(copy())}
        onSave={() => report(saveRun(client, profileId, run, `${name} run ${run.run}.log`))}
      />
      {(problem || unread !== undefined) && (
        <ErrorBlock className="mx-3 mb-2" sentence={problem ?? errorSentence(unread)} />
      )}
      <div className="relative min-h-0 flex-1 border-t border-sep">
        <LogList
          label={`Log of run ${run.run}`}
          rows={rows}
          wrap={wrap}
          ranked={ranked}
          query={search.query}
          current={search.line}
          follow={follow}
          onFollow={changeFollow}
        />
        {rows.count === 0 && filtered && rows.complete && (
          <div className="absolute inset-x-0 top-10 flex flex-col items-center gap-3 text-text-2">
            <p>No {filterName(filter)} in this run.</p>
            <Button onClick={() => setFilter({ ...EVERY_LINE, checks: filter.checks })}>
              Show all lines
            </Button>
          </div>
        )}
        {!follow && !filtered && fresh > 0 && run.outcome === 'running' && (
          <Button
            className="absolute bottom-3 left-1/2 -translate-x-1/2 !bg-bg-pop shadow-pop"
            onClick={() => setFollow(true)}
          >
            {formatCount(fresh, 'new line')}
          </Button>
        )}
      </div>
      <LogFooter
        extent={log.extent}
        filtered={filtered}
        checks={filter.checks}
        onChecks={(checks) => setFilter({ ...filter, checks })}
        follow={follow}
        onFollow={changeFollow}
      />
    </div>
  );
}
