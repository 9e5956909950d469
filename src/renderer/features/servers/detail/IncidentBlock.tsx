import { Button } from '@renderer/components/Button';
import { useRpcCommand } from '@renderer/queries/use-rpc';
import { routeHref } from '@renderer/routing/route';
import type { Server } from '@shared/domain/server';
import { formatCount } from '@shared/format/counts';
import { formatDay } from '@shared/format/dates';

/** What happened while nobody looked: a crash stays here until it was read, also when the server is long ready again. */
export function IncidentBlock({ server }: { readonly server: Server }) {
  const acknowledge = useRpcCommand('servers.acknowledge');
  const { incident, profileId, state } = server;
  // A failed server says the same, with what can be done about it.
  if (!incident || state === 'failed') return null;
  const { at, failure, times, run } = incident;
  const query: Record<string, string> = run === undefined ? {} : { run: String(run) };
  return (
    <section
      aria-label="Crash"
      className="mb-4 flex flex-wrap items-center justify-between gap-3 rounded-group bg-warning-tint py-2 pr-2 pl-4"
    >
      <span className="min-w-0 flex-1">
        <span className="block font-medium">
          Last crash: {formatDay(at)}
          {times > 1 && `, ${formatCount(times, 'crash', 'crashes')} since you last looked`}
        </span>
        <span className="block text-text-2">{failure.message}</span>
      </span>
      <span className="flex items-center gap-3">
        <a href={routeHref('servers', [profileId, 'logs'], query)} className="text-accent-text">
          Show log
        </a>
        <Button
          writes
          size="small"
          busy={acknowledge.isPending}
          onClick={() => acknowledge.mutate({ profileId })}
        >
          Dismiss
        </Button>
      </span>
    </section>
  );
}
