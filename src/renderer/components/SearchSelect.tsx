import { ChevronsUpDown } from 'lucide-react';
import { Popover } from 'radix-ui';
import { type KeyboardEvent, useId, useMemo, useRef, useState } from 'react';

import { classNames } from './class-names';
import { useControlProps } from './Form';
import { rowAfterKey } from './inspector-place';
import { matching, optionLines, type SearchOption } from './search-options';
import { SearchSelectList } from './SearchSelectList';

interface SearchSelectProps {
  readonly value: string;
  /** In groups that stand one after the other. */
  readonly options: readonly SearchOption[];
  readonly onChange: (value: string) => void;
  /** What stands there while it is closed: the name of what is chosen. */
  readonly shown: string;
  readonly placeholder: string;
  /** What the list is called. */
  readonly listLabel: string;
  readonly width?: string;
}

/** A pop-up of many options with a search: what is typed narrows the list, the arrows move in it, Enter chooses. */
export function SearchSelect(props: SearchSelectProps) {
  const { value, options, onChange, shown, placeholder, listLabel, width = 'w-72' } = props;
  const control = useControlProps();
  const listId = useId();
  const box = useRef<HTMLSpanElement>(null);
  /** Undefined while it is closed; empty until something is typed. */
  const [typed, setTyped] = useState<string>();
  const [active, setActive] = useState(0);
  const open = typed !== undefined;
  const found = useMemo(() => (open ? matching(options, typed) : []), [open, options, typed]);
  const lines = useMemo(() => optionLines(found), [found]);
  const at = Math.min(active, found.length - 1);
  const show = (): void => {
    if (open) return;
    setTyped('');
    setActive(
      Math.max(
        0,
        options.findIndex((option) => option.value === value),
      ),
    );
  };
  const choose = (option: SearchOption | undefined): void => {
    if (!option || option.reason !== undefined) return;
    setTyped(undefined);
    if (option.value !== value) onChange(option.value);
  };
  const handleKey = (event: KeyboardEvent): void => {
    const isArrow = event.key === 'ArrowDown' || event.key === 'ArrowUp';
    if (!open) {
      if (!isArrow) return;
      show();
    } else if (event.key === 'Enter') choose(found[at]);
    else {
      // Home and End are for the text.
      const isText = event.key === 'Home' || event.key === 'End';
      const next = isText ? undefined : rowAfterKey(event.key, at, found.length);
      if (next === undefined) return;
      setActive(next);
    }
    event.preventDefault();
  };
  const isInside = (event: { target: EventTarget | null }): boolean =>
    event.target instanceof Node && box.current?.contains(event.target) === true;
  return (
    <Popover.Root open={open} onOpenChange={(next) => !next && setTyped(undefined)}>
      <Popover.Anchor asChild>
        <span ref={box} className={classNames('relative inline-flex min-w-0 max-w-full', width)}>
          <input
            {...control}
            type="text"
            role="combobox"
            aria-expanded={open}
            aria-controls={open ? listId : undefined}
            aria-autocomplete="list"
            aria-activedescendant={open && found[at] ? `${listId}-${at}` : undefined}
            autoComplete="off"
            autoCapitalize="off"
            autoCorrect="off"
            spellCheck={false}
            placeholder={open && shown ? shown : placeholder}
            title={open ? undefined : shown}
            value={typed ?? shown}
            onChange={(event) => {
              setTyped(event.target.value);
              setActive(0);
            }}
            onFocus={(event) => event.currentTarget.select()}
            onClick={show}
            onKeyDown={handleKey}
            className="h-6 w-full min-w-0 truncate rounded-field bg-button pr-6 pl-2 text-base text-text-1 shadow-button focus:field-focus aria-invalid:outline-[1.5px] aria-invalid:outline-broken-glyph"
          />
          <ChevronsUpDown
            aria-hidden="true"
            size={12}
            strokeWidth={1.5}
            className="pointer-events-none absolute top-1.5 right-1.5 text-text-2"
          />
        </span>
      </Popover.Anchor>
      <Popover.Portal>
        <Popover.Content
          role="presentation"
          align="end"
          sideOffset={4}
          collisionPadding={8}
          onOpenAutoFocus={(event) => event.preventDefault()}
          onCloseAutoFocus={(event) => event.preventDefault()}
          onInteractOutside={(event) => {
            if (isInside(event)) event.preventDefault();
          }}
          // The focus stays in the field.
          onMouseDown={(event) => event.preventDefault()}
          className="z-40 w-[460px] max-w-[calc(100vw-16px)] rounded-row bg-bg-pop text-text-1 shadow-pop"
        >
          <SearchSelectList
            id={listId}
            label={listLabel}
            lines={lines}
            active={at}
            value={value}
            onPoint={setActive}
            onChoose={choose}
          />
          {found.length === 0 && (
            <p role="status" className="px-3 py-2 text-text-2">
              Nothing is called “{typed}”.
            </p>
          )}
        </Popover.Content>
      </Popover.Portal>
    </Popover.Root>
  );
}
