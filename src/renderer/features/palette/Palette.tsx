import { useLayoutEffect, useRef } from 'react';

import { PaletteBody } from './PaletteBody';

interface PaletteProps {
  readonly open: boolean;
  readonly onOpenChange: (open: boolean) => void;
}

/** Every action by its name: type, choose with the arrows, Enter. */
export function Palette({ open, onOpenChange }: PaletteProps) {
  return open ? <OpenPalette onClose={() => onOpenChange(false)} /> : null;
}

function OpenPalette({ onClose }: { readonly onClose: () => void }) {
  const ref = useRef<HTMLDialogElement>(null);
  useLayoutEffect(() => {
    const dialog = ref.current;
    dialog?.showModal();
    // `close` before the element is removed: only then does the browser give the focus back.
    return () => dialog?.close();
  }, []);
  return (
    <dialog
      ref={ref}
      aria-label="Command palette"
      onCancel={(event) => {
        event.preventDefault();
        onClose();
      }}
      onClick={(event) => {
        if (event.target === event.currentTarget) onClose();
      }}
      onKeyDown={() => undefined}
      className="mx-auto mt-[clamp(20px,100vh-560px,132px)] max-h-[calc(100vh-40px)] w-[640px] max-w-[calc(100vw-40px)] flex-col overflow-hidden open:flex rounded-palette bg-bg-pop text-text-1 shadow-palette"
    >
      <PaletteBody onClose={onClose} />
    </dialog>
  );
}
