import { kindText } from '@renderer/text/model-text';
import { Check } from 'lucide-react';

import { Button } from '@renderer/components/Button';
import { StateGlyph } from '@renderer/components/StateGlyph';
import type { HubOutage } from '@renderer/domain/hub/hub-problem';
import { useRpcQuery } from '@renderer/queries/use-rpc';
import { routeHref } from '@renderer/routing/route';
import { formatDisk } from '@shared/format/bytes';
import { formatCount, formatNumber } from '@shared/format/counts';
import { formatClock } from '@shared/format/dates';
import { siteName } from '@shared/domain/site-name';

interface OfflineProps {
  readonly outage: HubOutage;
  readonly busy: boolean;
  readonly onRetry: () => void;
}

/** The hub cannot be searched: since when, and that nothing else is touched by it. */
export function Offline({ outage, busy, onRetry }: OfflineProps) {
  const { host, since, noNetwork } = outage;
  const what = noNetwork ? 'No network' : `Can’t reach ${siteName(host)}`;
  return (
    <div
      role="alert"
      className="mx-5 mb-4 flex items-center gap-3 rounded-group bg-bg-group px-4 py-3"
    >
      <StateGlyph glyph="no" size={16} className="self-start" />
      <div className="selectable min-w-0 flex-1">
        <p className="font-semibold">
          {what} since {formatClock(since)}
        </p>
        <p className="mt-0.5 text-text-2">
          Everything on this machine still works. Downloads and this search resume automatically.
        </p>
      </div>
      <Button busy={busy} onClick={onRetry}>
        Try again
      </Button>
    </div>
  );
}

/** What is there without a network. */
export function LocalModels() {
  const models = (useRpcQuery('models.list', { incomplete: false }).data ?? []).filter(
    ({ complete }) => complete,
  );
  if (models.length === 0) return null;
  return (
    <section aria-label="Models on this machine" className="px-5">
      <div className="flex items-center justify-between">
        <h2 className="text-small font-semibold text-text-2">
          On this machine, {formatCount(models.length, 'model')}
        </h2>
        <a className="text-small text-accent-text underline" href={routeHref('models')}>
          Show in Models
        </a>
      </div>
      <ul className="mt-1 [&>li+li]:border-t [&>li+li]:border-sep">
        {models.map(({ ref, name, bits, contextLength, kind, sizeBytes }) => (
          <li key={ref} className="flex h-[58px] items-center gap-3">
            <span className="min-w-0 flex-1">
              <span className="block truncate font-semibold">{name}</span>
              <span className="block truncate text-small text-text-2">
                {[
                  bits === undefined ? undefined : `${bits}-bit`,
                  contextLength === undefined
                    ? undefined
                    : `context ${formatNumber(contextLength)}`,
                  kindText(kind)?.toLowerCase(),
                ]
                  .filter(Boolean)
                  .join(', ')}
              </span>
            </span>
            <span className="text-small">{formatDisk(sizeBytes)}</span>
            <span className="flex w-36 items-center justify-end gap-1.5 text-small text-text-2">
              <Check aria-hidden="true" size={14} strokeWidth={1.5} /> On this machine
            </span>
          </li>
        ))}
      </ul>
    </section>
  );
}
