import type { Model } from '@shared/domain/model';
import { X } from 'lucide-react';
import type { ReactNode } from 'react';
import { IconButton } from '../../components/Button';
import { Pane } from '../../components/Pane';
import type { InspectorPlace } from './inspector';
import { ModelDetail } from './ModelDetail';

interface ModelInspectorProps {
  readonly model: Model;
  readonly place: InspectorPlace;
  readonly onClose: () => void;
  /** Buttons of its toolbar where it has a column. */
  readonly toolbar: ReactNode;
}

/** The details beside the table or, in a small window, over it and below its toolbar. */
export function ModelInspector({ model, place, onClose, toolbar }: ModelInspectorProps) {
  const label = `Model ${model.name}`;
  if (place === 'column') {
    return (
      <Pane
        label={label}
        className="w-[380px] shrink-0 border-l border-sep bg-bg-list"
        toolbar={{ children: toolbar }}
      >
        <ModelDetail model={model} />
      </Pane>
    );
  }
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: Esc closes it from everything inside
    <div
      className="absolute top-13 right-0 bottom-0 z-10 w-[380px] rounded-tl-group bg-bg-list shadow-pop"
      onKeyDown={(event) => {
        if (event.key === 'Escape') onClose();
      }}
    >
      <Pane label={label} bodyClassName="pt-4">
        <ModelDetail model={model} />
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
