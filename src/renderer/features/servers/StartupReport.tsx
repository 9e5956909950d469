import { Button } from '@renderer/components/Button';
import { classNames } from '@renderer/components/class-names';
import { isMac } from '@renderer/components/platform';
import { type Glyph, StateGlyph } from '@renderer/components/StateGlyph';
import { useLive } from '@renderer/live/use-live';
import { useRpcCommand } from '@renderer/queries/use-rpc';
import { navigate, routeHref } from '@renderer/routing/route';
import { shortText } from '@shared/domain/memory-labels';
import type { StartupEntry, StartupReport } from '@shared/domain/startup';
import { formatDay } from '@shared/format/dates';

const GLYPHS: Readonly<Record<StartupEntry['state'], Glyph>> = {
  waiting: 'queued',
  starting: 'starting',
  ready: 'ready',
  failed: 'degraded',
  held: 'stopped',
  'taken-over': 'ready',
  stopped: 'stopped',
};

const STATE_LABELS: Readonly<Record<StartupEntry['state'], string>> = {
  waiting: 'waiting',
  starting: 'starting',
  ready: 'ready',
  failed: 'not started',
  held: 'held',
  'taken-over': 'already running',
  stopped: 'stopped',
};

/** Worth a place on the page: nobody was looking, something is held, or something is wrong. */
function isWorthShowing({ atLogin, heldBecauseOf, entries }: StartupReport): boolean {
  return atLogin || heldBecauseOf !== undefined || entries.some(({ state }) => state === 'failed');
}

function titleOf({ atLogin, heldBecauseOf }: StartupReport): string {
  if (heldBecauseOf) return 'Nothing was started';
  return atLogin ? 'What started at login' : 'What started with MLX Manager';
}

const wantsRoom = ({ failure }: StartupEntry): boolean => failure?.action?.id === 'make_room';

/** `not started, 4.0 GiB short`, or the sentence of what else kept it from starting. */
function entryText({ state, failure }: StartupEntry): string {
  if (!failure) return STATE_LABELS[state];
  return failure.code === 'does_not_fit' && failure.shortBytes !== undefined
    ? `${STATE_LABELS[state]}, ${shortText(failure.shortBytes)}`
    : `${STATE_LABELS[state]}: ${failure.message}`;
}

/** Leads to the profile, where what mends it stands. */
function EntryFix({ entry }: { readonly entry: StartupEntry }) {
  const { profileId, name } = entry;
  const room = wantsRoom(entry);
  return (
    <Button
      size="small"
      aria-label={room ? `Make room for ${name}…` : `Show ${name}`}
      onClick={() => navigate(routeHref('servers', [profileId]))}
    >
      {room ? entry.failure?.action?.label : 'Show'}
    </Button>
  );
}

/** What became of the profiles that start with the application, until it is closed. */
export function StartupReportCard() {
  const report = useLive((data) => data.startup);
  const dismiss = useRpcCommand('startup.dismiss');
  const release = useRpcCommand('startup.release');
  if (!report || !isWorthShowing(report)) return null;
  const { entries, heldBecauseOf } = report;
  const up = entries.filter(({ state }) => state === 'ready' || state === 'taken-over').length;
  return (
    <section
      aria-label={titleOf(report)}
      className="mx-6 mt-2 mb-4 shrink-0 rounded-group bg-bg-group px-4 py-3 narrow:mx-5"
    >
      <div className="flex items-baseline justify-between">
        <h2 className="text-toolbar font-semibold">{titleOf(report)}</h2>
        <span className="text-small text-text-2">{formatDay(report.time)}</span>
      </div>
      {heldBecauseOf && (
        <p className="mt-1 text-text-2">
          {isMac() ? 'Your Mac' : 'This machine'} shut down unexpectedly while{' '}
          <b className="font-semibold text-text-1">{heldBecauseOf.join(', ')}</b> was running. If a
          model caused it, starting it could cause it again.
        </p>
      )}
      <ul className="mt-2 max-h-[220px] overflow-y-auto [&>*+*]:border-t [&>*+*]:border-sep">
        {entries.map((entry) => (
          <li key={entry.profileId} className="flex min-h-8 items-center gap-3 py-1">
            <StateGlyph glyph={GLYPHS[entry.state]} />
            <span className="w-40 shrink-0 truncate font-medium narrow:w-28">{entry.name}</span>
            <span
              title={entry.failure?.message}
              className={classNames(
                'min-w-0 flex-1 truncate',
                wantsRoom(entry) ? 'text-warning-text' : 'text-text-2',
              )}
            >
              {entryText(entry)}
            </span>
            {entry.seconds !== undefined && (
              <span className="text-small text-text-2 tabular-nums">{entry.seconds} s</span>
            )}
            {entry.state === 'failed' && <EntryFix entry={entry} />}
          </li>
        ))}
      </ul>
      <div className="mt-2 flex items-center gap-2">
        <span className="flex-1 text-small text-text-2">
          {`${up} of ${entries.length} ${entries.length === 1 ? 'profile' : 'profiles'} started`}
        </span>
        <Button
          kind="plain"
          size="small"
          onClick={() => navigate(routeHref('settings', [], { field: 'startProfiles' }))}
        >
          Change in Settings
        </Button>
        {heldBecauseOf && (
          <Button writes kind="primary" size="small" onClick={() => release.mutate({})}>
            {entries.length === 1 ? 'Start it now' : 'Start them now'}
          </Button>
        )}
        <Button writes size="small" onClick={() => dismiss.mutate({})}>
          Close
        </Button>
      </div>
    </section>
  );
}
