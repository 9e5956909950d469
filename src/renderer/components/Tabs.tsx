import { Tabs as Radix } from 'radix-ui';
import type { ReactNode } from 'react';

export interface TabItem<V extends string> {
  readonly value: V;
  readonly label: ReactNode;
}

interface TabsProps<V extends string> {
  readonly value: V;
  readonly items: readonly TabItem<V>[];
  readonly onChange: (value: V) => void;
  readonly 'aria-label': string;
  /** What stands between the tab list and the panel, e.g. nothing. */
  readonly children: ReactNode;
  readonly className?: string;
  readonly listClassName?: string;
  readonly panelClassName?: string;
}

/** Tabs with the look of a segmented control; arrow keys move, Ctrl-Tab cycles. */
export function Tabs<V extends string>({
  value,
  items,
  onChange,
  'aria-label': label,
  children,
  className,
  listClassName,
  panelClassName,
}: TabsProps<V>) {
  const choose = (next: string | undefined) => {
    const item = items.find((candidate) => candidate.value === next);
    if (item) onChange(item.value);
  };
  return (
    <Radix.Root
      value={value}
      onValueChange={choose}
      onKeyDown={(event) => {
        if (event.key !== 'Tab' || !event.ctrlKey) return;
        event.preventDefault();
        const at = items.findIndex((item) => item.value === value);
        const step = event.shiftKey ? -1 : 1;
        choose(items[(at + step + items.length) % items.length]?.value);
      }}
      className={className}
    >
      <div className={listClassName}>
        <Radix.List
          aria-label={label}
          className="inline-flex h-7 items-center gap-px rounded-segment bg-fill-1 p-0.5 text-base narrow:h-6 narrow:text-small"
        >
          {items.map((item) => (
            <Radix.Trigger
              key={item.value}
              value={item.value}
              className="inline-flex h-full items-center rounded-field px-3 whitespace-nowrap text-text-2 transition-colors duration-[80ms] narrow:px-2.5 data-[state=active]:bg-pill data-[state=active]:font-medium data-[state=active]:text-text-1 data-[state=active]:shadow-button"
            >
              {item.label}
            </Radix.Trigger>
          ))}
        </Radix.List>
      </div>
      <Radix.Content value={value} tabIndex={-1} className={panelClassName}>
        {children}
      </Radix.Content>
    </Radix.Root>
  );
}
