import { MoreHorizontal } from 'lucide-react';
import { useState } from 'react';

import { Button, IconButton } from '@renderer/components/Button';
import { ConfirmDialog } from '@renderer/components/Dialog';
import { ErrorBlock, errorSentence } from '@renderer/components/ErrorBlock';
import { ContextMenu, Menu, type MenuItem } from '@renderer/components/Menu';
import { StateGlyph } from '@renderer/components/StateGlyph';
import { Table, Td, Th } from '@renderer/components/Table';
import { useLive } from '@renderer/live/use-live';
import { useRpcCommand } from '@renderer/queries/use-rpc';
import type { EngineJob, Installation } from '@shared/domain/engine';
import { isActive } from '@shared/domain/server-state';
import { formatDisk } from '@shared/format/bytes';
import { formatDay } from '@shared/format/dates';
import { formatShortDuration } from '@shared/format/durations';
import { SwitchDialog } from './SwitchDialog';
import { isOlder } from './versions';

const STATES = {
  installing: 'Installing',
  ready: 'Kept',
  broken: 'Cannot run',
  unknown: 'Unknown',
} as const;

interface InstallationTableProps {
  /** Those of one engine. */
  readonly installations: readonly Installation[];
  /** The newest job of the engine. */
  readonly job: EngineJob | undefined;
}

/** Every version of one engine: which is in use, what it takes, who uses it. */
export function InstallationTable({ installations, job }: InstallationTableProps) {
  const test = useRpcCommand('engines.test');
  const reinstall = useRpcCommand('engines.reinstall');
  const remove = useRpcCommand('engines.remove');
  const [removing, setRemoving] = useState<Installation>();
  const [switching, setSwitching] = useState<Installation>();
  const problem = test.error ?? reinstall.error;
  // The newest first, so that what came last is where the eye begins.
  const sorted = [...installations].sort(
    (a, b) => Number(isOlder(a.version, b.version)) - Number(isOlder(b.version, a.version)),
  );
  const inUse = sorted.find((one) => one.inUse);
  const earlier = sorted.find(
    (one) => inUse && one.state === 'ready' && isOlder(one.version, inUse.version),
  );
  return (
    <>
      <Table aria-label="Installations">
        <thead>
          <tr>
            <Th sticky>Version</Th>
            <Th sticky>State</Th>
            <Th sticky>Origin</Th>
            <Th sticky numeric>
              Size
            </Th>
            <Th sticky>Self-test</Th>
            <Th sticky>Used by</Th>
            <Th sticky>
              <span className="sr-only">Actions</span>
            </Th>
          </tr>
        </thead>
        <tbody>
          {sorted.map((one) => (
            <Row
              key={one.id}
              installation={one}
              job={job}
              isEarlier={one === earlier}
              onUse={() => setSwitching(one)}
              onTest={() => test.mutate({ installationId: one.id })}
              onReinstall={() => reinstall.mutate({ installationId: one.id })}
              onRemove={() => setRemoving(one)}
            />
          ))}
        </tbody>
      </Table>
      {sorted.map(
        (one) =>
          one.problem !== undefined && (
            <ErrorBlock
              key={one.id}
              className="mt-3"
              tone={one.state === 'unknown' ? 'warning' : 'broken'}
              sentence={
                one.state === 'unknown'
                  ? `Could not check whether ${one.version} can run.`
                  : `${one.version} cannot run.`
              }
              detail={one.problem}
              actions={
                one.state === 'broken' &&
                !one.isLeftover && (
                  <Mend
                    installation={one}
                    busy={reinstall.isPending || job?.state === 'running'}
                    onReinstall={() => reinstall.mutate({ installationId: one.id })}
                  />
                )
              }
            />
          ),
      )}
      {earlier && (
        <p className="mt-3 text-caption text-text-2">
          {`Roll back puts ${earlier.version} in use at the next start of each profile. Running servers aren't affected.`}
        </p>
      )}
      {test.data && (
        <p role="status" className="mt-3 text-small text-text-2">
          {testText(test.data)}
        </p>
      )}
      {problem && <ErrorBlock className="mt-3" sentence={errorSentence(problem)} />}
      {switching && (
        <SwitchDialog installation={switching} onClose={() => setSwitching(undefined)} />
      )}
      {removing && (
        <ConfirmDialog
          open
          onOpenChange={() => {
            setRemoving(undefined);
            remove.reset();
          }}
          title={`Remove ${removing.engine} ${removing.version}?`}
          confirmLabel={`Remove ${removing.engine} ${removing.version}`}
          busy={remove.isPending}
          problem={remove.error ? errorSentence(remove.error) : undefined}
          onConfirm={() =>
            remove.mutate(
              { installationId: removing.id },
              { onSuccess: () => setRemoving(undefined) },
            )
          }
        >
          {removing.origin === 'managed'
            ? `${formatDisk(removing.sizeBytes)} go. Profiles and models stay.`
            : 'It is only taken from the list; its files stay where they are.'}
        </ConfirmDialog>
      )}
    </>
  );
}

