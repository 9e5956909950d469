import { Button } from '@renderer/components/Button';
import { CopyButton } from '@renderer/components/CopyButton';
import { ErrorBlock, errorSentence } from '@renderer/components/ErrorBlock';
import { type Fact, Facts } from '@renderer/components/Facts';
import { Section } from '@renderer/components/Pane';
import { ProgressRow } from '@renderer/components/ProgressRow';
import { useNow } from '@renderer/components/use-now';
import { useSpeed } from '@renderer/domain/gateway/use-recent';
import { useServerActions } from '@renderer/domain/servers/server-actions';
import { useEndpoint } from '@renderer/domain/servers/use-endpoint';
import { RefusedStart, wantsRoom } from '@renderer/features/servers/make-room/RefusedStart';
import { useLive } from '@renderer/live/use-live';
import { useRpcQuery, useRpcCommand } from '@renderer/queries/use-rpc';
import { routeHref, useRouteRun } from '@renderer/routing/route';
import { engineName, loadSeconds, modelName, uptimeSeconds } from '@renderer/text/server-text';
import { ownEndpoint } from '@shared/domain/endpoint';
import { modelRefKind } from '@shared/domain/model-ref';
import type { ServerProfile } from '@shared/domain/profile';
import type { Server } from '@shared/domain/server';
import { hasProcess, isServing } from '@shared/domain/server-state';
import { makeAction } from '@shared/errors/action';
import { formatDisk } from '@shared/format/bytes';
import { formatCount, formatNumber, formatTokenSpeed } from '@shared/format/counts';
import { formatDate, formatDay } from '@shared/format/dates';
import { formatDuration, formatMilliseconds, formatShortDuration } from '@shared/format/durations';
import { AdviceList } from './AdviceList';
import { FailureBlock, RefusalBlock } from './FailureBlock';
import { IncidentBlock } from './IncidentBlock';
import { MemorySection } from './MemorySection';
import { RanksSection } from './RanksSection';
import { RestartBanner } from './RestartBanner';

/** What programs are told; its own port stays in sight where that is the gateway's. */
function AddressValue({ server }: { readonly server: Server }) {
  const { address, model } = useEndpoint(server);
  const own = ownEndpoint(server);
  return (
    <>
      <Copied text={address} label="Copy address" />
      {own.address !== address && (
        <>
          <span className="flex min-w-0 gap-1.5 text-text-2">
            with the model name
            <Copied text={model} label="Copy model name" />
          </span>
          <span className="flex min-w-0 gap-1.5 text-text-2">
            or directly at
            <Copied text={own.address} label="Copy direct address" />
          </span>
        </>
      )}
    </>
  );
}

function Copied({ text, label }: { readonly text: string; readonly label: string }) {
  return (
    <span className="flex h-[18px] min-w-0 items-center gap-1.5">
      <code className="min-w-0 truncate font-mono text-small text-text-1" title={text}>
        {text}
      </code>
      <CopyButton text={text} label={label} />
    </span>
  );
}

function ModelValue({ reference }: { readonly reference: string }) {
  const models = useRpcQuery('models.list', {});
  const model = models.data?.find((candidate) => candidate.ref === reference);
  const facts = [
    model && formatDisk(model.sizeBytes),
    model?.bits && `${model.bits}-bit`,
    model?.contextLength && `context ${formatNumber(model.contextLength)}`,
    model && !model.complete && 'incomplete',
    models.data && !model && 'not on this machine',
  ].filter(Boolean);
  return (
    <span className="flex flex-wrap gap-x-2">
      <a href={routeHref('models', [reference])} className="text-accent-text" title={reference}>
        {modelName(reference)}
      </a>
      <span className="text-text-2">{facts.join(', ')}</span>
    </span>
  );
}

function EngineValue({ server }: { readonly server: Server }) {
  const installation = useLive((data) =>
    data.installations.find((candidate) => candidate.id === server.installation),
  );
  const tested = installation?.testedAt;
  return (
    <span className="flex flex-wrap gap-x-2">
      <a href={routeHref('engines')} className="text-accent-text">
        {engineName(server.engine, installation?.version)}
      </a>
      <span className="text-text-2">
        {!installation && 'not installed'}
        {tested && `self-test passed ${formatDate(tested)}`}
      </span>
    </span>
  );
}

/** The way to what went through the gateway to this server, and how fast it answered. */
function RequestsValue({ profileId }: { readonly profileId: string }) {
  const speed = useSpeed(profileId);
  return (
    <span className="flex flex-wrap gap-x-2">
      <a
        href={routeHref('gateway', ['requests'], { profile: profileId })}
        className="text-accent-text"
      >
        Through the gateway
      </a>
      {speed && (
        <span className="text-text-2">
          {`last ${formatTokenSpeed(speed.last)}, median of the last hour ${formatTokenSpeed(speed.median)}`}
        </span>
      )}
    </span>
  );
}

function startedValue(server: Server, now: number): string | undefined {
  const up = uptimeSeconds(server, now);
  if (server.pid === undefined || up === undefined) return undefined;
  const ready =
    server.readySeconds === undefined
      ? ''
      : `, ready in ${formatShortDuration(server.readySeconds)}`;
  const restarts = server.restarts === 0 ? 'no restarts' : formatCount(server.restarts, 'restart');
  return `${formatDay(new Date(now - up * 1000))}${ready}, process ${server.pid}, ${restarts}`;
}

