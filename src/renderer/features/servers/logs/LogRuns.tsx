import { ChevronsUpDown } from 'lucide-react';

import { Button } from '@renderer/components/Button';
import { classNames } from '@renderer/components/class-names';
import { Menu } from '@renderer/components/Menu';
import { StateGlyph } from '@renderer/components/StateGlyph';
import { useLive } from '@renderer/live/use-live';
import type { LogRun } from '@shared/domain/log';
import type { ServerState } from '@shared/domain/server-state';
import { formatDay } from '@shared/format/dates';
import { formatDuration } from '@shared/format/durations';
import { glyphOf } from './run-glyph';

function runFacts(run: LogRun): string {
  const end = run.endedAt ? new Date(run.endedAt).getTime() : Date.now();
  const length = formatDuration((end - new Date(run.startedAt).getTime()) / 1000);
  return run.ended ? `${length}, ${run.ended}` : length;
}

interface LogRunsProps {
  readonly runs: readonly LogRun[];
  readonly selected: number;
  /** Of the server, for the run that goes on. */
  readonly state: ServerState | undefined;
  readonly onSelect: (run: number) => void;
}

/** The kept runs, each with how it ended. */
export function LogRunList({ runs, selected, state, onSelect }: LogRunsProps) {
  const kept = useLive(
    ({ settings }) => `Kept: ${settings.logFilesKept} files of ${settings.logFileMegabytes} MB.`,
  );
  return (
    <nav aria-label="Runs" className="w-[228px] shrink-0 overflow-y-auto border-r border-sep py-3">
      <h3 className="px-4 pb-1.5 text-caption font-medium text-text-2">Runs</h3>
      <ul>
        {runs.map((run) => (
          <li key={run.run} className="px-2">
            <button
              type="button"
              aria-current={run.run === selected || undefined}
              onClick={() => onSelect(run.run)}
              className={classNames(
                'flex h-[50px] w-full gap-2.5 rounded-row px-2.5 py-1.5 text-left focus-visible:-outline-offset-2',
                run.run === selected && 'bg-accent-tint',
              )}
            >
              <StateGlyph glyph={glyphOf(run, state)} size={13} className="mt-0.5" />
              <span className="min-w-0 flex-1">
                <span className="flex justify-between gap-2">
                  <span className="font-medium">Run {run.run}</span>
                  <span className="text-small text-text-2">{formatDay(run.startedAt)}</span>
                </span>
                <span className="block truncate text-caption text-text-2">{runFacts(run)}</span>
              </span>
            </button>
          </li>
        ))}
      </ul>
      <p className="px-4 pt-3 text-caption text-text-3">
        {kept} The oldest runs are deleted first.
      </p>
    </nav>
  );
}

/** The same as a menu, where there is no room for a column. */
export function LogRunMenu({ runs, selected, state, onSelect }: LogRunsProps) {
  const current = runs.find((run) => run.run === selected);
  if (!current) return null;
  return (
    <Menu
      align="start"
      trigger={
        <Button>
          <StateGlyph glyph={glyphOf(current, state)} size={13} />
          Run {current.run}
          <ChevronsUpDown aria-hidden="true" size={12} strokeWidth={1.5} />
        </Button>
      }
      items={runs.map((run) => ({
        label: `Run ${run.run}, ${formatDay(run.startedAt)}`,
        shortcut: runFacts(run),
        icon: <StateGlyph glyph={glyphOf(run, state)} size={13} />,
        onSelect: () => onSelect(run.run),
      }))}
    />
  );
}
