import { FolderOpen, Plus } from 'lucide-react';

import { Button } from '@renderer/components/Button';
import { CopyButton } from '@renderer/components/CopyButton';
import { ErrorBlock, errorSentence } from '@renderer/components/ErrorBlock';
import { Section } from '@renderer/components/Pane';
import { ModelMemory } from '@renderer/domain/memory/ModelMemory';
import { useDeleteModel } from '@renderer/domain/models/DeletionHost';
import { deleteLabel, deleteReason, profileReason } from '@renderer/domain/models/model-rules';
import { type Activity, inUseOf } from '@renderer/domain/models/use-in-use';
import { useLive } from '@renderer/live/use-live';
import { useRpcCommand } from '@renderer/queries/use-rpc';
import { navigate, routeHref } from '@renderer/routing/route';
import { DESKTOP_ONLY } from '@renderer/text/local-only';
import { ownerOf, placeOf, shortName } from '@renderer/text/model-text';
import type { Model } from '@shared/domain/model';
import { formatDate } from '@shared/format/dates';
import { CopiesBlock } from './CopiesBlock';
import { ModelFacts } from './ModelFacts';
import { ModelUsers } from './ModelUsers';

interface ModelDetailProps {
  readonly model: Model;
  readonly all: readonly Model[];
  readonly activity: Activity;
}

/** `mlx-community · apache-2.0 · downloaded Nov 12`. */
function subtitleOf(model: Model): string {
  const { origin, licence, downloadedAt } = model;
  if (origin === 'built-in') return 'Built in, for testing';
  const since = downloadedAt && `downloaded ${formatDate(downloadedAt)}`;
  return [ownerOf(model) ?? placeOf(model), licence, since].filter(Boolean).join(' · ');
}

/** The folders of a path and where each begins, so that lines end after a slash. */
function folderParts(path: string): [string, number][] {
  return [...path.matchAll(/[^/]*\/?/g)].flatMap(({ 0: part, index }) =>
    part === '' ? [] : [[part, index]],
  );
}

/** What is known of one model, and what can be done with it. */
export function ModelDetail({ model, all, activity }: ModelDetailProps) {
  return (
    <div className="p-5 pt-0">
      <h2 className="pr-6 text-[17px] leading-[22px] font-semibold break-words">
        {shortName(model)}
      </h2>
      <p className="mt-1 text-small text-text-2 break-words">{subtitleOf(model)}</p>
      <ModelButtons model={model} activity={activity} />
      <CopiesBlock model={model} all={all} activity={activity} />
      <Section>
        <ModelFacts model={model} activity={activity} />
      </Section>
      {model.state === 'complete' && (
        <ModelMemory modelRef={model.ref} contextLength={model.contextLength} />
      )}
      <ModelUsers names={model.usedBy} />
      <Section
        title="Where"
        right={<CopyButton text={model.path} label="Copy path" size="small" />}
      >
        <p className="selectable font-mono text-[12px] text-text-2">
          {folderParts(model.path).map(([part, at]) => (
            <span key={at} className="inline-block max-w-full break-all whitespace-pre-wrap">
              {part}
            </span>
          ))}
        </p>
      </Section>
    </div>
  );
}

function ModelButtons({ model, activity }: Omit<ModelDetailProps, 'all'>) {
  const reveal = useRpcCommand('models.reveal');
  const remove = useDeleteModel();
  const isDesktop = useLive((data) => data.desktop !== null);
  const lacking = profileReason(model);
  const kept = deleteReason(model, inUseOf(model, activity));
  const isGone = model.state === 'unmounted' ? lacking : undefined;
  return (
    <>
      <div className="mt-3 flex flex-wrap gap-2">
        <Button
          icon={<Plus size={14} />}
          reason={lacking}
          onClick={() => navigate(routeHref('servers', ['new'], { model: model.ref }))}
        >
          New profile
        </Button>
        <Button
          writes
          icon={<FolderOpen size={14} strokeWidth={1.5} />}
          reason={isDesktop ? isGone : DESKTOP_ONLY}
          busy={reveal.isPending}
          onClick={() => reveal.mutate({ ref: model.ref })}
        >
          Reveal
        </Button>
        <Button writes reason={kept} onClick={() => remove(model)}>
          {deleteLabel(model)}
        </Button>
      </div>
      {(kept ?? lacking) && (
        <p className="mt-2 text-caption text-text-3 wrap-anywhere">{kept ?? lacking}</p>
      )}
      {reveal.error && <ErrorBlock className="mt-3" sentence={errorSentence(reveal.error)} />}
    </>
  );
}
