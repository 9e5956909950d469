import type { Glyph } from '@renderer/components/StateGlyph';
import type { LogRun } from '@shared/domain/log';
import type { ServerState } from '@shared/domain/server-state';

/** How a run ended; the one that goes on looks as its server does now. */
export function glyphOf(
  { outcome }: Pick<LogRun, 'outcome'>,
  state: ServerState | undefined,
): Glyph {
  return outcome === 'running' ? (state ?? 'starting') : outcome;
}
