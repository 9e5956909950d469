import { ChartLine } from 'lucide-react';
import { type KeyboardEvent, useState } from 'react';

import { CopyButton } from '@renderer/components/CopyButton';
import { EmptyState } from '@renderer/components/EmptyState';
import { ErrorBlock, errorSentence } from '@renderer/components/ErrorBlock';
import { Segmented } from '@renderer/components/Segmented';
import { nearestIndex, TimeAxis, TimeChart } from '@renderer/components/TimeChart';
import { useLive } from '@renderer/live/use-live';
import { formatGib, formatMemory, GIB } from '@shared/format/bytes';
import { formatCpu } from '@shared/format/counts';
import { formatClock } from '@shared/format/dates';
import { gapsOf, useHistory } from './use-history';

const RANGES = [
  { value: '600', label: '10 min' },
  { value: '1800', label: '30 min' },
  { value: '3600', label: '1 hour' },
] as const;

/** The next round figure above a value, so that the axis does not move with each measurement. */
export function niceMax(value: number, least: number): number {
  const wanted = Math.max(value * 1.1, least);
  const power = 10 ** Math.floor(Math.log10(wanted));
  const step = [1, 2, 4, 5, 10].find((factor) => factor * power >= wanted) ?? 10;
  return step * power;
}

const highest = (values: readonly (number | null)[]) =>
  values.reduce<number>((most, value) => Math.max(most, value ?? 0), 0);
const clock = (seconds: number) => formatClock(seconds * 1000);

interface Measure {
  readonly name: string;
  readonly note?: string;
  readonly values: readonly (number | null)[];
  readonly max: number;
  readonly axis: (value: number) => string;
  readonly format: (value: number) => string;
}

/** CPU and memory over the last hour, on one time axis. */
export function MetricsTab({ profileId }: { readonly profileId: string }) {
  const history = useHistory(profileId);
  const step = useLive((data) => data.settings.sampleSeconds);
  const figure = useLive((data) => data.machine.memoryFigure);
  const [range, setRange] = useState<(typeof RANGES)[number]['value']>('600');
  const [cursor, setCursor] = useState<number>();
  if (history.error) return <ErrorBlock sentence={errorSentence(history.error)} />;
  const { data } = history;
  if (!data) return null;
  if (data.times.length === 0) {
    return (
      <EmptyState icon={<ChartLine size={32} strokeWidth={1.25} />} title="Nothing measured yet">
        The server's CPU and memory are measured every {step} s while it's running.
      </EmptyState>
    );
  }
  const to = Math.max(Date.now() / 1000, data.times.at(-1) ?? 0);
  const from = to - Number(range);
  const at = cursor === undefined ? data.times.length - 1 : nearestIndex(data.times, cursor);
  const measures: Measure[] = [
    {
      name: 'Memory',
      note:
        figure === 'rss'
          ? 'resident memory of all its processes'
          : 'footprint of all its processes',
      values: data.memoryBytes,
      max: niceMax(highest(data.memoryBytes) / GIB, 0.1) * GIB,
      axis: (value) => (value === 0 ? '0' : formatMemory(value)),
      format: formatMemory,
    },
    {
      name: 'CPU',
      note: '100 % is one core',
      values: data.cpuPercent,
      max: niceMax(highest(data.cpuPercent), 100),
      axis: formatCpu,
      format: formatCpu,
    },
  ];
  const handleKey = (event: KeyboardEvent): void => {
    const by = event.key === 'ArrowLeft' ? -1 : event.key === 'ArrowRight' ? 1 : 0;
    if (event.key === 'Escape') setCursor(undefined);
    if (by === 0) return;
    event.preventDefault();
    setCursor(data.times[Math.min(data.times.length - 1, Math.max(0, at + by))]);
  };
  const time = data.times[at] ?? to;
  const rows = () =>
    data.times
      .map((second, i) => {
        const memory = data.memoryBytes[i];
        const gib = memory == null ? '' : formatGib(memory);
        return `${new Date(second * 1000).toISOString()}\t${gib}\t${data.cpuPercent[i] ?? ''}`;
      })
      .join('\n');
  return (
    <div>
      <div className="mb-3 flex items-center gap-3">
        <Segmented aria-label="Time shown" value={range} options={RANGES} onChange={setRange} />
        <span className="text-small text-text-2 narrow:hidden">
          {clock(from)} to {clock(to)}, one value every {step} s
        </span>
        <span className="ml-auto text-small text-text-2">
          {cursor !== undefined && `At ${formatClock(time * 1000, true)}`}
        </span>
        <CopyButton
          labelled
          label="Copy values"
          text={() => `time\tmemory GiB\tCPU %\n${rows()}`}
        />
      </div>
      <div
        role="slider"
        tabIndex={0}
        aria-label="Point in time"
        aria-valuemin={0}
        aria-valuemax={data.times.length - 1}
        aria-valuenow={at}
        aria-valuetext={`${formatClock(time * 1000, true)}, ${measures
          .map(({ name, values, format }) => {
            const value = values[at];
            return `${name} ${value == null ? 'not measured' : format(value)}`;
          })
          .join(', ')}`}
        onKeyDown={handleKey}
        className="flex flex-col gap-3.5 rounded-field"
      >
        {measures.map((measure) => {
          const value = measure.values[at];
          return (
            <div key={measure.name}>
              <div className="mb-1 flex h-[18px] items-baseline gap-3">
                <span className="font-semibold">{measure.name}</span>
                <span className="text-caption text-text-3">{measure.note}</span>
                <span className="ml-auto font-medium">
                  {value == null ? 'not measured' : measure.format(value)}
                </span>
              </div>
              <TimeChart
                label={`${measure.name} from ${clock(from)} to ${clock(to)}`}
                times={data.times}
                values={measure.values}
                from={from}
                to={to}
                max={measure.max}
                format={measure.axis}
                gaps={gapsOf(data.times, measure.values, from, to, step)}
                cursor={cursor}
                onCursor={setCursor}
              />
            </div>
          );
        })}
        <TimeAxis from={from} to={to} format={clock} />
      </div>
    </div>
  );
}
