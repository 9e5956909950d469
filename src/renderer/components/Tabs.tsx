import { Tabs as Radix } from 'radix-ui';
import type { ReactNode } from 'react';

export interface TabItem<V extends string> {
  readonly value: V;
  readonly label: ReactNode;
}

interface TabRootProps<V extends string> {
  readonly value: V;
  readonly items: readonly TabItem<V>[];
  readonly onChange: (value: V) => void;
  readonly className?: string | undefined;
  /** A {@link TabList} and a {@link TabPanel}, each where it has its place. */
  readonly children: ReactNode;
}

/** What holds tabs together; Ctrl-Tab cycles. */
export function TabRoot<V extends string>(props: TabRootProps<V>) {
  const { value, items, onChange, className, children } = props;
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
      {children}
    </Radix.Root>
  );
}

interface TabListProps<V extends string> {
  readonly items: readonly TabItem<V>[];
  readonly 'aria-label': string;
}

/** The tabs themselves, with the look of a segmented control; arrow keys move. */
export function TabList<V extends string>({ items, 'aria-label': label }: TabListProps<V>) {
  return (
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
  );
}

interface TabPanelProps {
  readonly value: string;
  readonly className?: string | undefined;
  readonly children: ReactNode;
}

/** What the chosen tab shows. */
export function TabPanel({ value, className, children }: TabPanelProps) {
  return (
    <Radix.Content value={value} tabIndex={-1} className={className}>
      {children}
    </Radix.Content>
  );
}

interface TabsProps<V extends string> extends TabRootProps<V> {
  readonly 'aria-label': string;
  readonly listClassName?: string;
  readonly panelClassName?: string;
}

/** Tabs above what they show. */
export function Tabs<V extends string>(props: TabsProps<V>) {
  const { listClassName, panelClassName, children, 'aria-label': label, ...root } = props;
  return (
    <TabRoot {...root}>
      <div className={listClassName}>
        <TabList items={root.items} aria-label={label} />
      </div>
      <TabPanel value={root.value} className={panelClassName}>
        {children}
      </TabPanel>
    </TabRoot>
  );
}
