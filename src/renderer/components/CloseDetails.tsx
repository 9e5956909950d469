import { PanelRightClose } from 'lucide-react';

import { IconButton } from './Button';

/** Leaves the details of what is chosen; it stands in their toolbar. */
export function CloseDetails({ onClose }: { readonly onClose: () => void }) {
  return (
    <IconButton label="Close details" onClick={onClose}>
      <PanelRightClose size={16} strokeWidth={1.5} />
    </IconButton>
  );
}
