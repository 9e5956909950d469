import { Button } from '@renderer/components/Button';
import { classNames } from '@renderer/components/class-names';
import { ShortenedName } from '@renderer/components/ShortenedName';
import { Table, Td, Th } from '@renderer/components/Table';
import { useMinute } from '@renderer/components/use-minute';
import { useRowKeys } from '@renderer/components/use-row-keys';
import { useLive } from '@renderer/live/use-live';
import type { GatewayKey } from '@shared/domain/gateway';
import { formatDate, formatDay } from '@shared/format/dates';
import { expiryOf, profilesOf, spentReason, tokensOf } from './key-text';

/** Columns that go where there is no room, the first of these first. */
const HIDES = {
  created: '@max-[760px]:hidden',
  profiles: '@max-[640px]:hidden',
  used: '@max-[520px]:hidden',
  expires: '@max-[400px]:hidden',
} as const;

interface KeyTableProps {
  readonly keys: readonly GatewayKey[];
  readonly onRevoke: (key: GatewayKey) => void;
}

/** One row for each key, the oldest first. The tab stop is one key's button; the arrows move it. */
export function KeyTable({ keys, onRevoke }: KeyTableProps) {
  const rows = useRowKeys<HTMLTableElement>(keys.map(({ id }) => id));
  return (
    <div className="@container">
      <Table ref={rows.ref} aria-label="Keys" className="table-fixed" onKeyDown={rows.onKeyDown}>
        <thead>
          <tr>
            <Th>Name</Th>
            <Th className={HIDES.profiles}>May use</Th>
            <Th className={classNames('w-[92px]', HIDES.created)}>Created</Th>
            <Th className={classNames('w-[116px]', HIDES.used)}>Last used</Th>
            <Th numeric className="w-[104px]">
              Tokens
            </Th>
            <Th className={classNames('w-[100px] pl-3', HIDES.expires)}>Expires</Th>
            <Th className="w-[84px]">
              <span className="sr-only">Actions</span>
            </Th>
          </tr>
        </thead>
        <tbody>
          {keys.map((key) => (
            <KeyRow
              key={key.id}
              gatewayKey={key}
              tabIndex={rows.tabIndexOf(key.id)}
              onRevoke={() => onRevoke(key)}
            />
          ))}
        </tbody>
      </Table>
    </div>
  );
}

interface KeyRowProps {
  readonly gatewayKey: GatewayKey;
  readonly tabIndex: 0 | -1;
  readonly onRevoke: () => void;
}

function KeyRow({ gatewayKey: key, tabIndex, onRevoke }: KeyRowProps) {
  const profiles = useLive((data) => data.profiles);
  const now = useMinute();
  const spent = spentReason(key, now);
  const names = profilesOf(key, profiles);
  return (
    <tr className="h-8">
      <Td className={classNames('font-medium', spent && 'text-text-2')}>
        <ShortenedName name={key.name} />
      </Td>
      <Td className={HIDES.profiles}>
        <span className="block truncate" title={names}>
          {names}
        </span>
      </Td>
      <Td className={classNames('truncate text-text-2', HIDES.created)}>
        {formatDate(key.createdAt, new Date(now))}
      </Td>
      <Td className={classNames('truncate text-text-2', HIDES.used)}>
        {key.lastUsedAt === undefined ? 'Never' : formatDay(key.lastUsedAt, new Date(now))}
      </Td>
      <Td
        numeric
        className={classNames('truncate', spent === 'Quota used up' && 'text-warning-text')}
        title={spent === 'Quota used up' ? spent : undefined}
      >
        {tokensOf(key)}
      </Td>
      <Td
        className={classNames(
          'truncate pl-3',
          HIDES.expires,
          spent === 'Expired' ? 'text-warning-text' : 'text-text-2',
        )}
      >
        {expiryOf(key, now)}
      </Td>
      <Td numeric>
        <Button
          writes
          kind="plain"
          size="small"
          data-row={key.id}
          tabIndex={tabIndex}
          aria-label={`Revoke ${key.name}…`}
          onClick={onRevoke}
        >
          Revoke…
        </Button>
      </Td>
    </tr>
  );
}
