import { Pencil, Play, Square } from 'lucide-react';
import { type KeyboardEvent, memo, useState } from 'react';

import { Button, IconButton } from '@renderer/components/Button';
import { classNames } from '@renderer/components/class-names';
import { ContextItems } from '@renderer/components/Menu';
import { ProgressBar } from '@renderer/components/Meter';
import { StateGlyph } from '@renderer/components/StateGlyph';
import { UnsavedMark } from '@renderer/components/UnsavedMark';
import { useNow } from '@renderer/components/use-now';
import { effectOf } from '@renderer/domain/actions/action-effect';
import { useSpeed } from '@renderer/domain/gateway/use-recent';
import { DeleteProfileDialog } from '@renderer/domain/servers/DeleteProfileDialog';
import { useHasDraft } from '@renderer/domain/servers/drafts';
import { useServerActions } from '@renderer/domain/servers/server-actions';
import { useProfileMenu } from '@renderer/domain/servers/use-profile-menu';
import type { ProfileDraft } from '@renderer/features/servers/form/draft';
import { useDraftFit } from '@renderer/features/servers/form/use-draft-fit';
import { useLive, useServer } from '@renderer/live/use-live';
import { modelName, stateFact, stateMetric } from '@renderer/text/server-text';
import type { ServerProfile } from '@shared/domain/profile';
import type { Server } from '@shared/domain/server';
import { isActive, stateFamily } from '@shared/domain/server-state';
import { type Action, makeAction, shortLabel } from '@shared/errors/action';
import { formatMemory } from '@shared/format/bytes';
import { formatPercent, formatTokenSpeed } from '@shared/format/counts';
import { Line, RowFrame } from './RowFrame';
import type { RowDrag } from './use-row-drag';

/** The button of a fix and the room that it takes from the name are of one width, however long its words are. */
const FIX_WIDTH = 'max-w-[176px] narrow:max-w-[116px]';

/** Keeps the name out of the way of the button that stands over the row. */
function FixRoom({ label }: { readonly label: string }) {
  return (
    <span
      aria-hidden="true"
      className={classNames('invisible shrink-0 truncate px-2 text-small font-medium', FIX_WIDTH)}
    >
      {label}
    </span>
  );
}

function Metric({ server, now }: { readonly server: Server; readonly now: number }) {
  const speed = useSpeed(server.profileId);
  const fraction = server.progress?.fraction;
  if (server.state === 'loading' && fraction !== undefined) {
    return (
      <span className="flex shrink-0 items-center gap-2">
        <span className="w-[72px] narrow:hidden">
          <ProgressBar fraction={fraction} label={`Loading ${server.name}`} />
        </span>
        <span className="font-medium">{formatPercent(fraction)}</span>
      </span>
    );
  }
  const warns = stateFamily(server.state) === 'warning' || server.restartNeeded;
  if (server.state === 'ready' && speed && !warns) {
    return (
      <span className="shrink-0 text-text-2" title="Median of the last hour">
        {formatTokenSpeed(speed.median)}
      </span>
    );
  }
  return (
    <span
      className={classNames('shrink-0', warns ? 'font-semibold text-warning-text' : 'text-text-2')}
    >
      {stateMetric(server, now)}
    </span>
  );
}

/** The fix of a failed or refused start; a new try alone is what the row's own button does. */
function rowFix({ profileId, state, refusal, failure }: Server): Action | undefined {
  if (refusal) return makeAction('make_room', { profileId });
  const fix = state === 'failed' ? failure?.action : undefined;
  const kind = fix && effectOf(fix).kind;
  return kind === 'retry' || kind === 'none' ? undefined : fix;
}

/** What its processes take, or what a stopped one would. */
function memoryText(server: Server, measured: number | undefined): string | undefined {
  const bytes = measured ?? server.memoryBytes;
  if (isActive(server.state)) return bytes === undefined ? undefined : formatMemory(bytes);
  if (server.state !== 'stopped' || server.refusal || server.needsBytes === undefined) {
    return undefined;
  }
  return `needs ${formatMemory(server.needsBytes)}`;
}

interface ServerRowProps {
  readonly profile: ServerProfile;
  readonly selected: boolean;
  readonly onSelect: (profileId: string) => void;
  readonly onKeyDown: (profileId: string, event: KeyboardEvent) => void;
  readonly drag: RowDrag;
  /** Whether Tab stops here: at one row of the list. */
  readonly tabStop: boolean;
}

/**
 * One profile with its server: what it is, how it is, and start or stop. It is drawn again when something of its own
 * changes, not with every other row.
 */
export const ServerRow = memo(function ServerRow(props: ServerRowProps) {
  const server = useServer(props.profile.id);
  return server ? <RowOf {...props} server={server} /> : null;
}, sameRow);

function sameRow(before: ServerRowProps, now: ServerRowProps): boolean {
  const { drag: old, ...others } = before;
  const { drag, ...rest } = now;
  const isSame = (Object.keys(rest) as (keyof typeof rest)[]).every(
    (name) => others[name] === rest[name],
  );
  return (
    isSame && old.offset === drag.offset && old.held === drag.held && old.glides === drag.glides
  );
}

