import { MoreHorizontal } from 'lucide-react';

import { Button, IconButton } from '@renderer/components/Button';
import { classNames } from '@renderer/components/class-names';
import { ContextMenu, Menu, type MenuItem } from '@renderer/components/Menu';
import { ShortenedName } from '@renderer/components/ShortenedName';
import { StateGlyph } from '@renderer/components/StateGlyph';
import { Td } from '@renderer/components/Table';
import { useLive } from '@renderer/live/use-live';
import type { EngineJob, Installation } from '@shared/domain/engine';
import {
  installationLook,
  type InstallationLook,
  removeReason,
  rowOffer,
  runningReason,
  usersOf,
  usersText,
} from './installation-facts';

/** Columns that go where there is no room, the first of these first. */
export const HIDES = {
  origin: '@max-[640px]:hidden',
  selfTest: '@max-[560px]:hidden',
  offer: '@max-[410px]:hidden',
  users: '@max-[380px]:hidden',
  size: '@max-[250px]:hidden',
} as const;

const TONES: Readonly<Record<NonNullable<InstallationLook['tone']>, string>> = {
  working: 'text-working-text',
  ready: 'text-ready-text',
  broken: 'text-broken-text',
};

interface InstallationRowProps {
  readonly installation: Installation;
  /** All of the engine, the newest first. */
  readonly sorted: readonly Installation[];
  /** The newest job of the engine. */
  readonly job: EngineJob | undefined;
  readonly onUse: () => void;
  readonly onTest: () => void;
  readonly onReinstall: () => void;
  readonly onRemove: () => void;
}

/** One version; its menu stays in reach at every width. */
export function InstallationRow(props: InstallationRowProps) {
  const { installation, sorted, job, onUse, onTest, onReinstall, onRemove } = props;
  const { version, state, origin } = installation;
  const users = useUsers(installation.id);
  const look = installationLook(installation, job);
  const offer = rowOffer(installation, users, sorted);
  const busy = job?.state === 'running' && 'Another task is running for this engine';
  const isHalf = state === 'installing' && 'Being installed';
  const items: readonly (MenuItem | 'separator')[] = [
    {
      label: 'Use this version…',
      writes: true,
      onSelect: onUse,
      reason: useReason(installation) || busy,
    },
    { label: 'Run the self-test', writes: true, onSelect: onTest, reason: isHalf || busy },
    ...(origin === 'managed'
      ? [
          {
            label: 'Reinstall',
            writes: true,
            onSelect: onReinstall,
            reason: isHalf || runningReason(users) || busy,
          },
        ]
      : []),
    'separator',
    {
      label: 'Remove…',
      writes: true,
      onSelect: onRemove,
      danger: true,
      reason: isHalf || removeReason(users) || busy,
    },
  ];
  return (
    <ContextMenu items={items}>
      <tr>
        <Td className="h-9">
          <span className="flex min-w-0 items-center gap-2 font-semibold">
            <StateGlyph glyph={look.glyph} />
            <ShortenedName name={version} />
          </span>
        </Td>
        <Td className={classNames('whitespace-nowrap', look.tone && TONES[look.tone])}>
          {look.state}
        </Td>
        <Td className={classNames('whitespace-nowrap text-text-2', HIDES.origin)}>{look.origin}</Td>
        <Td numeric className={classNames('whitespace-nowrap', HIDES.size)}>
          {look.size}
        </Td>
        <Td className={classNames('whitespace-nowrap pl-3 text-text-2', HIDES.selfTest)}>
          {look.selfTest}
        </Td>
        <Td className={classNames('pl-3 whitespace-nowrap', HIDES.users)}>{usersText(users)}</Td>
        <Td numeric className="whitespace-nowrap">
          <span className="flex items-center justify-end">
            {offer && (
              <Button
                writes
                size="small"
                className={classNames('mr-1', HIDES.offer)}
                reason={offer === 'remove' ? removeReason(users) || busy : busy}
                onClick={offer === 'remove' ? onRemove : onUse}
              >
                {offer === 'remove' ? 'Remove…' : 'Roll back…'}
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
          </span>
        </Td>
      </tr>
    </ContextMenu>
  );
}

/** Why a version cannot be put in use; false where it can. */
function useReason({ inUse, state }: Installation): string | false {
  if (inUse) return 'Already in use';
  if (state === 'installing') return 'Being installed';
  return state === 'broken' && "Can't run";
}

function useUsers(installationId: string) {
  const profiles = useLive((data) => data.profiles);
  const servers = useLive((data) => data.servers);
  return usersOf(installationId, profiles, servers);
}
