import { Badge } from '@renderer/components/Badge';
import { Meter } from '@renderer/components/Meter';
import { Section } from '@renderer/components/Pane';
import { needParts } from '@renderer/domain/memory/fit-parts';
import { MeterLegend } from '@renderer/domain/memory/FitBar';
import { useLive } from '@renderer/live/use-live';
import { useRpcQuery } from '@renderer/queries/use-rpc';
import { verdictOf } from '@renderer/text/fit-text';
import type { FitReport } from '@shared/domain/memory';
import { freeText } from '@shared/domain/memory-labels';
import type { Server } from '@shared/domain/server';
import { hasProcess } from '@shared/domain/server-state';
import { formatMemory } from '@shared/format/bytes';
import { againstEstimate, measuredParts } from './measured';

/** What the profile needs, and beside it what its server takes. */
export function MemorySection({ server }: { readonly server: Server }) {
  const sampled = useLive((data) => data.samples[server.profileId]?.memoryBytes);
  const figure = useLive((data) => data.machine.memoryFigure);
  const running = hasProcess(server.state);
  const fit = useRpcQuery('profiles.fit', { profileId: server.profileId }).data?.fit;
  const history = useRpcQuery(
    'metrics.history',
    { profileId: server.profileId },
    { enabled: running },
  );
  const bytes = running ? (sampled ?? server.memoryBytes) : undefined;
  if (bytes === undefined && !fit) return null;
  const peak = bytes === undefined ? 0 : Math.max(bytes, history.data?.peakMemoryBytes ?? 0);
  // The process was started with other settings than those that are estimated.
  const isOther = server.restartNeeded || server.safeMode === true;
  const free = fit && !running ? Math.max(0, fit.limit - fit.inUse) : 0;
  const scale = Math.max(fit?.total ?? 0, free, peak, 1);
  return (
    <Section title="Memory" right={<Summary {...{ fit, bytes, isOther, figure }} />}>
      <div className="grid grid-cols-[72px_minmax(0,1fr)_auto] items-center gap-x-3 gap-y-1.5">
        {fit && <EstimateBar fit={fit} scale={scale} free={running ? undefined : free} />}
        {bytes !== undefined && (
          <MeasuredBar
            bytes={bytes}
            peak={peak}
            scale={scale}
            estimate={isOther ? undefined : fit?.total}
          />
        )}
        {fit && (
          <div className="col-span-2 col-start-2 -mt-1">
            <MeterLegend parts={needParts(fit)} />
          </div>
        )}
      </div>
      {fit?.unknown.map((sentence) => (
        <p key={sentence} className="mt-2 text-small text-text-2">
          {sentence}
        </p>
      ))}
    </Section>
  );
}

type Fit = FitReport['fit'];

interface SummaryProps {
  readonly fit: Fit | undefined;
  readonly bytes: number | undefined;
  readonly isOther: boolean;
  readonly figure: 'rss' | 'phys_footprint';
}

function Summary({ fit, bytes, isOther, figure }: SummaryProps) {
  if (!fit)
    return figure === 'rss'
      ? 'Resident memory of all its processes'
      : 'Footprint of all its processes';
  if (bytes === undefined) {
    const { glyph, label } = verdictOf(fit);
    return (
      <span className="flex items-center gap-2.5">
        {freeText({ fit })}
        <Badge glyph={glyph}>{label}</Badge>
      </span>
    );
  }
  if (isOther) return 'Estimate for the edited profile';
  return againstEstimate(bytes, fit);
}

interface EstimateBarProps {
  readonly fit: Fit;
  readonly scale: number;
  /** What is free for it; absent once it has its memory. */
  readonly free: number | undefined;
}

function EstimateBar({ fit, scale, free }: EstimateBarProps) {
  const parts = needParts(fit);
  const said = parts.map(({ label, value }) => `${label} ${formatMemory(value)}`).join(', ');
  return (
    <>
      <span className="text-text-2">{fit.learnedPeak === undefined ? 'Estimate' : 'Needs'}</span>
      <Meter
        height={10}
        total={scale}
        tick={free !== undefined && free < fit.total ? free : undefined}
        label={`Needs ${formatMemory(fit.total)}: ${said}`}
        parts={parts}
      />
      <span className="min-w-32 text-right">{formatMemory(fit.total)}</span>
    </>
  );
}

interface MeasuredBarProps {
  readonly bytes: number;
  readonly peak: number;
  readonly scale: number;
  readonly estimate: number | undefined;
}

function MeasuredBar({ bytes, peak, scale, estimate }: MeasuredBarProps) {
  return (
    <>
      <span className="text-text-2">Measured</span>
      <Meter
        height={10}
        total={scale}
        tick={peak}
        label={`Measured ${formatMemory(bytes)}, peak ${formatMemory(peak)}`}
        parts={measuredParts(bytes, estimate)}
      />
      <span className="min-w-32 text-right">
        {formatMemory(bytes)} <span className="text-text-2">· peak {formatMemory(peak)}</span>
      </span>
    </>
  );
}
