import { X } from 'lucide-react';

import { IconButton } from '@renderer/components/Button';
import { type Glyph, StateGlyph } from '@renderer/components/StateGlyph';
import type { LiveState } from '@renderer/live/live-store';
import { useLive, useLiveState } from '@renderer/live/use-live';
import { useRpcCommand } from '@renderer/queries/use-rpc';
import type { Notice } from '@shared/domain/settings';

const GLYPHS: Readonly<Record<Notice['level'], Glyph>> = {
  info: 'info',
  warning: 'degraded',
  problem: 'failed',
};

/** What was repaired, kept or refused: stays until it is dismissed. */
function Notices() {
  const notices = useLive((data) => data.notices);
  const dismiss = useRpcCommand('notices.dismiss');
  return notices.map((notice) => (
    <div
      key={notice.id}
      className="flex min-h-9 items-center gap-2.5 border-b border-sep bg-bg-group py-1 pr-2 pl-5"
    >
      <StateGlyph glyph={GLYPHS[notice.level]} />
      <p className="selectable flex-1">{notice.message}</p>
      <IconButton
        writes
        label="Dismiss"
        size="small"
        onClick={() => dismiss.mutate({ id: notice.id })}
      >
        <X size={14} strokeWidth={1.5} />
      </IconButton>
    </div>
  ));
}

function connectionSentence({ connection, quitting, stalled }: LiveState): string | undefined {
  if (connection === 'open') {
    if (quitting) return 'MLX Manager is quitting.';
    return stalled
      ? "MLX Manager isn't responding. Nothing can be changed until it does."
      : undefined;
  }
  return quitting
    ? "MLX Manager has quit. This page reconnects when it's running again."
    : 'Lost connection to MLX Manager. Reconnecting…';
}

/** Below every screen: a connection that comes and goes moves nothing above, and covers nothing. */
export function ConnectionBar() {
  const sentence = useLiveState(connectionSentence);
  return (
    <div role="status" className="shrink-0">
      {sentence && (
        <p className="flex min-h-9 items-center gap-2.5 border-t border-sep bg-bg-list bg-linear-to-r from-warning-tint to-warning-tint px-5 py-1">
          <StateGlyph glyph="backoff" />
          {sentence}
        </p>
      )}
    </div>
  );
}

/** Messages above every screen. */
export function Banners() {
  const readOnly = useLive((data) => data.manager.readOnly);
  return (
    <section aria-label="Messages" className="shrink-0">
      {readOnly && (
        <p className="flex min-h-9 items-center gap-2.5 border-b border-sep bg-bg-group px-5 py-1">
          <StateGlyph glyph="info" />
          This data was saved by a newer version of MLX Manager. You can view it but not change it.
        </p>
      )}
      <Notices />
    </section>
  );
}
