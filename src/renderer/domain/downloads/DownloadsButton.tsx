import { Download as Icon } from 'lucide-react';
import { Popover } from 'radix-ui';

import { Button } from '@renderer/components/Button';
import { StateGlyph } from '@renderer/components/StateGlyph';
import { useLive } from '@renderer/live/use-live';
import { isUnderWay } from '@shared/domain/download-state';
import { DownloadsPanel } from './DownloadsPanel';

/** Opens the queue of downloads; there only when there is one. */
export function DownloadsButton() {
  const downloads = useLive((data) => data.downloads);
  if (downloads.length === 0) return null;
  const going = downloads.filter(({ state }) => isUnderWay(state)).length;
  const failed = downloads.filter(({ state }) => state === 'failed').length;
  return (
    <Popover.Root>
      <Popover.Trigger asChild>
        <Button
          icon={<Icon aria-hidden="true" size={14} strokeWidth={1.5} />}
          className="tabular-nums narrow:px-2"
        >
          <span className="narrow:sr-only">Downloads</span>
          {going > 0 && (
            <span className="text-text-2">
              {going}
              <span className="sr-only"> under way</span>
            </span>
          )}
          {failed > 0 && (
            <>
              <StateGlyph glyph="failed" size={13} />
              <span className="sr-only">{failed} failed</span>
            </>
          )}
        </Button>
      </Popover.Trigger>
      <Popover.Portal>
        <Popover.Content
          aria-label="Downloads"
          align="end"
          sideOffset={6}
          collisionPadding={12}
          onEscapeKeyDown={(event) => {
            // Esc closes the question first.
            if (document.querySelector('dialog[open]')) event.preventDefault();
          }}
          className="z-20 max-h-[min(480px,var(--radix-popover-content-available-height))] w-[400px] max-w-[calc(100vw-24px)] overflow-y-auto rounded-group bg-bg-pop text-text-1 shadow-pop focus-visible:outline-none"
        >
          <DownloadsPanel downloads={downloads} />
        </Popover.Content>
      </Popover.Portal>
    </Popover.Root>
  );
}
