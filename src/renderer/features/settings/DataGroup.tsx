import { useState } from 'react';

import { Button } from '@renderer/components/Button';
import { CopyButton } from '@renderer/components/CopyButton';
import { ConfirmDialog } from '@renderer/components/Dialog';
import { ErrorBlock, errorSentence } from '@renderer/components/ErrorBlock';
import { FormGroup, FormRow } from '@renderer/components/Form';
import { isMac } from '@renderer/components/platform';
import { useLive } from '@renderer/live/use-live';
import { useRpcQuery, useRpcCommand } from '@renderer/queries/use-rpc';
import { isActive } from '@shared/domain/server-state';
import type { DataUsage } from '@shared/domain/settings';
import { formatDisk } from '@shared/format/bytes';
import { formatCount } from '@shared/format/counts';
import { keptModels } from './storage';
import { StorageRow } from './StorageRow';

type Part = 'engines' | 'logs' | 'downloads' | 'all';

/** What is on disk, with downloads that are not done: their bytes are in the Hugging Face cache. */
interface Usage extends DataUsage {
  readonly downloads: { readonly count: number; readonly bytes: number };
}

interface Removal {
  readonly label: string;
  readonly hint: (usage: Usage, kept: string) => string;
  readonly confirm: string;
  readonly what: (usage: Usage) => string;
  /** Why there is nothing to remove. */
  readonly nothing?: (usage: Usage) => string | false;
}

const REMOVALS: Readonly<Record<Part, Removal>> = {
  engines: {
    label: 'Installed engines',
    hint: ({ engines }) =>
      `${formatCount(engines.count, 'installation')}, ${formatDisk(engines.bytes)}`,
    confirm: 'Remove engines',
    what: ({ engines }) =>
      `Deletes ${formatCount(engines.count, 'installation')} (${formatDisk(engines.bytes)}). Profiles, logs and settings are kept. Servers can't start until you install an engine again.`,
    nothing: ({ engines }) => engines.count + engines.bytes === 0 && 'No engines are installed',
  },
  logs: {
    label: 'Logs',
    hint: ({ logs }) => `${formatCount(logs.count, 'file')}, ${formatDisk(logs.bytes)}`,
    confirm: 'Remove logs',
    what: ({ logs }) =>
      `Deletes ${formatCount(logs.count, 'log file')} (${formatDisk(logs.bytes)}). Everything else is kept.`,
    nothing: ({ logs }) => logs.count === 0 && 'There are no logs',
  },
  downloads: {
    label: 'Unfinished downloads',
    hint: ({ downloads }) =>
      downloads.count === 0
        ? 'None'
        : `${formatCount(downloads.count, 'download')}, ${formatDisk(downloads.bytes)} in the Hugging Face cache`,
    confirm: 'Cancel downloads',
    what: ({ downloads }) =>
      `Deletes ${formatCount(downloads.count, 'unfinished download')} (${formatDisk(downloads.bytes)}). Complete models are kept.`,
    nothing: ({ downloads }) => downloads.count === 0 && 'No unfinished downloads',
  },
  all: {
    label: 'Everything',
    hint: ({ total, profiles, engines }, kept) =>
      `Removes ${formatCount(engines.count, 'installation')}, ${formatCount(profiles.count, 'profile')}, logs, the token and settings: ${formatDisk(total.bytes)}. ${kept}`,
    confirm: 'Remove everything',
    what: ({ total, profiles, engines, downloads }) =>
      `Deletes ${formatDisk(total.bytes + downloads.bytes)}: ${formatCount(profiles.count, 'profile')}, ${formatCount(engines.count, 'installation')}, all logs and settings, the Hugging Face token${downloads.count > 0 ? `, ${formatCount(downloads.count, 'unfinished download')}` : ''}.`,
  },
};

/** What the application stores and how to get rid of it, in numbers. */
export function DataGroup() {
  // Servers write logs without telling how much.
  const usage = useRpcQuery('data.usage', {}, { fresh: true });
  const unfinished = useLive((data) => data.downloads.filter(({ state }) => state !== 'done'));
  const stored = usage.data && {
    ...usage.data,
    downloads: {
      count: unfinished.length,
      bytes: unfinished.reduce((sum, { bytes }) => sum + bytes, 0),
    },
  };
  const kept = keptModels(useRpcQuery('models.list', {}).data ?? []);
  const home = useLive((data) => data.manager.home);
  const remove = useRpcCommand('data.remove');
  const reveal = useRpcCommand('desktop.revealData');
  const isDesktop = useLive((data) => data.desktop !== null);
  const running = useLive((data) =>
    Object.values(data.servers).flatMap((server) => (isActive(server.state) ? [server.name] : [])),
  );
  const [part, setPart] = useState<Part>();
  const reason = running.length > 0 && `Stop ${running.join(', ')} first`;
  const asked = part && REMOVALS[part];
  const close = (): void => {
    setPart(undefined);
    remove.reset();
  };
  const confirm = (): void => {
    if (!part) return;
    remove.mutate(
      { what: part },
      {
        onSuccess: () => {
          close();
          void usage.refetch();
        },
      },
    );
  };
  return (
    <FormGroup title="Data">
      <FormRow label="Location">
        <span className="selectable truncate font-mono text-[12px]" title={home}>
          {home}
        </span>
        <CopyButton text={home} label="Copy path" />
        {isDesktop && (
          <Button writes size="small" onClick={() => reveal.mutate({})}>
            {isMac() ? 'Show in Finder' : 'Show in file manager'}
          </Button>
        )}
      </FormRow>
      <StorageRow usage={usage.data} />
      {usage.error && <ErrorBlock className="my-3" sentence={errorSentence(usage.error)} />}
      {(['engines', 'logs', 'downloads', 'all'] as const).map((key) => (
        <FormRow
          key={key}
          label={REMOVALS[key].label}
          hint={stored ? REMOVALS[key].hint(stored, kept) : 'Counting'}
        >
          <Button
            writes
            size="small"
            kind={key === 'all' ? 'danger' : 'secondary'}
            reason={
              (key !== 'downloads' && reason) ||
              (stored ? REMOVALS[key].nothing?.(stored) : 'Counting')
            }
            onClick={() => setPart(key)}
          >
            {`${REMOVALS[key].confirm}…`}
          </Button>
        </FormRow>
      ))}
      {asked && stored && (
        <ConfirmDialog
          open
          onOpenChange={close}
          title={`${asked.confirm}?`}
          confirmLabel={asked.confirm}
          busy={remove.isPending}
          problem={remove.error ? errorSentence(remove.error) : undefined}
          onConfirm={confirm}
        >
          <p>{asked.what(stored)}</p>
          <p className="mt-2">{kept}</p>
        </ConfirmDialog>
      )}
    </FormGroup>
  );
}
