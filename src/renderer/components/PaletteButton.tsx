import { Command } from 'lucide-react';
import { createContext, useContext } from 'react';

import { IconButton } from './Button';
import { shortcutLabel } from './platform';

/** Opens the command palette; for any toolbar. */
export const OpenPaletteContext = createContext<() => void>(() => {});

export function PaletteButton() {
  const open = useContext(OpenPaletteContext);
  return (
    <IconButton label="Commands" shortcut={shortcutLabel('K')} onClick={open}>
      <Command size={16} strokeWidth={1.5} />
    </IconButton>
  );
}
