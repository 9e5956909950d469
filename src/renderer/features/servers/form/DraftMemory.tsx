import type { ReactNode } from 'react';

import { Badge } from '@renderer/components/Badge';
import { Button } from '@renderer/components/Button';
import { classNames } from '@renderer/components/class-names';
import { errorSentence } from '@renderer/components/ErrorBlock';
import { Meter, type MeterPart } from '@renderer/components/Meter';
import { needParts } from '@renderer/domain/memory/fit-parts';
import { shorterContext } from '@renderer/domain/memory/shorter-context';
import { CONTEXT } from '@renderer/domain/servers/server-actions';
import { verdictOf } from '@renderer/text/fit-text';
import type { FitReport } from '@shared/domain/memory';
import { atLeastATenth, freeText } from '@shared/domain/memory-labels';
import type { OptionValue } from '@shared/domain/profile';
import { formatGib, formatMemory } from '@shared/format/bytes';
import { formatNumber } from '@shared/format/counts';
import type { ProfileDraft } from './draft';
import { useDraftFit } from './use-draft-fit';

interface DraftMemoryProps {
  readonly draft: ProfileDraft;
  readonly profileId: string | undefined;
  readonly onOption: (key: string, value: OptionValue) => void;
}

/** The sum of what the draft would need; it follows every keystroke. */
export function DraftMemory({ draft, profileId, onOption }: DraftMemoryProps) {
  const { report, isStale, error } = useDraftFit(draft, profileId);
  if (!report || error) {
    return (
      <Frame>
        <p className="text-text-2">{error ? errorSentence(error) : noSumReason(draft, report)}</p>
      </Frame>
    );
  }
  const { fit } = report;
  const { glyph, label } = verdictOf(fit);
  return (
    <Frame right={<Badge glyph={glyph}>{label}</Badge>} busy={isStale}>
      <DraftBar fit={fit} isStale={isStale} />
      <Sum fit={fit} />
      <Suggestion report={report} onUse={(tokens) => onOption(CONTEXT, tokens)} />
      {fit.unknown.map((sentence) => (
        <p key={sentence} className="mt-3 text-small text-text-2">
          {sentence}
        </p>
      ))}
    </Frame>
  );
}

interface FrameProps {
  readonly right?: ReactNode;
  readonly busy?: boolean;
  readonly children: ReactNode;
}

function Frame({ right, busy = false, children }: FrameProps) {
  return (
    <aside aria-label="Memory" aria-busy={busy || undefined} className="min-w-0">
      <div className="mb-2 flex min-h-[22px] items-center justify-between gap-2">
        <h3 className="font-semibold">Memory</h3>
        {right}
      </div>
      {children}
    </aside>
  );
}

/** Why there is no sum. */
function noSumReason(draft: ProfileDraft, report: FitReport | null | undefined): string {
  if (draft.engine === 'custom') return "Memory can't be estimated for custom commands.";
  if (draft.model === '') return 'Choose a model to see how much memory it needs.';
  if (draft.cluster) return 'The engine decides how the model is split between machines.';
  return report === null
    ? "The model isn't on this machine, so its memory can't be estimated."
    : '';
}

type Fit = FitReport['fit'];

/** The parts held against what is free, which a tick marks. */
function DraftBar({ fit, isStale }: { readonly fit: Fit; readonly isStale: boolean }) {
  const free = Math.max(0, fit.limit - fit.inUse);
  // Leaves room at the right for the text below the tick.
  const scale = Math.max(free * 1.18, fit.total, 1);
  return (
    <div className={classNames('transition-opacity', isStale && 'opacity-60')}>
      <Meter
        height={14}
        total={scale}
        tick={free}
        label={`Needs ${formatMemory(fit.total)}, ${freeText({ fit })}`}
        parts={needParts(fit)}
      />
      <p className="mt-1.5 text-right text-caption text-text-2">
        {formatMemory(free)} {fit.limitSource === 'setting' && 'of your limit '}free
      </p>
    </div>
  );
}

function Sum({ fit }: { readonly fit: Fit }) {
  const left = fit.limit - fit.inUse - fit.total;
  return (
    <dl className="mt-2 @max-[700px]:flex @max-[700px]:flex-wrap @max-[700px]:gap-x-4">
      {needParts(fit).map((part) => (
        <SumLine key={part.label} label={<PartLabel part={part} fit={fit} />}>
          {formatGib(part.value)}
        </SumLine>
      ))}
      <SumLine
        label="Needs"
        className="mt-1 border-t border-sep pt-1.5 font-semibold @max-[700px]:mt-0 @max-[700px]:border-0 @max-[700px]:pt-0.5"
      >
        {formatMemory(fit.total)}
      </SumLine>
      <SumLine label={left < 0 ? 'Short' : 'Left over'}>
        <span className={fit.verdict === 'fits' ? '' : 'text-warning-text'}>
          {formatMemory(left < 0 ? atLeastATenth(-left) : left)}
        </span>
      </SumLine>
    </dl>
  );
}

interface SumLineProps {
  readonly label: ReactNode;
  readonly className?: string;
  readonly children: ReactNode;
}

function SumLine({ label, className, children }: SumLineProps) {
  return (
    <div className={classNames('flex justify-between gap-2 py-0.5', className)}>
      <dt className="text-small leading-[18px]">{label}</dt>
      <dd>{children}</dd>
    </div>
  );
}

function PartLabel({ part, fit }: { readonly part: MeterPart; readonly fit: Fit }) {
  const size = `${formatNumber(fit.context)} × ${formatNumber(fit.concurrency)}`;
  return (
    <span className="flex items-center gap-1.5 text-text-2">
      <i className={classNames('size-2 shrink-0 rounded-xs', part.colour)} />
      {part.label === 'KV cache' ? `KV cache, ${size}` : part.label}
    </span>
  );
}

interface SuggestionProps {
  readonly report: FitReport;
  readonly onUse: (tokens: number) => void;
}

/** A context with which it would fit better. */
function Suggestion({ report, onUse }: SuggestionProps) {
  const shorter = report.fit.verdict === 'fits' ? undefined : shorterContext(report);
  if (!shorter) return null;
  const tokens = formatNumber(shorter.context);
  return (
    <div className="mt-3">
      <p className="text-small text-text-2">
        {`With a context of ${tokens} tokens it needs ${formatMemory(shorter.total)} and leaves ${formatMemory(shorter.leftOver)}.`}
      </p>
      <Button size="small" className="mt-2" onClick={() => onUse(shorter.context)}>
        Use {tokens}
      </Button>
    </div>
  );
}
