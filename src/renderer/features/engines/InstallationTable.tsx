import type { Installation } from '@shared/domain/engine';
import { isActive } from '@shared/domain/server-state';
import { MoreHorizontal } from 'lucide-react';
import { useState } from 'react';
import { Button, IconButton } from '../../components/Button';
import { ConfirmDialog } from '../../components/Dialog';
import { ErrorBlock, errorSentence } from '../../components/ErrorBlock';
import { formatDay, formatDisk } from '../../components/format';
import { Menu } from '../../components/Menu';
import { StateGlyph } from '../../components/StateGlyph';
import { Table, Td, Th } from '../../components/Table';
import { useLive } from '../../live/use-live';
import { useTell } from '../../queries/use-ask';

const STATES = { installing: 'Installing', ready: 'Kept', broken: 'Self-test failed' } as const;

/** Every version of one engine: which is in use, what it takes, who uses it. */
export function InstallationTable({
  installations,
}: {
  readonly installations: readonly Installation[];
}) {
  const use = useTell('engines.use');
  const test = useTell('engines.test');
  const remove = useTell('engines.remove');
  const rollback = useTell('engines.rollback');
  const [removing, setRemoving] = useState<Installation>();
  const problem = use.error ?? test.error ?? rollback.error;
  return (
    <>
      <Table aria-label="Installations">
        <thead>
          <tr>
            <Th>Version</Th>
            <Th>State</Th>
            <Th>Origin</Th>
            <Th numeric>Size</Th>
            <Th>Self-test</Th>
            <Th>Used by</Th>
            <Th>
              <span className="sr-only">Actions</span>
            </Th>
          </tr>
        </thead>
        <tbody>
          {installations.map((one) => (
            <Row
              key={one.id}
              installation={one}
              onUse={() => use.mutate({ installationId: one.id })}
              onTest={() => test.mutate({ installationId: one.id })}
              onRemove={() => setRemoving(one)}
            />
          ))}
        </tbody>
      </Table>
      <div className="mt-3 flex items-center gap-3">
        <RollBack
          installations={installations}
          onRollBack={(engine) => rollback.mutate({ engine })}
          busy={rollback.isPending}
        />
        {test.isPending && <p role="status">Testing it with the built-in model…</p>}
        {test.data && (
          <p role="status" className="text-small text-text-2">
            {testText(test.data)}
          </p>
        )}
      </div>
      {problem && <ErrorBlock className="mt-3" sentence={errorSentence(problem)} />}
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

function testText(result: {
  passed: boolean;
  seconds: number;
  problem?: string | undefined;
}): string {
  const seconds = result.seconds.toFixed(1);
  return result.passed
    ? `Self-test passed in ${seconds} s`
    : `Self-test failed: ${result.problem ?? ''}`;
}

interface RowProps {
  readonly installation: Installation;
  readonly onUse: () => void;
  readonly onTest: () => void;
  readonly onRemove: () => void;
}

function Row({ installation, onUse, onTest, onRemove }: RowProps) {
  const users = useUsers(installation);
  const { version, inUse, state, origin, sizeBytes, testedAt } = installation;
  const running = users.running.length > 0 && `Stop ${users.running.join(', ')} first`;
  const glyph =
    state === 'broken' ? 'failed' : state === 'installing' ? 'loading' : inUse ? 'ok' : 'stopped';
  return (
    <tr>
      <Td>
        <span className="flex items-center gap-2 font-semibold">
          <StateGlyph glyph={glyph} />
          {version}
        </span>
      </Td>
      <Td className={inUse ? 'text-ready-text' : ''}>{inUse ? 'In use' : STATES[state]}</Td>
      <Td>{origin === 'managed' ? 'Package index' : 'Registered'}</Td>
      <Td numeric>{origin === 'managed' ? formatDisk(sizeBytes) : ''}</Td>
      <Td>{testedAt ? `Passed ${formatDay(testedAt)}` : ''}</Td>
      <Td>{users.names.length === 0 ? 'None' : users.names.join(', ')}</Td>
      <Td numeric>
        <Menu
          trigger={
            <IconButton label={`Actions for ${version}`} size="small">
              <MoreHorizontal size={14} />
            </IconButton>
          }
          items={[
            { label: 'Use this version', onSelect: onUse, reason: inUse && 'It is in use' },
            { label: 'Run the self-test', onSelect: onTest },
            'separator',
            { label: 'Remove…', onSelect: onRemove, danger: true, reason: running },
          ]}
        />
      </Td>
    </tr>
  );
}

/** Names of the profiles that run with it now or would run with it. */
function useUsers(installation: Installation): { names: string[]; running: string[] } {
  const profiles = useLive((data) => data.profiles);
  const servers = useLive((data) => data.servers);
  const users = profiles.filter((profile) => servers[profile.id]?.installation === installation.id);
  const running = users.filter((profile) => isActive(servers[profile.id]?.state ?? 'stopped'));
  return { names: users.map((p) => p.name), running: running.map((p) => p.name) };
}

interface RollBackProps {
  readonly installations: readonly Installation[];
  readonly onRollBack: (engine: Installation['engine'] & 'mlx-lm') => void;
  readonly busy: boolean;
}

function RollBack({ installations, onRollBack, busy }: RollBackProps) {
  const others = installations.filter((one) => !one.inUse && one.state === 'ready');
  if (others.length === 0) return null;
  return (
    <Button size="small" busy={busy} onClick={() => onRollBack('mlx-lm')}>
      Roll back
    </Button>
  );
}
