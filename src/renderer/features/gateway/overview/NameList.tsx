import { Section } from '@renderer/components/Pane';
import { ShortenedName } from '@renderer/components/ShortenedName';
import { StateGlyph } from '@renderer/components/StateGlyph';
import { Table, Td, Th } from '@renderer/components/Table';
import { useRowKeys } from '@renderer/components/use-row-keys';
import { useLive, useServer } from '@renderer/live/use-live';
import { routeHref } from '@renderer/routing/route';
import { stateLabel } from '@renderer/text/server-text';
import type { GatewayName } from '@shared/domain/gateway-name';
import { formatNumber } from '@shared/format/counts';

/** What programs put into `model`: each profile with its other names, its context length and its state. */
export function NameList({ names }: { readonly names: readonly GatewayName[] }) {
  const keys = useRowKeys<HTMLTableElement>(names.map(({ profileId }) => profileId));
  return (
    <Section first title="Model names" right={names.length}>
      <div className="@container">
        <Table
          ref={keys.ref}
          aria-label="Model names"
          className="table-fixed"
          onKeyDown={keys.onKeyDown}
        >
          <thead>
            <tr>
              <Th>Name</Th>
              <Th className="@max-[420px]:hidden">Aliases</Th>
              <Th numeric className="w-[76px] @max-[520px]:hidden">
                Context
              </Th>
              <Th numeric className="w-[128px] @max-[420px]:w-[96px]">
                State
              </Th>
            </tr>
          </thead>
          <tbody>
            {names.map((name) => (
              <NameRow
                key={name.profileId}
                name={name}
                tabIndex={keys.tabIndexOf(name.profileId)}
              />
            ))}
          </tbody>
        </Table>
      </div>
    </Section>
  );
}

interface NameRowProps {
  readonly name: GatewayName;
  readonly tabIndex: 0 | -1;
}

function NameRow({ name: { profileId, name, aliases, contextLength }, tabIndex }: NameRowProps) {
  const server = useServer(profileId);
  const start = useLive(({ profiles }) => profiles.find(({ id }) => id === profileId)?.start);
  const state = server?.state ?? 'stopped';
  return (
    <tr>
      <Td>
        <a
          href={routeHref('servers', [profileId])}
          data-row={profileId}
          tabIndex={tabIndex}
          className="flex min-w-0 items-center gap-2 font-medium"
        >
          <StateGlyph glyph={state} size={12} />
          <ShortenedName name={name} />
        </a>
      </Td>
      <Td className="@max-[420px]:hidden">
        <span className="flex min-w-0 items-center gap-1.5 text-text-2">
          <span className="selectable min-w-0 truncate font-mono" title={aliases.join(', ')}>
            {aliases.join(', ')}
          </span>
        </span>
      </Td>
      <Td numeric className="@max-[520px]:hidden">
        {contextLength === undefined ? '' : formatNumber(contextLength)}
      </Td>
      <Td numeric className="truncate text-text-2">
        {state === 'stopped' && start === 'request' ? 'Starts on request' : stateLabel(state)}
      </Td>
    </tr>
  );
}
