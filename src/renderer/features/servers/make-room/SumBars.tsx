import { classNames } from '@renderer/components/class-names';
import { Meter } from '@renderer/components/Meter';
import { Section } from '@renderer/components/Pane';
import { MeterLegend } from '@renderer/domain/memory/FitBar';
import { LIMIT_LABELS } from '@renderer/text/fit-text';
import type { FitReport } from '@shared/domain/memory';
import { formatMemory } from '@shared/format/bytes';
import { type SumRow, sumLegend } from './sum-rows';

interface SumBarsProps {
  readonly report: FitReport;
  readonly rows: readonly SumRow[];
}

/** Room beside the longest bar, so that a line at its end is seen. */
const ROOM = 1.02;

/** What is in use and what the profile needs, in several ways, on one scale with the limit as a line. */
export function SumBars({ report, rows }: SumBarsProps) {
  const { limit, limitSource } = report.fit;
  const scale = Math.max(limit, ...rows.map(({ total }) => total)) * ROOM;
  return (
    <Section
      first
      title="Memory needed"
      right={`${LIMIT_LABELS[limitSource]} ${formatMemory(limit)}`}
    >
      <dl className="grid grid-cols-[136px_minmax(0,1fr)_auto] gap-x-3 narrow:grid-cols-[130px_minmax(0,1fr)_auto] narrow:gap-x-2">
        {rows.map((row, index) => (
          <div
            key={row.label}
            className={classNames(
              'col-span-3 grid h-[26px] grid-cols-subgrid items-center',
              index !== 1 && 'text-text-2',
            )}
          >
            <dt className="truncate" title={row.label}>
              {row.label}
            </dt>
            <SumBar row={row} limit={limit} scale={scale} />
            <dd
              className={classNames('text-right', row.isOver ? 'text-broken-text' : 'text-text-1')}
            >
              {formatMemory(row.total)}
            </dd>
          </div>
        ))}
      </dl>
      <div className="ml-[148px] narrow:ml-0">
        <MeterLegend parts={sumLegend(report)} />
      </div>
    </Section>
  );
}

interface SumBarProps {
  readonly row: SumRow;
  readonly limit: number;
  readonly scale: number;
}

function SumBar({ row, limit, scale }: SumBarProps) {
  const over = row.isOver ? `, ${formatMemory(row.total - limit)} over the limit` : '';
  return (
    <dd className="relative flex h-full items-center">
      <Meter
        bare
        height={10}
        total={scale}
        parts={row.parts}
        label={`${row.label}: ${formatMemory(row.total)}${over}`}
      />
      <span
        className="absolute inset-y-0 border-l border-dashed border-broken-glyph"
        style={{ left: `${(limit / scale) * 100}%` }}
      />
    </dd>
  );
}
