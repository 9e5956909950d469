import { useEffect, useRef } from 'react';

import { classNames } from '@renderer/components/class-names';
import { ownShortcutLabel, shortcutLabel } from '@renderer/components/platform';
import { actionIcon, isFilled } from './action-icons';
import { markMatches } from './find-actions';
import type { PaletteAction } from './palette-action';

interface PaletteRowProps {
  readonly id: string;
  readonly action: PaletteAction;
  /** What was typed. */
  readonly text: string;
  readonly selected: boolean;
  readonly onChoose: () => void;
  readonly onPoint: () => void;
}

/** The accent promises that Enter does something, so a row that cannot act never has it. */
function look({ reason }: PaletteAction, selected: boolean): string {
  if (reason) return selected ? 'bg-fill-2 text-text-2' : 'text-text-3';
  return selected ? 'bg-accent-fill text-white' : '';
}

/** One action: icon, name, what is worth knowing of it, and its key. */
export function PaletteRow({ id, action, text, selected, onChoose, onPoint }: PaletteRowProps) {
  const ref = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (selected) ref.current?.scrollIntoView({ block: 'nearest' });
  }, [selected]);
  const Icon = actionIcon(action.id);
  const quiet = selected || action.reason ? '' : 'text-text-2';
  const { shortcut, reason, fact } = action;
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the keys are the combobox's
    <div
      ref={ref}
      id={id}
      role="option"
      aria-selected={selected}
      aria-disabled={reason !== undefined}
      tabIndex={-1}
      onClick={onChoose}
      onPointerMove={onPoint}
      className={classNames(
        // Room for the heading above, which would stay out of sight for the first of a group.
        'flex h-[34px] scroll-mt-7 scroll-mb-1.5 items-center gap-2.5 rounded-row px-3',
        look(action, selected),
      )}
    >
      {Icon && (
        <Icon
          aria-hidden="true"
          size={16}
          strokeWidth={1.5}
          className={classNames('shrink-0', isFilled(action.id) && 'scale-80 fill-current')}
        />
      )}
      <span className="truncate">
        {markMatches(action.label, text).map((segment, index) =>
          segment.match ? (
            // biome-ignore lint/suspicious/noArrayIndexKey: segments have no other identity
            <b key={index} className="font-semibold">
              {segment.text}
            </b>
          ) : (
            segment.text
          ),
        )}
      </span>
      {/* Why it cannot act stays in sight, however long the name is. */}
      <span className={classNames('max-w-1/2 shrink-0 truncate text-small', quiet)}>
        {reason ?? fact}
      </span>
      {shortcut && !reason && (
        <kbd className={classNames('ml-auto font-sans text-small', quiet)}>
          {shortcut.own ? ownShortcutLabel(shortcut.key) : shortcutLabel(shortcut.key)}
        </kbd>
      )}
    </div>
  );
}
