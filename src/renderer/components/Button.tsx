import type { ComponentProps, ReactNode } from 'react';

import { classNames } from './class-names';
import { useReason } from './refusal';
import { Tooltip } from './Tooltip';

export type ButtonKind = 'primary' | 'secondary' | 'plain' | 'danger';
type Size = 'regular' | 'small' | 'large';

interface ButtonProps extends Omit<ComponentProps<'button'>, 'disabled'> {
  readonly kind?: ButtonKind;
  readonly size?: Size;
  readonly icon?: ReactNode;
  /** It changes something in the manager, so it is off while that cannot be done. */
  readonly writes?: boolean;
  /** Why it cannot act now: it stays reachable and says so. */
  readonly reason?: string | false | undefined;
  /** Its work is under way: it does not act twice. */
  readonly busy?: boolean;
}

const KINDS: Readonly<Record<ButtonKind, string>> = {
  primary: 'bg-accent-fill text-white hover:bg-accent-fill-hover',
  secondary: 'bg-button text-text-1 shadow-button hover:bg-fill-2',
  plain: 'text-accent-text hover:bg-fill-1',
  danger: 'bg-button text-broken-text shadow-button hover:bg-fill-2',
};

const SIZES: Readonly<Record<Size, string>> = {
  small: 'h-[22px] px-2 text-small',
  regular: 'h-7 px-3 text-base',
  large: 'h-8 px-4 text-base',
};

const OFF = 'bg-fill-1 text-disabled';

/** Ignores clicks while `off`, without the `disabled` attribute, so that its reason can be read. */
function guarded({ off, onClick }: { off: boolean; onClick: ButtonProps['onClick'] }) {
  return {
    'aria-disabled': off || undefined,
    onClick: off ? (event: { preventDefault(): void }) => event.preventDefault() : onClick,
  };
}

/** A button whose label is a verb and its object. */
export function Button({
  kind = 'secondary',
  size = 'regular',
  icon,
  writes = false,
  reason: ownReason,
  busy = false,
  className,
  children,
  onClick,
  ...rest
}: ButtonProps) {
  const reason = useReason(writes, ownReason);
  const off = Boolean(reason) || busy;
  return (
    <Tooltip text={reason}>
      <button
        type="button"
        {...rest}
        {...guarded({ off, onClick })}
        aria-busy={busy || undefined}
        aria-description={reason || undefined}
        className={classNames(
          'inline-flex shrink-0 items-center justify-center gap-1.5 rounded-button font-medium whitespace-nowrap transition-colors duration-[80ms]',
          SIZES[size],
          off ? OFF : KINDS[kind],
          className,
        )}
      >
        {icon}
        {children}
      </button>
    </Tooltip>
  );
}

interface IconButtonProps extends Omit<ComponentProps<'button'>, 'disabled' | 'aria-label'> {
  /** Its name for people who do not see it, and its tooltip. */
  readonly label: string;
  readonly shortcut?: string | undefined;
  readonly filled?: boolean;
  readonly size?: 'regular' | 'small';
  /** As of {@link Button}. */
  readonly writes?: boolean;
  readonly reason?: string | false | undefined;
  readonly pressed?: boolean;
}

/** A square button with a 16 px icon; `label` is its accessible name. */
export function IconButton({
  label,
  shortcut,
  filled = false,
  size = 'regular',
  writes = false,
  reason: ownReason,
  pressed,
  className,
  children,
  onClick,
  'aria-description': description,
  ...rest
}: IconButtonProps) {
  const reason = useReason(writes, ownReason);
  const off = Boolean(reason);
  return (
    <Tooltip text={reason || (shortcut ? `${label} ${shortcut}` : label)}>
      <button
        type="button"
        {...rest}
        {...guarded({ off, onClick })}
        aria-label={label}
        aria-pressed={pressed}
        aria-description={reason || description}
        className={classNames(
          'inline-flex shrink-0 items-center justify-center rounded-button transition-colors duration-[80ms]',
          size === 'small' ? 'size-[22px]' : 'size-7',
          off ? 'text-disabled' : 'text-text-2 hover:bg-fill-2',
          filled && 'bg-fill-1',
          pressed && 'bg-fill-2 text-accent-text',
          className,
        )}
      >
        {children}
      </button>
    </Tooltip>
  );
}