interface RowMenuProps {
  readonly profile: ServerProfile;
  readonly server: Server;
  readonly onDelete: () => void;
}

function RowMenu({ profile, server, onDelete }: RowMenuProps) {
  const { run, more } = useProfileMenu(profile, server, onDelete);
  return <ContextItems items={[...run, 'separator', ...more]} />;
}

function RowOf(props: ServerRowProps & { readonly server: Server }) {
  const { profile, server, selected, onSelect, onKeyDown, drag, tabStop } = props;
  const tabIndex = tabStop ? 0 : -1;
  const edited = useHasDraft(profile.id);
  const [deleting, setDeleting] = useState(false);
  const measured = useLive((data) => data.samples[profile.id]?.memoryBytes);
  const actions = useServerActions();
  const active = isActive(server.state);
  const now = useNow(active);
  const shownFix = rowFix(server);
  const family = stateFamily(server.state);
  const loadLine = server.state === 'loading' ? server.progress?.lastLine : undefined;
  return (
    <RowFrame
      id={profile.id}
      selected={selected}
      tabStop={tabStop}
      onSelect={() => onSelect(profile.id)}
      onKeyDown={(event) => onKeyDown(profile.id, event)}
      drag={drag}
      menu={<RowMenu profile={profile} server={server} onDelete={() => setDeleting(true)} />}
      glyph={<StateGlyph glyph={server.state} />}
      controls={
        <>
          {shownFix && (
            <span className={classNames('absolute top-[7px] right-[47px] flex', FIX_WIDTH)}>
              <Button
                writes
                size="small"
                tabIndex={tabIndex}
                className="max-w-full"
                title={shortLabel(shownFix)}
                onClick={() => void actions.perform(profile.id, shownFix)}
              >
                <span className="truncate">{shortLabel(shownFix)}</span>
              </Button>
            </span>
          )}
          <span className="absolute top-6 right-2">
            {active ? (
              <IconButton
                writes
                tabIndex={tabIndex}
                label={`Stop ${profile.name}`}
                filled
                reason={server.state === 'stopping' && 'Stopping…'}
                onClick={() => void actions.stop(profile.id)}
              >
                <Square size={11} fill="currentColor" strokeWidth={1.5} />
              </IconButton>
            ) : (
              <IconButton
                writes
                tabIndex={tabIndex}
                label={`Start ${profile.name}`}
                filled
                onClick={() => void actions.start(profile.id)}
              >
                <Play size={13} fill="currentColor" strokeWidth={1.5} />
              </IconButton>
            )}
          </span>
          {deleting && (
            <DeleteProfileDialog
              profile={profile}
              server={server}
              open
              onOpenChange={setDeleting}
            />
          )}
        </>
      }
    >
      <Line
        className="h-[21px]"
        left={
          <span className="flex min-w-0 items-center gap-1.5">
            <span className="truncate font-semibold">{profile.name}</span>
            {edited && <UnsavedMark />}
          </span>
        }
        right={
          shownFix ? <FixRoom label={shortLabel(shownFix)} /> : <Metric server={server} now={now} />
        }
      />
      <Line
        className="h-[18px] text-small"
        left={
          <span
            className={classNames(
              'truncate',
              family === 'broken' && 'text-broken-text',
              server.refusal && family === 'off' && 'text-warning-text',
              family !== 'broken' && !server.refusal && 'text-text-2',
            )}
          >
            {stateFact(server, now)}
          </span>
        }
        right={<span className="shrink-0 text-text-2">{memoryText(server, measured)}</span>}
      />
      <Line
        className={classNames('h-[18px] text-caption', selected ? 'text-text-2' : 'text-text-3')}
        left={
          loadLine ? (
            <span className="truncate font-mono">{loadLine}</span>
          ) : (
            <span className="truncate">
              {modelName(profile.model)}
              <span className="narrow:hidden"> · {profile.engine}</span>
            </span>
          )
        }
        right={<span className="shrink-0">:{profile.port}</span>}
      />
    </RowFrame>
  );
}

interface DraftRowProps {
  readonly draft: ProfileDraft;
  readonly selected: boolean;
  readonly onSelect: () => void;
}

/** The row of a profile that is not saved yet. */
export function DraftRow({ draft, selected, onSelect }: DraftRowProps) {
  const { name, model, engine } = draft;
  const { report } = useDraftFit(draft, undefined);
  return (
    <RowFrame
      id="new"
      selected={selected}
      onSelect={onSelect}
      glyph={<Pencil aria-hidden="true" size={14} strokeWidth={1.5} />}
    >
      <Line
        className="h-[21px]"
        left={<span className="truncate font-semibold">{name || 'New profile'}</span>}
      />
      <Line
        className="h-[18px] text-small text-text-2"
        left={<span className="truncate">New profile, unsaved</span>}
        right={report && <span className="shrink-0">needs {formatMemory(report.fit.total)}</span>}
      />
      <Line
        className="h-[18px] text-caption text-text-2"
        left={
          <span className="truncate">
            {model ? `${modelName(model)} · ` : ''}
            {engine}
          </span>
        }
      />
    </RowFrame>
  );
}
