import { Search, X } from 'lucide-react';
import type { KeyboardEvent, ReactNode } from 'react';

import { classNames } from './class-names';
import { shortcutLabel } from './platform';

interface SearchFieldProps {
  readonly value: string;
  readonly onChange: (value: string) => void;
  /** Its name and its placeholder, e.g. `Search servers`. */
  readonly label: string;
  /** Cmd-F goes to the view's search; of several the last in the page is taken. */
  readonly viewSearch?: boolean;
  readonly width?: string;
  /** In a small window it is an icon until it is used. */
  readonly collapses?: boolean;
  readonly right?: ReactNode;
  readonly onKeyDown?: (event: KeyboardEvent<HTMLInputElement>) => void;
}

/** An icon button until the focus is inside. */
const COLLAPSED =
  'narrow:not-focus-within:w-7 narrow:not-focus-within:gap-0 narrow:not-focus-within:bg-transparent narrow:not-focus-within:px-1.5 narrow:not-focus-within:[&>:not(svg)]:sr-only';

/** A search. Esc clears it, then leaves it. */
export function SearchField({
  value,
  onChange,
  label,
  viewSearch = true,
  width = 'w-[220px]',
  collapses = false,
  right,
  onKeyDown,
}: SearchFieldProps) {
  return (
    <label
      className={classNames(
        'flex h-7 items-center gap-1.5 rounded-button bg-fill-1 px-2 focus-within:shadow-[0_0_0_3px_var(--focus-ring)]',
        width,
        collapses && value === '' && COLLAPSED,
      )}
    >
      <Search aria-hidden="true" size={14} strokeWidth={1.5} className="shrink-0 text-text-2" />
      <input
        type="search"
        aria-label={label}
        placeholder={label}
        value={value}
        data-view-search={viewSearch || undefined}
        spellCheck={false}
        autoComplete="off"
        onChange={(event) => onChange(event.target.value)}
        onKeyDown={(event) => {
          onKeyDown?.(event);
          if (event.key !== 'Escape') return;
          event.stopPropagation();
          if (value) onChange('');
          else event.currentTarget.blur();
        }}
        className="selectable min-w-0 flex-1 bg-transparent text-base outline-none placeholder:text-text-2 focus-visible:outline-none"
      />
      {right}
      {value ? (
        <button
          type="button"
          aria-label="Clear search"
          onClick={() => onChange('')}
          className="rounded-tag text-text-2"
        >
          <X size={14} strokeWidth={1.5} />
        </button>
      ) : (
        viewSearch && (
          <span aria-hidden="true" className="text-caption text-text-3 medium:hidden">
            {shortcutLabel('F')}
          </span>
        )
      )}
    </label>
  );
}

/** Puts the cursor into the search of the view in front. Returns whether there is one. */
export function focusViewSearch(): boolean {
  const fields = [...document.querySelectorAll<HTMLInputElement>('input[data-view-search]')];
  const field = fields.findLast((candidate) => candidate.offsetParent !== null);
  field?.focus();
  field?.select();
  return field !== undefined;
}
