import { classNames } from '@renderer/components/class-names';
import { MiddleName } from '@renderer/components/MiddleName';
import { StateGlyph } from '@renderer/components/StateGlyph';
import { Table, Td, Th } from '@renderer/components/Table';
import { useRowKeys } from '@renderer/components/use-row-keys';
import { useServer } from '@renderer/live/use-live';
import { routeHref } from '@renderer/routing/route';
import { modelName, stateLabel } from '@renderer/text/server-text';
import type { Installation } from '@shared/domain/engine';
import type { ServerProfile } from '@shared/domain/profile';
import { stateFamily } from '@shared/domain/server-state';
import { profileVersion } from './profile-version';

interface ProfileTableProps {
  /** Those of one engine, in the person's order. */
  readonly profiles: readonly ServerProfile[];
  readonly installations: readonly Installation[];
}

/** Columns that go where there is no room, the first of these first. */
const HIDES = { model: '@max-[520px]:hidden', version: '@max-[230px]:hidden' } as const;

/** The profiles that run on an engine: with which version, and how they are. */
export function ProfileTable({ profiles, installations }: ProfileTableProps) {
  const keys = useRowKeys<HTMLTableElement>(profiles.map(({ id }) => id));
  return (
    <div className="@container">
      <Table
        ref={keys.ref}
        aria-label="Profiles"
        className="table-fixed"
        onKeyDown={keys.onKeyDown}
      >
        <thead>
          <tr>
            <Th className="w-[28%] @max-[520px]:w-auto">Profile</Th>
            <Th className={HIDES.model}>Model</Th>
            <Th
              className={classNames(
                'w-[194px] @max-[520px]:w-[188px] @max-[360px]:w-[72px]',
                HIDES.version,
              )}
            >
              Version
            </Th>
            <Th numeric className="w-[68px]">
              State
            </Th>
          </tr>
        </thead>
        <tbody>
          {profiles.map((profile) => (
            <Row
              key={profile.id}
              profile={profile}
              installations={installations}
              tabIndex={keys.tabIndexOf(profile.id)}
            />
          ))}
        </tbody>
      </Table>
    </div>
  );
}

interface RowProps {
  readonly profile: ServerProfile;
  readonly installations: readonly Installation[];
  readonly tabIndex: 0 | -1;
}

/** The whole row leads to the profile. */
function Row({ profile, installations, tabIndex }: RowProps) {
  const server = useServer(profile.id);
  if (!server) return null;
  const { version, note } = profileVersion(profile, server, installations);
  const isBroken = stateFamily(server.state) === 'broken';
  return (
    <tr className="relative hover:bg-fill-1">
      <Td>
        <a
          href={routeHref('servers', [profile.id])}
          data-row={profile.id}
          tabIndex={tabIndex}
          className="flex min-w-0 items-center gap-2 font-medium after:absolute after:inset-0"
        >
          <StateGlyph glyph={server.state} size={12} />
          <MiddleName text={profile.name} />
        </a>
      </Td>
      <Td className={classNames(HIDES.model, 'text-text-2')}>
        <MiddleName text={modelName(profile.model)} />
      </Td>
      <Td className={classNames(HIDES.version, 'whitespace-nowrap')}>
        {version ?? 'None'}
        {note && <span className="ml-2 text-text-2 @max-[360px]:hidden">{note}</span>}
      </Td>
      <Td numeric className={isBroken ? 'text-broken-text' : 'text-text-2'}>
        {stateLabel(server.state)}
      </Td>
    </tr>
  );
}
