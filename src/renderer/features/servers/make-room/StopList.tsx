import { useId } from 'react';

import { Checkbox } from '@renderer/components/Checkbox';
import { classNames } from '@renderer/components/class-names';
import { Section } from '@renderer/components/Pane';
import { StateGlyph } from '@renderer/components/StateGlyph';
import { useNow } from '@renderer/components/use-now';
import { useServer } from '@renderer/live/use-live';
import type { FitReport, StoppableServer } from '@shared/domain/memory';
import { formatMemory } from '@shared/format/bytes';
import { type Room, roomText, stopReason } from './room';

interface StopListProps {
  readonly report: FitReport;
  readonly room: Room;
  readonly busy: boolean;
  readonly onTick: (profileId: string, ticked: boolean) => void;
}

/** The servers that could be stopped, with what each frees; a tick chooses it. */
export function StopList({ report, room, busy, onTick }: StopListProps) {
  const { text, warning } = roomText(report, room);
  return (
    <Section
      title="What to stop"
      right={
        <span role="status">
          {text}
          {warning && <span className="text-warning-text">{warning}</span>}
        </span>
      }
    >
      <ul aria-label="What to stop" className="-mx-3 narrow:-mx-2">
        {report.stoppable.map((one) => (
          <StopRow
            key={one.profileId}
            one={one}
            busy={busy}
            ticked={room.ticked.includes(one)}
            onTick={(ticked) => onTick(one.profileId, ticked)}
          />
        ))}
      </ul>
    </Section>
  );
}

interface StopRowProps {
  readonly one: StoppableServer;
  readonly ticked: boolean;
  readonly busy: boolean;
  readonly onTick: (ticked: boolean) => void;
}

function StopRow({ one, ticked, busy, onTick }: StopRowProps) {
  const server = useServer(one.profileId);
  const now = useNow(true);
  const id = useId();
  return (
    <li>
      <label
        htmlFor={id}
        className={classNames(
          'flex h-10 items-center gap-3 rounded-row px-3 narrow:px-2',
          ticked && 'bg-accent-tint',
        )}
      >
        <Checkbox checked={ticked} disabled={busy} id={id} onChange={onTick} />
        <StateGlyph glyph={one.busy && one.state === 'ready' ? 'busy' : one.state} />
        <span className="w-[116px] shrink-0 truncate font-semibold narrow:w-24" title={one.name}>
          {one.name}
        </span>
        <span className="min-w-0 flex-1 truncate text-small text-text-2">
          {stopReason(one, server, now)}
        </span>
        <span className="shrink-0">frees {formatMemory(one.freesBytes)}</span>
      </label>
    </li>
  );
}
