import type { MouseEvent } from 'react';

import { classNames } from '@renderer/components/class-names';
import { ContextMenu, type MenuItem } from '@renderer/components/Menu';
import { ShortenedName } from '@renderer/components/ShortenedName';
import { useDownloadActions } from '@renderer/domain/downloads/use-download-actions';
import { useDownloadMenu } from '@renderer/domain/downloads/use-download-menu';
import { type Activity, downloadOf } from '@renderer/domain/models/use-in-use';
import { lastUsedText, originOf, shortName, usedByText } from '@renderer/text/model-text';
import type { Model } from '@shared/domain/model';
import { formatDisk } from '@shared/format/bytes';
import { formatContext } from '@shared/format/counts';
import { COLUMNS, ROOMY } from './ModelHeader';
import { ModelState } from './ModelState';

export const ROW_PX = 58;

interface ModelRowProps {
  readonly id: string;
  readonly index: number;
  /** Where it stands in the table, px. */
  readonly top: number;
  readonly isLast: boolean;
  readonly model: Model;
  readonly activity: Activity;
  readonly selected: boolean;
  /** The one that the arrows go on from. */
  readonly isLead: boolean;
  /** Others are chosen with it, so that its menu is about all of them. */
  readonly isOneOfMany: boolean;
  readonly onClick: (event: MouseEvent) => void;
  /** What a right click offers beside what its download has. */
  readonly menu: readonly (MenuItem | 'separator')[];
}

/** One model: what it is, who uses it, and what is true of its files. */
export function ModelRow(props: ModelRowProps) {
  const { id, index, top, isLast, model, activity, selected, isLead, isOneOfMany, menu } = props;
  const download = downloadOf(model, activity);
  const actions = useDownloadActions(download);
  const coming = useDownloadMenu(download, actions);
  const own = isOneOfMany ? [] : coming.items;
  const items = own.length > 0 ? [...own, 'separator' as const, ...menu] : menu;
  const isRunning = model.usedBy.some((name) => activity.running.has(name));
  const size = model.expectedBytes ?? model.sizeBytes;
  const row = (
    <tr
      id={id}
      aria-rowindex={index + 2}
      aria-selected={selected}
      onClick={(event) => {
        const isButton = event.target instanceof Element && event.target.closest('button, dialog');
        if (!isButton) props.onClick(event);
      }}
      className={classNames(
        COLUMNS,
        'absolute inset-x-0 top-0 cursor-default rounded-row px-3',
        selected && 'bg-accent-tint',
        isLead && 'outline-accent group-focus-visible:outline-2 -outline-offset-2',
        !selected &&
          !isLast &&
          'after:absolute after:inset-x-3 after:bottom-0 after:h-px after:bg-sep',
      )}
      style={{ height: ROW_PX, transform: `translateY(${top}px)` }}
    >
      <td className="min-w-0">
        <p className="font-semibold">
          <ShortenedName name={shortName(model)} />
        </p>
        <p className="truncate text-left text-small text-text-2" title={originOf(model)} dir="auto">
          {originOf(model)}
        </p>
      </td>
      <td className="text-small tabular-nums">
        <p>{formatDisk(size)}</p>
        {model.bits !== undefined && <p className="text-text-2">{model.bits}-bit</p>}
      </td>
      <td className={classNames(ROOMY, 'text-small tabular-nums')}>
        {model.contextLength !== undefined && formatContext(model.contextLength)}
      </td>
      <td className={classNames('text-small', model.usedBy.length === 0 && 'text-text-2')}>
        {(model.unused || model.usedBy.length > 0) && usedByText(model.usedBy)}
      </td>
      <td className={classNames(ROOMY, 'truncate text-small text-text-2 tabular-nums')}>
        {lastUsedText(model.lastUsedAt, isRunning, Date.now())}
      </td>
      <td className="min-w-0 text-small">
        <ModelState model={model} activity={activity} actions={actions} />
        {coming.dialog}
      </td>
    </tr>
  );
  return <ContextMenu items={items}>{row}</ContextMenu>;
}
