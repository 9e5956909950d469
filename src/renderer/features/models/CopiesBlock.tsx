import { Copy } from 'lucide-react';

import { Button } from '@renderer/components/Button';
import { errorSentence } from '@renderer/components/ErrorBlock';
import { useDeleteModel } from '@renderer/domain/models/DeletionHost';
import { deleteQuestion, deleteReason, listed } from '@renderer/domain/models/model-rules';
import { type Activity, inUseOf } from '@renderer/domain/models/use-in-use';
import { useLive } from '@renderer/live/use-live';
import { useRpcCommand } from '@renderer/queries/use-rpc';
import { DESKTOP_ONLY } from '@renderer/text/local-only';
import { copyPlace } from '@renderer/text/model-text';
import type { Model, ModelCopy } from '@shared/domain/model';
import { formatDisk } from '@shared/format/bytes';

interface CopiesBlockProps {
  readonly model: Model;
  readonly all: readonly Model[];
  readonly activity: Activity;
}

const PLACES = ['', '', 'two', 'three', 'four', 'five', 'six'];

/** The same weights in other places: what they cost, and what gives that back. */
export function CopiesBlock({ model, all, activity }: CopiesBlockProps) {
  const { copies = [] } = model;
  if (copies.length === 0) return null;
  const bytes = copies.reduce((sum, copy) => sum + copy.sizeBytes, 0);
  const places = copies.length + 1;
  return (
    <section aria-label="Copies" className="mt-4 flex gap-2.5 rounded-group bg-bg-group p-3">
      <Copy aria-hidden="true" size={16} strokeWidth={1.5} className="mt-px shrink-0 text-text-2" />
      <div className="min-w-0 flex-1">
        <h3>
          Same weights in {PLACES[places] ?? places} places, {formatDisk(bytes)}
        </h3>
        {copies.map((copy) => (
          <CopyPart
            key={copy.path}
            model={model}
            copy={copy}
            other={all.find(({ ref }) => ref === copy.ref)}
            activity={activity}
          />
        ))}
      </div>
    </section>
  );
}

interface CopyPartProps {
  readonly model: Model;
  readonly copy: ModelCopy;
  /** The copy as the library lists it. */
  readonly other: Model | undefined;
  readonly activity: Activity;
}

function usedSentence({ usedBy, ...place }: ModelCopy): string {
  const where = `the copy in ${copyPlace(place)}`;
  if (usedBy.length === 0) return `No profile uses ${where}.`;
  return `${listed(usedBy)} ${usedBy.length === 1 ? 'uses' : 'use'} ${where}.`;
}

function CopyPart({ model, copy, other, activity }: CopyPartProps) {
  const reveal = useRpcCommand('models.reveal');
  const share = useRpcCommand('models.share');
  const remove = useDeleteModel();
  const isDesktop = useLive((data) => data.desktop !== null);
  const kept = other && deleteReason(other, inUseOf(other, activity));
  const problem = share.error ?? reveal.error;
  return (
    <>
      <p className="mt-0.5 text-small text-text-2 wrap-anywhere">{usedSentence(copy)}</p>
      <div className="mt-2 flex flex-wrap gap-1.5">
        <Button
          writes
          size="small"
          reason={other ? kept : "That copy isn't in the library."}
          onClick={() => other && remove(other)}
        >
          {other && deleteQuestion(other) ? 'Delete that copy…' : 'Delete that copy'}
        </Button>
        <Button
          writes
          size="small"
          reason={isDesktop ? undefined : DESKTOP_ONLY}
          onClick={() => reveal.mutate({ ref: copy.ref })}
        >
          Reveal it
        </Button>
        <Button
          writes
          size="small"
          busy={share.isPending}
          reason={copy.cannotShare ?? kept}
          onClick={() => share.mutate({ ref: copy.ref, with: model.ref })}
        >
          Keep both, free {formatDisk(copy.sizeBytes)}
        </Button>
      </div>
      {problem && (
        <p role="alert" className="mt-1.5 text-small text-broken-text wrap-anywhere">
          {errorSentence(problem)}
        </p>
      )}
    </>
  );
}
