import { useState } from 'react';

import { CopyButton } from '@renderer/components/CopyButton';
import { Disclosure } from '@renderer/components/Disclosure';
import { ErrorBlock } from '@renderer/components/ErrorBlock';
import { ExternalLink } from '@renderer/components/ExternalLink';
import { Facts } from '@renderer/components/Facts';
import { FixButtons } from '@renderer/components/FixButtons';
import { Section } from '@renderer/components/Pane';
import { useMedia } from '@renderer/components/use-media';
import { useProblem } from '@renderer/domain/servers/problems';
import { useServerActions } from '@renderer/domain/servers/server-actions';
import { LogLineView } from '@renderer/features/servers/logs/LogLineView';
import { wantsRoom } from '@renderer/features/servers/make-room/RefusedStart';
import { useRpcQuery } from '@renderer/queries/use-rpc';
import { routeHref } from '@renderer/routing/route';
import { stateLabel } from '@renderer/text/server-text';
import type { Server } from '@shared/domain/server';
import { isActive } from '@shared/domain/server-state';
import { troubleshootingUrl } from '@shared/errors/troubleshooting';
import { formatCount } from '@shared/format/counts';
import { type FailureFixes, failureFixes } from './failure-fixes';

const LAST_LINES = 8;
/** So many are read to find them among those about checks. */
const READ_LINES = 200;

interface FixesProps {
  readonly profileId: string;
  readonly fixes: FailureFixes;
}

function Fixes({ profileId, fixes: { advice, fixes, mends } }: FixesProps) {
  const actions = useServerActions();
  return (
    <>
      {advice && <p className="w-full text-text-2">{advice}</p>}
      <FixButtons
        primary={mends}
        fixes={fixes.map((action) => ({
          label: action.label,
          onSelect: () => void actions.perform(profileId, action),
        }))}
      />
    </>
  );
}

interface RefusalBlockProps {
  readonly profileId: string;
  readonly server: Server;
}

/** What the manager refused to do with this profile, until the next action. */
export function RefusalBlock({ profileId, server }: RefusalBlockProps) {
  const problem = useProblem(profileId);
  if (!problem) return null;
  if (problem.code === 'does_not_fit' && isActive(server.state)) {
    return <RestartRefused profileId={profileId} sentence={problem.message} />;
  }
  // Only the proposal of the refusal: the server's own state may have nothing to do with it.
  const fixes = failureFixes({ state: 'stopped', failure: { action: problem.action } });
  return (
    <ErrorBlock
      className="mb-4"
      sentence={problem.message}
      actions={problem.action && <Fixes profileId={profileId} fixes={fixes} />}
    />
  );
}

/** A running server whose profile needs more by now than is free beside the others. */
function RestartRefused({
  profileId,
  sentence,
}: {
  readonly profileId: string;
  readonly sentence: string;
}) {
  const actions = useServerActions();
  return (
    <ErrorBlock
      className="mb-4"
      tone="warning"
      sentence={sentence}
      detail="It keeps running and hasn't been restarted."
      actions={
        <FixButtons
          fixes={[
            {
              label: 'Stop and make room…',
              onSelect: () => void actions.stopForRoom(profileId),
            },
            {
              label: 'Restart anyway',
              plain: true,
              onSelect: () => void actions.restart(profileId, { force: true }),
            },
          ]}
        />
      }
    />
  );
}

/** The report a person sends to someone else. */
function reportOf(server: Server): string {
  const failure = server.failure;
  const lines = (failure?.evidence ?? []).map(({ label, text }) => `${label}: ${text}`);
  return [
    `${server.name}: ${stateLabel(server.state)}`,
    failure?.message ?? '',
    `Cause: ${failure?.code ?? ''}`,
    ...lines,
  ].join('\n');
}

function EvidenceSection({ server }: { readonly server: Server }) {
  // In a small window the log below is worth more than the list.
  const narrow = useMedia('(width < 1000px)');
  const [chosen, setChosen] = useState<boolean>();
  const open = chosen ?? !narrow;
  const evidence = server.failure?.evidence ?? [];
  return (
    <div className="mt-3 flex items-start gap-3 border-b border-sep pb-2">
      <Disclosure
        className="min-w-0 flex-1"
        title="Evidence"
        summary={open ? undefined : evidence.map((item) => item.label).join(', ')}
        open={open}
        onOpenChange={setChosen}
      >
        <div className="pl-5">
          <Facts facts={[...evidence.map(({ label, text }) => ({ label, value: text }))]} />
        </div>
      </Disclosure>
      <span className="flex h-10 items-center">
        <CopyButton labelled kind="plain" text={() => reportOf(server)} label="Copy report" />
      </span>
    </div>
  );
}

function LogBeforeTheEnd({ server }: { readonly server: Server }) {
  const page = useRpcQuery(
    'logs.read',
    { profileId: server.profileId, from: -READ_LINES, limit: READ_LINES },
    { enabled: true },
  );
  const lines = (page.data?.lines ?? [])
    .filter(({ source }) => source !== 'probe')
    .slice(-LAST_LINES);
  // A start that was refused had no process: the newest run is an earlier one, that ended well.
  if (lines.length === 0 || page.data?.run?.outcome === 'stopped') return null;
  return (
    <Section
      first
      title={<span className="mt-4 block">Last log lines</span>}
      right={
        <a
          className="mt-4 block text-accent-text"
          href={routeHref('servers', [server.profileId, 'logs'])}
        >
          Show in Logs
        </a>
      }
    >
      <div className="overflow-hidden rounded-segment bg-bg-group py-1.5">
        {lines.map((line) => (
          <LogLineView key={line.n} line={line} wrap />
        ))}
      </div>
    </Section>
  );
}

/** A failed, stuck or retried server: the sentence, the fix, the evidence and the last lines. */
export function FailureBlock({ server }: { readonly server: Server }) {
  const failure = server.failure;
  if (!failure || server.state === 'stopped') return null;
  const fixes = failureFixes(server);
  return (
    <div className="mb-5">
      <ErrorBlock
        tone={server.state === 'failed' || server.state === 'stuck' ? 'broken' : 'warning'}
        sentence={failure.message}
        detail={
          server.restarts > 0
            ? `Gave up after ${formatCount(server.restarts, 'restart')}.`
            : undefined
        }
        actions={
          <>
            {/* What makes room stands below with its numbers. */}
            {!wantsRoom(server) && (fixes.advice || fixes.fixes.length > 0) && (
              <Fixes profileId={server.profileId} fixes={fixes} />
            )}
            <ExternalLink href={troubleshootingUrl(failure.code)} className="text-accent-text">
              Troubleshooting
            </ExternalLink>
          </>
        }
      />
      <EvidenceSection server={server} />
      <LogBeforeTheEnd key={server.since} server={server} />
    </div>
  );
}
