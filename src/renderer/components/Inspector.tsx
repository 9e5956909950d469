import { X } from 'lucide-react';
import { type ReactNode, useState } from 'react';

import { IconButton } from './Button';
import { classNames } from './class-names';
import { type InspectorChoice, type InspectorPlace, inspectorOpen } from './inspector-place';
import { Pane } from './Pane';
import { useMedia } from './use-media';

interface InspectorProps {
  /** Its name, such as `Model Qwen3-4B`. */
  readonly label: string;
  readonly place: InspectorPlace;
  readonly onClose: () => void;
  /** In a zoomed window it takes the place of what it is about, which is not shown then. */
  readonly takesOver?: boolean;
  /** Buttons of its toolbar where it has a column. */
  readonly toolbar: ReactNode;
  readonly children: ReactNode;
}

/** Details beside a table or, in a small window, over it and below its toolbar. */
export function Inspector(props: InspectorProps) {
  const { label, place, onClose, takesOver = false, toolbar, children } = props;
  if (place === 'column') {
    return (
      <Pane
        label={label}
        className="w-[380px] shrink-0 border-l border-sep bg-bg-list"
        toolbar={{ children: toolbar }}
      >
        {children}
      </Pane>
    );
  }
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: Esc closes it from everything inside
    <div
      className={classNames(
        'absolute top-13 right-0 bottom-0 z-10 w-[380px] rounded-tl-group bg-bg-list shadow-pop',
        takesOver && 'tiny:w-full tiny:rounded-none',
      )}
      onKeyDown={(event) => {
        if (event.key === 'Escape') onClose();
      }}
    >
      <Pane label={label} bodyClassName="pt-4">
        {children}
      </Pane>
      <IconButton
        label="Close details"
        size="small"
        className="absolute top-4 right-4"
        onClick={onClose}
      >
        <X size={14} strokeWidth={1.5} />
      </IconButton>
    </div>
  );
}

interface InspectorState {
  readonly place: InspectorPlace;
  readonly open: boolean;
  readonly setOpen: (open: boolean) => void;
}

/** Where the inspector lies in this window and whether it is open. */
export function useInspector(): InspectorState {
  const place = useMedia('(width >= 1200px)') ? 'column' : 'overlay';
  const [choice, setChoice] = useState<InspectorChoice>();
  return {
    place,
    open: inspectorOpen(place, choice),
    setOpen: (open) => setChoice({ place, open }),
  };
}