interface MendProps {
  readonly installation: Installation;
  readonly busy: boolean;
  readonly onReinstall: () => void;
}

/** The way out of one that cannot run: what we made we make again, what was registered is its owner's. */
function Mend({ installation, busy, onReinstall }: MendProps) {
  if (installation.origin === 'registered') {
    return (
      <p className="text-small text-text-2">
        Repair its environment, then run the self-test. Or remove it from the list.
      </p>
    );
  }
  return (
    <Button writes kind="primary" busy={busy} onClick={onReinstall}>
      {`Reinstall ${installation.version}`}
    </Button>
  );
}

function testText(result: {
  passed: boolean;
  seconds: number;
  problem?: string | undefined;
}): string {
  return result.passed
    ? `Self-test passed in ${formatShortDuration(result.seconds)}`
    : `Self-test failed: ${result.problem ?? ''}`;
}

interface RowProps {
  readonly installation: Installation;
  readonly job: EngineJob | undefined;
  /** Whether it is the one to go back to. */
  readonly isEarlier: boolean;
  readonly onUse: () => void;
  readonly onTest: () => void;
  readonly onReinstall: () => void;
  readonly onRemove: () => void;
}

function Row({ installation, job, isEarlier, onUse, onTest, onReinstall, onRemove }: RowProps) {
  const users = useUsers(installation);
  const { version, inUse, state, origin, sizeBytes } = installation;
  const isRunning = job?.state === 'running';
  const busy = isRunning && 'Another job of this engine is under way';
  const isTested = isRunning && job.installationId === installation.id;
  const broken = state === 'broken';
  const running = users.running.length > 0 && `Stop ${users.running.join(', ')} first`;
  const glyph =
    isTested || state === 'installing' ? 'loading' : broken ? 'failed' : inUse ? 'ok' : 'stopped';
  const items: readonly (MenuItem | 'separator')[] = [
    {
      label: 'Use this version…',
      writes: true,
      onSelect: onUse,
      reason: useReason(installation) || busy,
    },
    { label: 'Run the self-test', writes: true, onSelect: onTest, reason: busy },
    ...(origin === 'managed'
      ? [{ label: 'Reinstall', writes: true, onSelect: onReinstall, reason: running || busy }]
      : []),
    'separator',
    { label: 'Remove…', writes: true, onSelect: onRemove, danger: true, reason: running || busy },
  ];
  const row = (
    <tr>
      <Td>
        <span className="flex items-center gap-2 font-semibold">
          <StateGlyph glyph={glyph} />
          {version}
        </span>
      </Td>
      <Td className={broken ? 'text-broken-text' : inUse ? 'text-ready-text' : ''}>
        {inUse && state === 'ready' ? 'In use' : STATES[state]}
      </Td>
      <Td>{origin === 'managed' ? 'Package index' : 'Registered'}</Td>
      <Td numeric>{origin === 'managed' ? formatDisk(sizeBytes) : ''}</Td>
      <Td>{isTested ? 'Running' : selfTestText(installation)}</Td>
      <Td>{users.names.length === 0 ? 'None' : users.names.join(', ')}</Td>
      <Td numeric className="whitespace-nowrap">
        {isEarlier && (
          <Button writes size="small" className="mr-1" reason={busy} onClick={onUse}>
            Roll back…
          </Button>
        )}
        <Menu
          trigger={
            <IconButton label={`Actions for ${version}`} size="small">
              <MoreHorizontal size={14} />
            </IconButton>
          }
          items={items}
        />
      </Td>
    </tr>
  );
  return <ContextMenu items={items}>{row}</ContextMenu>;
}

/** `Passed 21 Nov`, or nothing where it was never tested or does not run any more. */
function selfTestText({ state, testedAt }: Installation): string {
  if (state === 'broken') return '';
  return testedAt ? `Passed ${formatDay(testedAt)}` : '';
}

/** Why a version cannot be put in use; false where it can. */
function useReason({ inUse, state }: Installation): string | false {
  if (inUse) return 'It is in use';
  return state === 'broken' && 'It cannot run';
}

/** Names of the profiles that run with it now or would run with it. */
function useUsers(installation: Installation): { names: string[]; running: string[] } {
  const profiles = useLive((data) => data.profiles);
  const servers = useLive((data) => data.servers);
  const users = profiles.filter((profile) => servers[profile.id]?.installation === installation.id);
  const running = users.filter((profile) => isActive(servers[profile.id]?.state ?? 'stopped'));
  return { names: users.map((p) => p.name), running: running.map((p) => p.name) };
}
