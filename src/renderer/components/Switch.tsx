import { Switch as Radix } from 'radix-ui';

import { useControlProps } from './Form';
import { useReason } from './refusal';

interface SwitchProps {
  readonly checked: boolean;
  readonly onChange: (checked: boolean) => void;
  readonly disabled?: boolean;
  /** It changes something in the manager, so it is off while that cannot be done. */
  readonly writes?: boolean;
  readonly 'aria-label'?: string;
}

/** On or off, at once. */
export function Switch(props: SwitchProps) {
  const { checked, onChange, disabled = false, writes = false, 'aria-label': label } = props;
  const control = useControlProps(label);
  const reason = useReason(writes) || undefined;
  return (
    <Radix.Root
      {...control}
      checked={checked}
      onCheckedChange={onChange}
      disabled={disabled || reason !== undefined}
      title={reason}
      aria-description={reason}
      className="relative h-[18px] w-[30px] shrink-0 rounded-full bg-fill-3 transition-colors duration-[120ms] disabled:opacity-50 data-[state=checked]:bg-accent-fill"
    >
      <Radix.Thumb className="block size-[14px] translate-x-0.5 rounded-full bg-white shadow-button transition-transform duration-[120ms] data-[state=checked]:translate-x-[14px]" />
    </Radix.Root>
  );
}
