import { Button } from '@renderer/components/Button';
import { classNames } from '@renderer/components/class-names';
import { StateGlyph } from '@renderer/components/StateGlyph';
import { useRowKeys } from '@renderer/components/use-row-keys';
import { useLive } from '@renderer/live/use-live';
import { jobOf } from '@renderer/text/engine-job-text';
import { formatDisk } from '@shared/format/bytes';
import { formatCount } from '@shared/format/counts';
import { type EngineEntry, engineLook } from './engine-look';
import { useEngineJobs } from './use-engine-jobs';

interface EngineListProps {
  readonly entries: readonly EngineEntry[];
  /** Undefined where the address names none. */
  readonly selected: string | undefined;
  readonly onSelect: (engine: string) => void;
  readonly titleOf: (engine: string) => string;
}

/** One row per engine, in an order that does not change. */
export function EngineList({ entries, selected, onSelect, titleOf }: EngineListProps) {
  const keys = useRowKeys<HTMLUListElement>(
    entries.map(({ id }) => id),
    selected,
    onSelect,
  );
  return (
    <ul ref={keys.ref} className="px-2 pt-0.5 pb-4" aria-label="Engines" onKeyDown={keys.onKeyDown}>
      {entries.map((entry) => (
        <EngineRow
          key={entry.id}
          entry={entry}
          selected={entry.id === selected}
          tabIndex={keys.tabIndexOf(entry.id)}
          onSelect={() => onSelect(entry.id)}
          titleOf={titleOf}
        />
      ))}
    </ul>
  );
}

interface EngineRowProps {
  readonly entry: EngineEntry;
  readonly selected: boolean;
  readonly tabIndex: 0 | -1;
  readonly onSelect: () => void;
  readonly titleOf: (engine: string) => string;
}

/** The whole row selects; its button stands above that. */
function EngineRow({ entry, selected, tabIndex, onSelect, titleOf }: EngineRowProps) {
  const { id, title, about } = entry;
  const installations = useLive((data) => data.installations.filter(({ engine }) => engine === id));
  const profiles = useLive((data) => data.profiles.filter(({ engine }) => engine === id).length);
  const job = jobOf(
    useLive((data) => Object.values(data.engineJobs)),
    id,
  );
  const jobs = useEngineJobs(id);
  const { glyph, version, fact } = engineLook({ entry, installations, job, titleOf });
  // How far it is needs the room more than who uses it.
  const isRunning = job?.state === 'running';
  const isOffered = installations.length === 0 && !isRunning;
  return (
    <li
      className={classNames(
        'relative h-[62px] rounded-row',
        selected
          ? 'bg-accent-tint'
          : 'before:absolute before:right-2 before:-bottom-px before:left-[37px] before:h-px before:bg-sep last:before:hidden',
      )}
    >
      <button
        type="button"
        data-row={id}
        aria-current={selected || undefined}
        tabIndex={tabIndex}
        onClick={onSelect}
        className="absolute inset-0 flex items-start gap-[11px] rounded-row px-3 py-2.5 text-left focus-visible:-outline-offset-2"
      >
        <span className="pt-0.5">
          <StateGlyph glyph={glyph} />
        </span>
        <span className="min-w-0 flex-1">
          <span className="flex h-[22px] justify-between gap-2">
            <span className="truncate font-semibold">{title}</span>
            {isOffered ? <ButtonRoom /> : <span className="shrink-0 text-text-2">{version}</span>}
          </span>
          <span className="flex justify-between gap-2 text-small text-text-2">
            <span className="truncate" title={fact}>
              {fact}
            </span>
            <span className={classNames('shrink-0', isRunning && 'narrow:hidden')}>
              {isOffered ? sizeText(about?.diskBytes) : usersText(profiles)}
            </span>
          </span>
        </span>
      </button>
      {isOffered && (
        <span className="absolute top-[9px] right-3 flex">
          <Button
            writes
            size="small"
            tabIndex={tabIndex}
            busy={jobs.busy}
            aria-label={`Install ${title}`}
            onClick={() => {
              // What becomes of it, a refusal too, is shown there.
              onSelect();
              jobs.install();
            }}
          >
            Install
          </Button>
        </span>
      )}
    </li>
  );
}

/** What an installation would take, where that is known. */
function sizeText(bytes: number | undefined): string {
  return bytes === undefined ? '' : formatDisk(bytes);
}

function usersText(profiles: number): string {
  return profiles === 0 ? 'No profiles' : formatCount(profiles, 'profile');
}

/** Keeps the name out of the way of the button that stands over the row. */
function ButtonRoom() {
  return (
    <span aria-hidden="true" className="invisible shrink-0 px-2 text-small font-medium">
      Install
    </span>
  );
}
