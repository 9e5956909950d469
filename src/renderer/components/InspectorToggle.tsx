import { PanelRight } from 'lucide-react';

import { IconButton } from './Button';

interface InspectorToggleProps {
  readonly open: boolean;
  readonly onChange: (open: boolean) => void;
  /** Why there is nothing to show. */
  readonly reason: string | undefined;
}

/** Shows and hides the details of what is chosen; it stands where the inspector is or would be. */
export function InspectorToggle({ open, onChange, reason }: InspectorToggleProps) {
  return (
    <IconButton
      label={open ? 'Hide details' : 'Show details'}
      reason={reason}
      aria-expanded={open}
      onClick={() => onChange(!open)}
    >
      <PanelRight size={16} strokeWidth={1.5} />
    </IconButton>
  );
}
