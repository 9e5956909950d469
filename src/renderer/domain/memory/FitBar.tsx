import { Meter, type MeterPart } from '@renderer/components/Meter';
import type { FitEstimate } from '@shared/domain/memory';
import { formatGib, formatMemory } from '@shared/format/bytes';
import { sumParts } from './fit-parts';

/** What is in use and what the model needs, on the scale of the limit; a tick where the limit is passed. */
export function FitBar({ fit }: { readonly fit: FitEstimate }) {
  const parts = sumParts(fit);
  const sum = parts.reduce((total, { value }) => total + value, 0);
  const isOver = sum > fit.limit;
  const said = parts.map(({ label, value }) => `${label} ${formatMemory(value)}`).join(', ');
  return (
    <div>
      <Meter
        height={10}
        total={Math.max(fit.limit, sum)}
        tick={isOver ? fit.limit : undefined}
        label={`${said}, of ${formatMemory(fit.limit)}`}
        parts={parts}
      />
      <MeterLegend parts={parts} />
      {isOver && (
        <p className="mt-1 text-caption text-text-3">
          {`${formatMemory(sum - fit.limit)} over the ${formatMemory(fit.limit)} limit`}
        </p>
      )}
    </div>
  );
}

/** Names and GiB of a meter's parts, in their colours. */
export function MeterLegend({ parts }: { readonly parts: readonly MeterPart[] }) {
  return (
    <ul aria-hidden="true" className="mt-2 flex flex-wrap gap-x-3 gap-y-1 text-caption text-text-2">
      {parts.map(({ label, value, colour }) => (
        <li key={label} className="flex items-center gap-1.5">
          <i className={`size-2 rounded-xs ${colour}`} />
          {label} {formatGib(value)}
        </li>
      ))}
    </ul>
  );
}
