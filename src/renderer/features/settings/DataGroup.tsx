import type { DataUsage } from '@shared/domain/settings';
import { isActive } from '@shared/domain/server-state';
import { useState } from 'react';
import { Button } from '../../components/Button';
import { ConfirmDialog } from '../../components/Dialog';
import { errorSentence } from '../../components/ErrorBlock';
import { FormGroup, FormRow } from '../../components/Form';
import { formatCount, formatDisk } from '../../components/format';
import { useLive } from '../../live/use-live';
import { useAsk, useTell } from '../../queries/use-ask';

type Part = 'engines' | 'logs' | 'all';

interface Removal {
  readonly label: string;
  readonly hint: (usage: DataUsage) => string;
  readonly confirm: string;
  readonly what: (usage: DataUsage) => string;
}

const KEPT_MODELS = 'Models in the Hugging Face cache and in added folders stay.';

const REMOVALS: Readonly<Record<Part, Removal>> = {
  engines: {
    label: 'Engines',
    hint: ({ engines }) =>
      `${formatCount(engines.count, 'installation')}, ${formatDisk(engines.bytes)}`,
    confirm: 'Remove engines',
    what: ({ engines }) =>
      `${formatCount(engines.count, 'installation')} with ${formatDisk(engines.bytes)} go. Profiles, logs and settings stay; a server needs an engine to be installed again.`,
  },
  logs: {
    label: 'Logs',
    hint: ({ logs }) => `${formatCount(logs.count, 'file')}, ${formatDisk(logs.bytes)}`,
    confirm: 'Remove logs',
    what: ({ logs }) =>
      `${formatCount(logs.count, 'log file')} with ${formatDisk(logs.bytes)} go. Everything else stays.`,
  },
  all: {
    label: 'All data',
    hint: ({ total }) => `${formatDisk(total.bytes)} in all`,
    confirm: 'Remove all data',
    what: ({ total, profiles, engines }) =>
      `${formatDisk(total.bytes)} go: ${formatCount(profiles.count, 'profile')}, ${formatCount(engines.count, 'installation')}, all logs and settings.`,
  },
};

/** What the application stores and how to get rid of it, in numbers. */
export function DataGroup() {
  const usage = useAsk('data.usage', {});
  const remove = useTell('data.remove');
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
    <FormGroup title="Data" note={usage.data && `Kept in ${usage.data.home}`}>
      {(['engines', 'logs', 'all'] as const).map((key) => (
        <FormRow
          key={key}
          label={REMOVALS[key].label}
          hint={usage.data ? REMOVALS[key].hint(usage.data) : 'Counting'}
        >
          <Button
            size="small"
            kind={key === 'all' ? 'danger' : 'secondary'}
            reason={reason}
            onClick={() => setPart(key)}
          >
            {`${REMOVALS[key].confirm}…`}
          </Button>
        </FormRow>
      ))}
      {asked && usage.data && (
        <ConfirmDialog
          open
          onOpenChange={close}
          title={`${asked.confirm}?`}
          confirmLabel={asked.confirm}
          busy={remove.isPending}
          problem={remove.error ? errorSentence(remove.error) : undefined}
          onConfirm={confirm}
        >
          <p>{asked.what(usage.data)}</p>
          <p className="mt-2">{KEPT_MODELS}</p>
        </ConfirmDialog>
      )}
    </FormGroup>
  );
}