function LoadProgressSection({ server }: { readonly server: Server }) {
  const progress = server.progress;
  const now = useNow(progress !== undefined);
  if (!progress || (server.state !== 'starting' && server.state !== 'loading')) return null;
  return (
    <div className="mb-4 rounded-group bg-bg-group px-3 pt-1 pb-3">
      <ProgressRow
        glyph={server.state}
        phase={progress.phase}
        right={formatDuration(loadSeconds(server, now))}
        fraction={progress.fraction}
        label={`Loading ${server.name}`}
      />
      <p className="mt-1 h-4 truncate font-mono text-caption text-text-3">{progress.lastLine}</p>
    </div>
  );
}

function TestSection({ server }: { readonly server: Server }) {
  const test = useRpcCommand('servers.test');
  const serving = isServing(server.state);
  useRouteRun('test', () => test.mutate({ profileId: server.profileId }));
  return (
    <Section
      title="Test request"
      right={
        <Button
          writes
          size="small"
          busy={test.isPending}
          reason={!serving && 'Available when the server is ready'}
          onClick={() => test.mutate({ profileId: server.profileId })}
        >
          {test.isPending ? 'Waiting…' : 'Send test request'}
        </Button>
      }
    >
      <div aria-live="polite">
        {test.error && <ErrorBlock sentence={errorSentence(test.error)} />}
        {test.data && (
          <div className="rounded-segment bg-bg-group p-3">
            <p className="selectable font-mono text-small wrap-anywhere whitespace-pre-wrap">
              {test.data.text || '(an empty answer)'}
            </p>
            <p className="mt-2 text-small text-text-2">
              First token {formatMilliseconds(test.data.firstTokenMs)}, full answer{' '}
              {formatMilliseconds(test.data.totalMs)}
              {test.data.answerTokens !== undefined &&
                `, ${formatCount(test.data.answerTokens, 'token')}`}
            </p>
          </div>
        )}
        {!test.data && !test.error && (
          <p className="text-text-2">
            Sends a short chat request to this server, just as any app would.
          </p>
        )}
      </div>
    </Section>
  );
}

/** Why a server is degraded. */
function ConcernBanner({ sentence }: { readonly sentence: string }) {
  return <p className="mb-4 rounded-group bg-warning-tint px-4 py-2">{sentence}</p>;
}

/** What a profile without its model's files can still do. */
const GONE = {
  running: "The server keeps running with the loaded model, but can't start again without it.",
  stopped: "The server can't start without it.",
} as const;

/** Whether the files that a server which is not running needs are not there, and nothing else says so. */
function useModelGone({ model }: ServerProfile, server: Server): boolean {
  const models = useRpcQuery('models.list', {});
  // One that is not known yet is not missing.
  if (models.data === undefined || hasProcess(server.state)) return false;
  if (server.failure?.code === 'model_missing' && server.state !== 'stopped') return false;
  const isOf = { demo: false, none: false, folder: true, hub: true, invalid: false };
  return isOf[modelRefKind(model)] && !models.data.some(({ ref }) => ref === model);
}

/** The model's files are gone; a model of Hugging Face can be fetched again. */
function ModelGone({
  profile,
  sentence,
}: {
  readonly profile: ServerProfile;
  readonly sentence: string;
}) {
  const actions = useServerActions();
  const fetch = makeAction('download_model', { ref: profile.model });
  const isComing = useLive(({ downloads }) =>
    downloads.some(({ ref, state }) => ref === profile.model && state !== 'done'),
  );
  return (
    <ErrorBlock
      tone="warning"
      className="mb-4"
      sentence={`The model ${modelName(profile.model)} is no longer on this machine.`}
      detail={isComing ? `${sentence} Its download is in the list of downloads.` : sentence}
      actions={
        modelRefKind(profile.model) === 'hub' &&
        !isComing && (
          <Button writes onClick={() => void actions.perform(profile.id, fetch)}>
            {fetch.label}
          </Button>
        )
      }
    />
  );
}

interface OverviewTabProps {
  readonly profile: ServerProfile;
  readonly server: Server;
}

/** What it is, how it goes, and what is wrong with it. */
export function OverviewTab({ profile, server }: OverviewTabProps) {
  const now = useNow(hasProcess(server.state));
  const started = startedValue(server, now);
  const refused = wantsRoom(server);
  const gone = useModelGone(profile, server);
  const facts: Fact[] = [
    { label: 'Address', value: <AddressValue server={server} /> },
    { label: 'Model', value: <ModelValue reference={profile.model} /> },
    { label: 'Engine', value: <EngineValue server={server} /> },
    { label: 'Started', value: started ?? 'Not running' },
    { label: 'Requests', value: <RequestsValue profileId={profile.id} /> },
  ];
  return (
    <div>
      <RefusalBlock profileId={profile.id} server={server} />
      <FailureBlock server={server} />
      <IncidentBlock server={server} />
      {server.modelMissing && <ModelGone profile={profile} sentence={GONE.running} />}
      {gone && <ModelGone profile={profile} sentence={GONE.stopped} />}
      {server.concern && <ConcernBanner sentence={server.concern} />}
      {refused && <RefusedStart profile={profile} server={server} />}
      <RestartBanner server={server} />
      <LoadProgressSection server={server} />
      {refused ? (
        <Section>
          <Facts facts={facts} />
        </Section>
      ) : (
        <>
          <Facts facts={facts} />
          <MemorySection server={server} />
        </>
      )}
      {profile.cluster && <RanksSection server={server} />}
      <TestSection server={server} />
      <AdviceList profileId={profile.id} />
    </div>
  );
}
