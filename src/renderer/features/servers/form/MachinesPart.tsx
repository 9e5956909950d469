import { Plus, X } from 'lucide-react';
import { useState } from 'react';

import { Button, IconButton } from '@renderer/components/Button';
import { Disclosure } from '@renderer/components/Disclosure';
import { ErrorBlock, errorSentence } from '@renderer/components/ErrorBlock';
import { Field, NumberField } from '@renderer/components/Field';
import { FormRow } from '@renderer/components/Form';
import { Segmented } from '@renderer/components/Segmented';
import { StateGlyph } from '@renderer/components/StateGlyph';
import { useRpcCommand } from '@renderer/queries/use-rpc';
import { LOCAL_ONLY_HINT } from '@renderer/text/local-only';
import type { Cluster, ClusterHost, HostCheck } from '@shared/domain/cluster';
import { formatCount } from '@shared/format/counts';
import type { ProfileDraft } from './draft';
import { parseAddresses, type Spread, spreadOf, withSpread } from './machines';
import type { FieldMessage } from './use-check';

interface MachinesPartProps {
  readonly draft: ProfileDraft;
  readonly set: (changes: Partial<ProfileDraft>) => void;
  readonly problems: readonly FieldMessage[];
  readonly local: boolean;
  /** A saved profile can be checked on its machines. */
  readonly profileId: string | undefined;
}

const BACKENDS = [
  { value: 'ring', label: 'TCP' },
  { value: 'jaccl', label: 'RDMA' },
  { value: 'mpi', label: 'MPI' },
] as const;
const SPLITS = [
  { value: 'tensor', label: 'Within layers' },
  { value: 'pipeline', label: 'By layers' },
] as const;

function summaryOf(cluster: Cluster | null): string {
  if (cluster === null) return 'This machine only';
  return cluster.ranks === undefined
    ? formatCount(cluster.hosts.length, 'machine')
    : `${formatCount(cluster.ranks, 'rank')} on this machine`;
}

/** One model over several machines, through MLX's own launcher. Only mlx-lm joins its ranks into one. */
export function MachinesPart({ draft, set, problems, local, profileId }: MachinesPartProps) {
  const { cluster } = draft;
  const own = problems.filter(({ field }) => /^cluster(?:\.|$)/.test(field));
  const [open, setOpen] = useState(false);
  if (draft.engine !== 'mlx-lm') return null;
  const change = (changes: Partial<Cluster>) =>
    cluster && set({ cluster: { ...cluster, ...changes } });
  const reason = local ? undefined : LOCAL_ONLY_HINT;
  const spreads: { value: Spread; label: string; reason?: string | undefined }[] = [
    { value: 'alone', label: 'This machine' },
    { value: 'ranks', label: 'Test with several processes', reason },
    { value: 'hosts', label: 'Several machines', reason },
  ];
  return (
    <Disclosure
      title="Machines"
      summary={summaryOf(cluster)}
      open={open || own.length > 0}
      onOpenChange={setOpen}
    >
      <FormRow label="Run on" hint={reason} field="cluster">
        <Segmented
          value={spreadOf(cluster)}
          options={spreads}
          onChange={(spread) => set({ cluster: withSpread(cluster, spread) })}
        />
      </FormRow>
      {cluster?.ranks !== undefined && (
        <FormRow
          label="Ranks"
          hint="Each process loads its part of the model."
          field="cluster.ranks"
        >
          <NumberField value={cluster.ranks} onChange={(ranks) => ranks && change({ ranks })} />
        </FormRow>
      )}
      {cluster && cluster.ranks === undefined && (
        <HostRows hosts={cluster.hosts} onChange={(hosts) => change({ hosts })} />
      )}
      {cluster && (
        <>
          <FormRow label="Connection" field="cluster.backend">
            <Segmented
              value={cluster.backend}
              options={BACKENDS}
              onChange={(backend) => change({ backend })}
            />
          </FormRow>
          <FormRow label="Split" hint="How the model is split." field="cluster.sharding">
            <Segmented
              value={cluster.sharding}
              options={SPLITS}
              onChange={(sharding) => change({ sharding })}
            />
          </FormRow>
        </>
      )}
      {own.map(({ field, message }) => (
        <ErrorBlock key={field + message} className="my-2" sentence={message} />
      ))}
      {cluster && profileId && <HostChecks profileId={profileId} />}
    </Disclosure>
  );
}

interface HostRowsProps {
  readonly hosts: readonly ClusterHost[];
  readonly onChange: (hosts: ClusterHost[]) => void;
}

/** The machines in the order of their ranks; the first is this one. */
function HostRows({ hosts, onChange }: HostRowsProps) {
  const put = (at: number, changes: Partial<ClusterHost>) =>
    onChange(hosts.map((host, index) => (index === at ? { ...host, ...changes } : host)));
  return (
    <div className="py-2">
      <ol className="space-y-2" aria-label="Machines">
        {hosts.map((host, at) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: a machine is its place; its name is being typed
          <li key={at} className="flex flex-wrap items-center gap-2">
            <Field
              aria-label={`Name of machine ${at + 1}`}
              placeholder="Name"
              width="w-32"
              value={host.name}
              onChange={(name) => put(at, { name })}
            />
            {host.ssh === null ? (
              <span className="w-44 text-text-2">without ssh</span>
            ) : (
              <Field
                mono
                aria-label={`ssh address of machine ${at + 1}`}
                placeholder="user@host"
                width="w-44"
                value={host.ssh}
                onChange={(ssh) => put(at, { ssh })}
              />
            )}
            <Field
              mono
              aria-label={`Addresses of machine ${at + 1}`}
              placeholder="10.0.0.1"
              width="w-40"
              value={host.addresses.join(' ')}
              onChange={(text) => put(at, { addresses: parseAddresses(text) })}
            />
            {at > 0 && (
              <IconButton
                size="small"
                label={`Remove machine ${at + 1}`}
                onClick={() => onChange(hosts.filter((_, index) => index !== at))}
              >
                <X size={14} strokeWidth={1.5} />
              </IconButton>
            )}
          </li>
        ))}
      </ol>
      <Button
        size="small"
        className="mt-2"
        icon={<Plus size={13} strokeWidth={1.5} />}
        onClick={() => onChange([...hosts, { name: '', ssh: '', addresses: [] }])}
      >
        Add machine
      </Button>
    </div>
  );
}

/** What a start would find on each machine of the saved profile. */
function HostChecks({ profileId }: { readonly profileId: string }) {
  const check = useRpcCommand('profiles.checkHosts');
  return (
    <div className="py-2">
      <Button
        writes
        size="small"
        busy={check.isPending}
        onClick={() => check.mutate({ profileId })}
      >
        Check machines
      </Button>
      <span className="ml-2 text-caption text-text-3">Checks the saved profile.</span>
      {check.error && <ErrorBlock className="mt-2" sentence={errorSentence(check.error)} />}
      {check.data?.map((host) => (
        <HostResult key={host.host} host={host} />
      ))}
    </div>
  );
}

function HostResult({ host }: { readonly host: HostCheck }) {
  return (
    <div className="mt-2">
      <p className="flex items-center gap-2 font-medium">
        <StateGlyph glyph={host.ok ? 'ok' : 'failed'} />
        {`${host.host}: ${host.ok ? 'ready' : 'not ready'}`}
      </p>
      <ul className="pl-6 text-small text-text-2">
        {host.checks.map(({ id, text, fix }) => (
          <li key={id}>
            {text} {fix}
          </li>
        ))}
      </ul>
    </div>
  );
}
