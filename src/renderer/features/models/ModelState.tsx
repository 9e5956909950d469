import { X } from 'lucide-react';

import { Button, IconButton } from '@renderer/components/Button';
import { classNames } from '@renderer/components/class-names';
import { errorSentence } from '@renderer/components/ErrorBlock';
import { ProgressBar } from '@renderer/components/Meter';
import { type Family, type Glyph, glyphFamily, StateGlyph } from '@renderer/components/StateGlyph';
import { DownloadProgress } from '@renderer/domain/downloads/DownloadProgress';
import type { DownloadActions } from '@renderer/domain/downloads/use-download-actions';
import { repairReason } from '@renderer/domain/models/model-rules';
import {
  type Activity,
  downloadOf,
  inUseOf,
  verificationOf,
} from '@renderer/domain/models/use-in-use';
import { useRpcCommand } from '@renderer/queries/use-rpc';
import { alsoIn, shortName } from '@renderer/text/model-text';
import type { Model, VerifyJob } from '@shared/domain/model';
import { formatDisk, formatDiskOf } from '@shared/format/bytes';
import { formatCount } from '@shared/format/counts';

const STATES: Readonly<Record<Model['state'], { glyph: Glyph; label: string }>> = {
  complete: { glyph: 'ok', label: 'Complete' },
  incomplete: { glyph: 'draining', label: 'Incomplete' },
  damaged: { glyph: 'failed', label: 'Damaged' },
  unmounted: { glyph: 'no', label: 'Not mounted' },
  unusable: { glyph: 'no', label: 'Not usable' },
};

const COLOURS: Partial<Readonly<Record<Family, string>>> = {
  ready: 'text-ready-text',
  broken: 'text-broken-text',
};

/** The state's word, everywhere. */
export function modelStateWord(model: Pick<Model, 'state'>): string {
  return STATES[model.state].label;
}

/** How much of it, or why. */
export function stateAmount(model: Model): string | undefined {
  const { state, copies, damaged, missing = [], expectedBytes, sizeBytes } = model;
  switch (state) {
    case 'complete': {
      const bytes = copies?.reduce((sum, copy) => sum + copy.sizeBytes, 0) ?? 0;
      return copies?.length ? `${alsoIn(copies)}, ${formatDisk(bytes)}` : undefined;
    }
    case 'damaged':
      return damaged ? `${damaged.files} of ${formatCount(damaged.of, 'file')}` : missing[0];
    case 'incomplete': {
      if (expectedBytes !== undefined && expectedBytes > sizeBytes) {
        return formatDiskOf(sizeBytes, expectedBytes);
      }
      const more = missing.length > 1 ? ` and ${missing.length - 1} more` : '';
      return `${missing[0] ?? 'files are missing'}${more}`;
    }
    case 'unmounted':
      return model.disk;
    case 'unusable':
      return model.unusable;
  }
}

interface ModelStateProps {
  readonly model: Model;
  readonly activity: Activity;
}

/** What is true of its files, or what is happening to them, and what mends it. */
export function ModelState({
  model,
  activity,
  actions,
}: ModelStateProps & { readonly actions: DownloadActions }) {
  const download = downloadOf(model, activity);
  if (download) return <DownloadProgress download={download} actions={actions} />;
  const job = verificationOf(model, activity);
  if (job) return <Verifying job={job} />;
  const { glyph, label } = STATES[model.state];
  const amount = stateAmount(model);
  return (
    <span className="flex min-w-0 items-center gap-2 text-small">
      <span className="min-w-0 flex-1">
        <span className={classNames('flex items-center gap-1.5', COLOURS[glyphFamily(glyph)])}>
          <StateGlyph glyph={glyph} size={13} />
          {label}
        </span>
        {amount && (
          <span className="block truncate pl-[19px] text-text-2" title={amount}>
            {amount}
          </span>
        )}
      </span>
      <Fix model={model} activity={activity} />
    </span>
  );
}

function Fix({ model, activity }: ModelStateProps) {
  if (model.state === 'damaged') return <RepairButton model={model} activity={activity} />;
  if (model.state === 'incomplete' && model.hubRef !== undefined) {
    return <ResumeButton model={model} hubRef={model.hubRef} />;
  }
  return null;
}

/** Fetches only what is bad. */
export function RepairButton({ model, activity }: ModelStateProps) {
  const repair = useRpcCommand('models.repair');
  const bytes = model.damaged?.bytes;
  const label = bytes ? `Repair ${formatDisk(bytes)}` : 'Repair';
  return (
    <Tried error={repair.error}>
      <Button
        writes
        size="small"
        busy={repair.isPending}
        reason={repairReason(model, inUseOf(model, activity))}
        aria-label={`${label} of ${shortName(model)}`}
        onClick={() => repair.mutate({ ref: model.ref })}
      >
        {label}
      </Button>
    </Tried>
  );
}

function ResumeButton({ model, hubRef }: { readonly model: Model; readonly hubRef: string }) {
  const start = useRpcCommand('downloads.start');
  const { revision } = model;
  return (
    <Tried error={start.error}>
      <Button
        writes
        size="small"
        busy={start.isPending}
        aria-label={`Resume ${shortName(model)}`}
        onClick={() =>
          start.mutate({ ref: hubRef, ...(revision === undefined ? {} : { revision }) })
        }
      >
        Resume
      </Button>
    </Tried>
  );
}

/** A button, and why its last try did not work. */
function Tried({
  error,
  children,
}: {
  readonly error: Error | null;
  readonly children: React.ReactNode;
}) {
  if (!error) return children;
  const sentence = errorSentence(error);
  return (
    <span className="flex min-w-0 flex-col items-end">
      {children}
      <span
        role="alert"
        title={sentence}
        className="max-w-full truncate text-caption text-broken-text"
      >
        {sentence}
      </span>
    </span>
  );
}

/** How far the look at every byte is. */
export function Verifying({ job }: { readonly job: VerifyJob }) {
  const cancel = useRpcCommand('models.cancelVerify');
  const { ref, name, bytes, total, files } = job;
  const fraction = total > 0 ? bytes / total : files.done / Math.max(1, files.total);
  return (
    <span className="flex min-w-0 items-center gap-2 text-small">
      <span className="min-w-0 flex-1">
        <ProgressBar fraction={fraction} label={`Verification of ${name}`} />
        <span className="mt-1 block truncate leading-4 text-text-2">
          Verifying,{' '}
          {total > 0 ? formatDiskOf(bytes, total) : `${files.done} of ${files.total} files`}
        </span>
      </span>
      <IconButton
        writes
        size="small"
        label={`Cancel the verification of ${name}`}
        onClick={() => cancel.mutate({ ref })}
      >
        <X size={14} strokeWidth={1.5} />
      </IconButton>
    </span>
  );
}
