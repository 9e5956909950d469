import { Meter } from '@renderer/components/Meter';
import { Tooltip } from '@renderer/components/Tooltip';
import { formatGib, formatMemory } from '@shared/format/bytes';
import { useMemoryUse } from './machine-memory';

/** The machine's memory at the foot of the sidebar. */
export function MachineGauge() {
  const { servers, others, free, total } = useMemoryUse();
  return (
    <div>
      <div className="flex items-baseline justify-between text-caption">
        <span className="font-medium">Memory</span>
        <span className="text-text-2">
          {formatGib(free)} of {formatMemory(total)} free
        </span>
      </div>
      <div className="my-2">
        <Meter
          total={total}
          label={`Memory: servers ${formatMemory(servers)}, others ${formatMemory(others)}, free ${formatMemory(free)}`}
          parts={[
            { label: 'servers', value: servers, colour: 'bg-memory-1' },
            { label: 'others', value: others, colour: 'bg-others' },
          ]}
        />
      </div>
      <div className="flex gap-3 text-caption text-text-2">
        <span className="flex items-center gap-1.5">
          <i className="size-2 rounded-xs bg-memory-1" />
          {formatGib(servers)} servers
        </span>
        <span className="flex items-center gap-1.5">
          <i className="size-2 rounded-xs bg-others" />
          {formatGib(others)} others
        </span>
      </div>
    </div>
  );
}

const RADIUS = 14.5;
const ROUND = 2 * Math.PI * RADIUS;

/** The same as a 36 px ring, for the icon rail. */
export function MachineRing() {
  const { servers, others, free, total } = useMemoryUse();
  const parts = [
    { label: 'servers', share: servers / total, start: 0, colour: 'var(--memory-1)' },
    { label: 'others', share: others / total, start: servers / total, colour: 'var(--others)' },
  ];
  const text = `Servers ${formatMemory(servers)}, others ${formatMemory(others)}, free ${formatMemory(free)}`;
  return (
    <Tooltip text={text} side="right">
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: its numbers are in the tooltip */}
      <div tabIndex={0} role="img" aria-label={text} className="flex flex-col items-center">
        <svg aria-hidden="true" width="36" height="36" viewBox="0 0 36 36" className="-rotate-90">
          <circle cx="18" cy="18" r={RADIUS} fill="none" stroke="var(--track)" strokeWidth="6" />
          {parts.map((part) => (
            <circle
              key={part.label}
              cx="18"
              cy="18"
              r={RADIUS}
              fill="none"
              stroke={part.colour}
              strokeWidth="6"
              strokeDasharray={`${ROUND * part.share} ${ROUND}`}
              strokeDashoffset={-ROUND * part.start}
            />
          ))}
        </svg>
        <span className="mt-2 text-center text-caption text-text-2">
          <span className="block text-text-1">{formatGib(free)} GiB</span>
          free
        </span>
      </div>
    </Tooltip>
  );
}
