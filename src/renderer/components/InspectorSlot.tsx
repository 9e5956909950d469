import { createContext, type ReactNode, useContext } from 'react';
import { createPortal } from 'react-dom';

/** Where details stand: beside the pane with the tabs, over the window's whole height. */
export const InspectorSlotContext = createContext<HTMLElement | null>(null);

/** Puts the details of a tab where they stand. */
export function InspectorSlot({ children }: { readonly children: ReactNode }) {
  const slot = useContext(InspectorSlotContext);
  return slot && createPortal(children, slot);
}
