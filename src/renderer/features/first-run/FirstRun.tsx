import type { Model } from '@shared/domain/model';
import { Plus, Server } from 'lucide-react';
import { type ReactNode, useState } from 'react';
import { useClient } from '../../api/api-context';
import { Button } from '../../components/Button';
import { classNames } from '../../components/class-names';
import { EmptyState } from '../../components/EmptyState';
import { ErrorBlock, errorSentence } from '../../components/ErrorBlock';
import { formatDisk } from '../../components/format';
import { ProgressBar } from '../../components/Meter';
import { Pane } from '../../components/Pane';
import { StateGlyph } from '../../components/StateGlyph';
import { useLive } from '../../live/use-live';
import { useAsk, useTell } from '../../queries/use-ask';
import { FailedJob, JobLog, PhaseList } from '../engines/JobPanel';
import { jobOf } from '../engines/job-text';
import { PaletteButton } from '../frame/PaletteButton';
import { navigate, routeHref } from '../frame/route';
import { useServerActions } from '../servers/server-actions';

const ENGINE = 'mlx-lm';

/** Servers without a profile: three steps to the first one, or the plain empty state once skipped. */
export function FirstRun() {
  const skipped = useLive((data) => data.settings.setupSkipped);
  return skipped ? <NoServers /> : <SetUp />;
}

function NoServers() {
  const setting = useTell('settings.set');
  return (
    <Pane
      label="Servers"
      className="flex-1"
      toolbar={{ title: 'Servers', subtitle: 'No profile yet', children: <PaletteButton /> }}
    >
      <EmptyState
        icon={<Server size={32} strokeWidth={1.5} />}
        title="No server yet"
        actions={
          <>
            <Button
              kind="primary"
              icon={<Plus size={14} />}
              onClick={() => navigate(routeHref('servers', ['new']))}
            >
              New profile
            </Button>
            <Button
              kind="plain"
              onClick={() => setting.mutate({ key: 'setupSkipped', value: false })}
            >
              Set up step by step
            </Button>
          </>
        }
      >
        A profile is a model, an engine and a port; starting it gives every program an address to
        talk to.
      </EmptyState>
    </Pane>
  );
}

function SetUp() {
  const skip = useTell('settings.set');
  const ready = useLive((data) =>
    data.installations.some((one) => one.engine === ENGINE && one.inUse),
  );
  const [model, setModel] = useState('demo');
  return (
    <Pane
      label="Set up the first server"
      className="flex-1"
      toolbar={{
        title: 'Servers',
        subtitle: 'Set up the first one',
        children: (
          <>
            <Button kind="plain" onClick={() => skip.mutate({ key: 'setupSkipped', value: true })}>
              Skip set-up
            </Button>
            <PaletteButton />
          </>
        ),
      }}
    >
      <div className="mx-auto max-w-[640px] px-5 pt-4 pb-16">
        <h2 className="text-[26px] leading-8 font-semibold">Run a model on this machine</h2>
        <p className="mt-1 mb-8 text-text-2">
          Three steps. Closing the window does not interrupt them.
        </p>
        {skip.error && <ErrorBlock className="mb-4" sentence={errorSentence(skip.error)} />}
        <ol>
          <EngineStep ready={ready} />
          <ModelStep chosen={model} onChoose={setModel} />
          <StartStep engineReady={ready} model={model} />
        </ol>
      </div>
    </Pane>
  );
}

interface StepProps {
  readonly number: number;
  readonly title: string;
  readonly state: 'current' | 'done' | 'waiting';
  readonly right?: ReactNode;
  readonly children: ReactNode;
}

function Step({ number, title, state, right, children }: StepProps) {
  return (
    <li className="relative flex gap-4 pb-8">
      <span
        aria-hidden
        className={classNames(
          'flex size-[26px] shrink-0 items-center justify-center rounded-full text-small font-semibold',
          state === 'current' ? 'bg-accent-fill text-white' : 'bg-fill-2 text-text-2',
        )}
      >
        {state === 'done' ? <StateGlyph glyph="ok" size={16} /> : number}
      </span>
      <div className="min-w-0 flex-1">
        <div className="flex items-baseline justify-between gap-3">
          <h3 className="text-toolbar font-semibold">{title}</h3>
          <span className="text-small text-text-2">{right}</span>
        </div>
        <div className="mt-1.5">{children}</div>
      </div>
    </li>
  );
}

