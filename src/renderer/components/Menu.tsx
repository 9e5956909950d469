import { Check } from 'lucide-react';
import { ContextMenu as RadixContextMenu, DropdownMenu } from 'radix-ui';
import type { ReactElement, ReactNode } from 'react';

import { useReason } from './refusal';

export interface MenuItem {
  readonly label: string;
  readonly onSelect: () => void;
  readonly icon?: ReactNode;
  readonly shortcut?: string | undefined;
  /** It changes something in the manager, so it is off while that cannot be done. */
  readonly writes?: boolean;
  /** Why it cannot act now. */
  readonly reason?: string | false | undefined;
  readonly danger?: boolean;
  /** One of a choice: whether it is the one that holds. */
  readonly checked?: boolean;
}

interface MenuProps {
  /** The button that opens it; must take a ref and props. */
  readonly trigger: ReactElement;
  readonly items: readonly (MenuItem | 'separator')[];
  readonly align?: 'start' | 'end';
}

const ITEM =
  'flex min-h-6 items-center gap-2 rounded-field px-2 py-0.5 text-base outline-none data-disabled:text-disabled data-highlighted:bg-accent-fill data-highlighted:text-white';

/** The parts of a menu, which a menu of a button and one of a right click have alike. */
type Parts = Pick<typeof DropdownMenu, 'Separator' | 'Item' | 'CheckboxItem' | 'ItemIndicator'>;

const CONTENT = 'z-40 min-w-44 rounded-row bg-bg-pop p-1 text-text-1 shadow-pop';

function itemElement(Part: Parts, item: MenuItem | 'separator', index: number) {
  if (item === 'separator') {
    return <Part.Separator key={`separator-${index}`} className="mx-2 my-1 h-px bg-sep" />;
  }
  const content = (
    <>
      {item.icon}
      <span>
        {item.label}
        {item.reason && <span className="block text-caption">{item.reason}</span>}
      </span>
      {item.shortcut && <span className="ml-auto pl-4 text-small opacity-75">{item.shortcut}</span>}
    </>
  );
  const shared = {
    disabled: Boolean(item.reason),
    onSelect: item.onSelect,
    className: item.danger ? `${ITEM} text-broken-text` : ITEM,
  };
  if (item.checked === undefined) {
    return (
      <Part.Item key={item.label} {...shared}>
        {content}
      </Part.Item>
    );
  }
  return (
    <Part.CheckboxItem key={item.label} {...shared} checked={item.checked}>
      <span className="w-3.5">
        <Part.ItemIndicator>
          <Check aria-hidden="true" size={14} strokeWidth={2} />
        </Part.ItemIndicator>
      </span>
      {content}
    </Part.CheckboxItem>
  );
}

type Items = readonly (MenuItem | 'separator')[];

/** The items as they are while nothing can be changed. */
function useRefused(items: Items): Items {
  const refusal = useReason(true);
  if (!refusal) return items;
  return items.map((item) =>
    item !== 'separator' && item.writes ? { ...item, reason: refusal } : item,
  );
}

/** A menu of actions. Not modal: the page below is not changed while it is open. */
export function Menu({ trigger, items: given, align = 'end' }: MenuProps) {
  const items = useRefused(given);
  return (
    <DropdownMenu.Root modal={false}>
      <DropdownMenu.Trigger asChild>{trigger}</DropdownMenu.Trigger>
      <DropdownMenu.Portal>
        <DropdownMenu.Content align={align} sideOffset={4} collisionPadding={8} className={CONTENT}>
          {items.map((item, index) => itemElement(DropdownMenu, item, index))}
        </DropdownMenu.Content>
      </DropdownMenu.Portal>
    </DropdownMenu.Root>
  );
}

interface ContextMenuProps {
  /** What is clicked with the right button; must take a ref and props. */
  readonly children: ReactElement;
  readonly items: readonly (MenuItem | 'separator')[];
}

/** The menu of a right click (or of the menu key) on something that has actions of its own. */
export function ContextMenu({ children, items: given }: ContextMenuProps) {
  const items = useRefused(given);
  return (
    <RadixContextMenu.Root modal={false}>
      <RadixContextMenu.Trigger asChild>{children}</RadixContextMenu.Trigger>
      <RadixContextMenu.Portal>
        <RadixContextMenu.Content collisionPadding={8} className={CONTENT}>
          {items.map((item, index) => itemElement(RadixContextMenu, item, index))}
        </RadixContextMenu.Content>
      </RadixContextMenu.Portal>
    </RadixContextMenu.Root>
  );
}

interface LazyContextMenuProps {
  readonly children: ReactElement;
  /** A {@link ContextItems} of its own; made when the menu opens, so that a long list has none before. */
  readonly content: ReactElement;
}

/** As {@link ContextMenu}, for something of which there are many. */
export function LazyContextMenu({ children, content }: LazyContextMenuProps) {
  return (
    <RadixContextMenu.Root modal={false}>
      <RadixContextMenu.Trigger asChild>{children}</RadixContextMenu.Trigger>
      <RadixContextMenu.Portal>
        <RadixContextMenu.Content collisionPadding={8} className={CONTENT}>
          {content}
        </RadixContextMenu.Content>
      </RadixContextMenu.Portal>
    </RadixContextMenu.Root>
  );
}

/** What a {@link LazyContextMenu} holds. */
export function ContextItems({ items: given }: { readonly items: Items }) {
  const items = useRefused(given);
  return items.map((item, index) => itemElement(RadixContextMenu, item, index));
}
