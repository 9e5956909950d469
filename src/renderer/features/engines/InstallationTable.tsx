import { useState } from 'react';

import { Button } from '@renderer/components/Button';
import { classNames } from '@renderer/components/class-names';
import { ConfirmDialog } from '@renderer/components/Dialog';
import { ErrorBlock, errorSentence } from '@renderer/components/ErrorBlock';
import { Table, Th } from '@renderer/components/Table';
import { useRpcCommand } from '@renderer/queries/use-rpc';
import type { EngineJob, Installation } from '@shared/domain/engine';
import { formatDisk } from '@shared/format/bytes';
import { formatShortDuration } from '@shared/format/durations';
import { HIDES, InstallationRow } from './InstallationRow';
import { earlierThan, newestFirst } from './installation-facts';
import { SwitchDialog } from './SwitchDialog';

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
  const sorted = newestFirst(installations);
  const inUse = sorted.find((one) => one.inUse);
  const earlier = inUse && earlierThan(inUse, sorted);
  return (
    <>
      <div className="@container">
        <Table aria-label="Installations" className="table-fixed">
          <thead>
            <tr>
              <Th sticky className="@min-[640px]:w-[112px]">
                Version
              </Th>
              <Th sticky className="w-[84px]">
                State
              </Th>
              <Th sticky className={classNames('w-[100px]', HIDES.origin)}>
                Origin
              </Th>
              <Th sticky numeric className={classNames('w-[76px]', HIDES.size)}>
                Size
              </Th>
              <Th sticky className={classNames('w-[124px] pl-3', HIDES.selfTest)}>
                Self-test
              </Th>
              <Th sticky className={classNames('w-[92px] pl-3', HIDES.users)}>
                Used by
              </Th>
              <Th sticky className="w-[112px] @min-[640px]:w-auto @max-[410px]:w-[30px]">
                <span className="sr-only">Actions</span>
              </Th>
            </tr>
          </thead>
          <tbody>
            {sorted.map((one) => (
              <InstallationRow
                key={one.id}
                installation={one}
                sorted={sorted}
                job={job}
                onUse={() => setSwitching(one)}
                onTest={() => test.mutate({ installationId: one.id })}
                onReinstall={() => reinstall.mutate({ installationId: one.id })}
                onRemove={() => setRemoving(one)}
              />
            ))}
          </tbody>
        </Table>
      </div>
      {sorted.map(
        (one) =>
          one.problem !== undefined && (
            <ErrorBlock
              key={one.id}
              className="mt-3"
              tone={one.state === 'unknown' ? 'warning' : 'broken'}
              sentence={
                one.state === 'unknown'
                  ? `Couldn't check whether ${one.version} can run.`
                  : `${one.version} can't run.`
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
          {`After rolling back, profiles use ${earlier.version} the next time they start. Running servers aren't affected.`}
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
            ? `Frees ${formatDisk(removing.sizeBytes)}. Profiles and models aren't deleted.`
            : "Removes it from the list. Its files aren't deleted."}
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
