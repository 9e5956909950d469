import { ShieldCheck, Trash2, Wrench } from 'lucide-react';
import type { ReactNode } from 'react';

import { Button } from '@renderer/components/Button';
import { ErrorBlock } from '@renderer/components/ErrorBlock';
import { Section } from '@renderer/components/Pane';
import { ShortenedName } from '@renderer/components/ShortenedName';
import type { BulkAction, BulkVerb, ModelInUse } from '@renderer/domain/models/bulk';
import { LeftOutList } from '@renderer/domain/models/LeftOutList';
import { listed } from '@renderer/domain/models/model-rules';
import type { BulkProblem } from '@renderer/domain/models/use-bulk';
import { shortName } from '@renderer/text/model-text';
import { formatDisk } from '@shared/format/bytes';
import { formatCount } from '@shared/format/counts';
import { bytesOnDisk } from './library';

interface SelectionDetailProps {
  readonly selected: readonly ModelInUse[];
  readonly actions: readonly BulkAction[];
  readonly busy: boolean;
  readonly problem: BulkProblem | undefined;
  readonly onAction: (action: BulkAction) => void;
}

const ICONS: Readonly<Record<BulkVerb, ReactNode>> = {
  verify: <ShieldCheck size={14} strokeWidth={1.5} />,
  repair: <Wrench size={14} strokeWidth={1.5} />,
  delete: <Trash2 size={14} strokeWidth={1.5} />,
};

/** More of them say nothing new: all of them are in the table. */
const LISTED = 30;

/** Several models that are chosen together: what they take, who uses them, and what can be done with them. */
export function SelectionDetail(props: SelectionDetailProps) {
  const { selected, actions, busy, problem, onAction } = props;
  const models = selected.map(({ model }) => model);
  const away = models.filter(({ state }) => state === 'unmounted').length;
  const inUse = selected.filter(({ use }) => use.running.length > 0);
  const kept = actions.find(({ verb }) => verb === 'delete')?.leftOut ?? [];
  return (
    <div className="p-5 pt-0">
      <h2 className="pr-6 text-inspector font-semibold">
        {formatCount(models.length, 'model')} selected
      </h2>
      <p className="mt-1 text-small text-text-2 tabular-nums">
        {formatDisk(bytesOnDisk(models))} on disk
        {away > 0 && `, without ${away} on a disk that is not mounted`}
      </p>
      <div className="mt-3 flex flex-wrap gap-2">
        {actions.map((action) => (
          <Button
            key={action.verb}
            writes
            icon={ICONS[action.verb]}
            busy={busy && action.verb !== 'delete'}
            reason={action.reason}
            onClick={() => onAction(action)}
          >
            {action.label}
          </Button>
        ))}
      </div>
      {problem && (
        <ErrorBlock
          className="mt-3"
          sentence={problem.title}
          detail={<LeftOutList leftOut={problem.failed} />}
        />
      )}
      <Section title="In use" right={inUse.length > 0 && formatCount(inUse.length, 'model')}>
        {inUse.length === 0 && <p className="text-text-2">No server uses any of them now.</p>}
        <ul aria-label="Models in use">
          {inUse.map(({ model, use }) => (
            <li key={model.ref} className="py-1 wrap-anywhere">
              <span dir="auto">{shortName(model)}</span>
              <span className="text-text-2">, by {listed(use.running)}</span>
            </li>
          ))}
        </ul>
      </Section>
      {kept.length > 0 && (
        <Section title="Cannot be deleted now" right={formatCount(kept.length, 'model')}>
          <LeftOutList leftOut={kept} />
        </Section>
      )}
      <Section title="Selected" right={formatCount(models.length, 'model')}>
        <ul aria-label="Selected models">
          {models.slice(0, LISTED).map((model) => (
            <li key={model.ref} className="flex gap-3 py-1">
              <ShortenedName name={shortName(model)} className="flex-1" />
              <span className="shrink-0 text-text-2 tabular-nums">
                {formatDisk(model.sizeBytes)}
              </span>
            </li>
          ))}
        </ul>
        {models.length > LISTED && (
          <p className="py-1 text-small text-text-2">
            and {formatCount(models.length - LISTED, 'more', 'more')}
          </p>
        )}
      </Section>
    </div>
  );
}
