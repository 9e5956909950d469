import { Check, Lock } from 'lucide-react';

import { Button } from '@renderer/components/Button';
import { DownloadProgress } from '@renderer/domain/downloads/DownloadProgress';
import type { DownloadActions } from '@renderer/domain/downloads/use-download-actions';
import type { Download } from '@shared/domain/download';
import type { HubFacts, HubModel } from '@shared/domain/hub';
import { GetButton } from './GetButton';
import type { Getting } from './use-getting';

interface DownloadCellProps {
  readonly model: HubModel;
  readonly facts: HubFacts | undefined;
  readonly download: Download | undefined;
  /** Those of the download, and its beginning: the menu of the row has them too. */
  readonly actions: DownloadActions;
  readonly getting: Getting;
  readonly isOnDisk: boolean;
  /** Shows what a gated model waits for. */
  readonly onAccess: () => void;
}

/** What can be done with a model of the hub: get it, or what is becomes of the one that is coming. */
export function DownloadCell(props: DownloadCellProps) {
  const { model, facts, download, actions, getting, isOnDisk, onAccess } = props;
  if (download && download.state !== 'done') {
    return <DownloadProgress download={download} actions={actions} />;
  }
  if (isOnDisk) return <OnDisk />;
  if (facts?.access !== undefined) {
    return (
      <span className="flex justify-end">
        <Button
          size="small"
          icon={<Lock aria-hidden="true" size={12} strokeWidth={1.5} />}
          aria-label={`Request access to ${model.ref}`}
          onClick={onAccess}
        >
          Request access
        </Button>
      </span>
    );
  }
  return (
    <span className="flex flex-col items-end gap-1">
      <GetButton model={model} facts={facts} getting={getting} size="small" />
    </span>
  );
}

export function OnDisk() {
  return (
    <span className="flex items-center justify-end gap-1.5 text-text-2">
      <Check aria-hidden="true" size={14} strokeWidth={1.5} /> On this machine
    </span>
  );
}