function EngineStep({ ready }: { readonly ready: boolean }) {
  const inUse = useLive((data) =>
    data.installations.find((one) => one.engine === ENGINE && one.inUse),
  );
  const job = jobOf(
    useLive((data) => Object.values(data.engineJobs)),
    ENGINE,
  );
  const install = useTell('engines.install');
  const cancel = useTell('engines.cancel');
  const running = job?.state === 'running' ? job : undefined;
  const start = (): void => install.mutate({ engine: ENGINE });
  const problem = install.error ?? cancel.error;
  return (
    <Step
      number={1}
      title="Install the engine"
      state={ready ? 'done' : 'current'}
      right={inUse && `${ENGINE} ${inUse.version}`}
    >
      <p className="text-text-2">
        {ready
          ? 'Installed, and its self-test passed.'
          : `${ENGINE} in its own Python environment. Nothing else on this machine is changed.`}
      </p>
      {!ready && !running && job?.state !== 'failed' && (
        <div className="mt-3">
          <Button kind="primary" busy={install.isPending} onClick={start}>
            Install {ENGINE}
          </Button>
        </div>
      )}
      {running && (
        <div className="mt-3">
          <div className="flex items-center gap-3">
            <div className="flex-1">
              <ProgressBar fraction={running.fraction} label="Installing the engine" />
            </div>
            <span className="tabular-nums">{`${Math.round(running.fraction * 100)} %`}</span>
            <Button
              size="small"
              busy={cancel.isPending}
              onClick={() => cancel.mutate({ jobId: running.id })}
            >
              Cancel
            </Button>
          </div>
          <PhaseList job={running} />
          <JobLog job={running} />
        </div>
      )}
      {!ready && job?.state === 'failed' && (
        <div className="mt-3">
          <FailedJob
            job={job}
            actions={
              <Button kind="primary" busy={install.isPending} onClick={start}>
                Try again
              </Button>
            }
          />
        </div>
      )}
      {problem && <ErrorBlock className="mt-3" sentence={errorSentence(problem)} />}
    </Step>
  );
}

interface ModelStepProps {
  readonly chosen: string;
  readonly onChoose: (ref: string) => void;
}

function ModelStep({ chosen, onChoose }: ModelStepProps) {
  const models = useAsk('models.list', {});
  return (
    <Step number={2} title="Choose a model" state="done" right="On this disk">
      {models.error && <ErrorBlock sentence={errorSentence(models.error)} />}
      <fieldset>
        <legend className="sr-only">Model</legend>
        {(models.data ?? []).map((model) => (
          <ModelChoice
            key={model.ref}
            model={model}
            chosen={model.ref === chosen}
            onChoose={onChoose}
          />
        ))}
      </fieldset>
    </Step>
  );
}

interface ModelChoiceProps {
  readonly model: Model;
  readonly chosen: boolean;
  readonly onChoose: (ref: string) => void;
}

function ModelChoice({ model, chosen, onChoose }: ModelChoiceProps) {
  const builtIn = model.origin === 'built-in';
  const incomplete = `Incomplete: ${model.missing?.[0] ?? 'files are missing'}`;
  const fact = builtIn
    ? 'Says a sentence about itself: shows that everything works, not what a model can do'
    : [model.architecture, model.bits && `${model.bits}-bit`].filter(Boolean).join(', ');
  return (
    <label
      className={classNames(
        'flex items-center gap-3 rounded-row px-3 py-2.5',
        chosen && 'bg-accent-tint',
        !model.complete && 'text-text-3',
      )}
    >
      <input
        type="radio"
        name="model"
        checked={chosen}
        disabled={!model.complete}
        onChange={() => onChoose(model.ref)}
        className="accent-accent"
      />
      <span className="min-w-0 flex-1">
        <span className="block truncate font-semibold">
          {builtIn ? 'Built-in test model' : model.name}
        </span>
        <span className="block text-small text-text-2">{model.complete ? fact : incomplete}</span>
      </span>
      <span className="tabular-nums">{formatDisk(model.sizeBytes)}</span>
    </label>
  );
}

interface StartStepProps {
  readonly engineReady: boolean;
  readonly model: string;
}

function StartStep({ engineReady, model }: StartStepProps) {
  const client = useClient();
  const servers = useServerActions();
  const port = useAsk('profiles.nextPort', {});
  const [problem, setProblem] = useState<string>();
  const [busy, setBusy] = useState(false);
  const start = async (): Promise<void> => {
    setBusy(true);
    setProblem(undefined);
    try {
      const name = model === 'demo' ? 'Demo' : (model.split('/').at(-1) ?? model);
      const { profile } = await client.call('profiles.create', { name: name.slice(0, 80), model });
      navigate(routeHref('servers', [profile.id]));
      // This view is gone from here on: a refusal is shown with the profile.
      await servers.start(profile.id);
    } catch (error) {
      setProblem(errorSentence(error));
    } finally {
      setBusy(false);
    }
  };
  return (
    <Step number={3} title="Start" state={engineReady ? 'current' : 'waiting'}>
      <div className="flex items-center justify-between gap-3">
        <p className="min-w-0 text-text-2">
          The server will answer at{' '}
          <span className="font-mono text-[12px]">
            {port.data ? `http://127.0.0.1:${port.data.port}/v1` : ''}
          </span>
        </p>
        <div className="flex shrink-0 items-center gap-3">
          {!engineReady && <span className="text-small text-text-2">Waits for step 1</span>}
          <Button
            kind="primary"
            busy={busy}
            reason={!engineReady && 'Waits for the engine'}
            onClick={() => void start()}
          >
            Start server
          </Button>
        </div>
      </div>
      {problem && <ErrorBlock className="mt-3" sentence={problem} />}
    </Step>
  );
}
