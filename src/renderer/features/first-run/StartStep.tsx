import { useState } from 'react';

import { useClient } from '@renderer/api/api-context';
import { Button } from '@renderer/components/Button';
import { ErrorBlock, errorSentence } from '@renderer/components/ErrorBlock';
import { useServerActions } from '@renderer/domain/servers/server-actions';
import { useRpcQuery } from '@renderer/queries/use-rpc';
import { navigate, routeHref } from '@renderer/routing/route';
import { waitsFor } from './model-choice';
import { Step } from './Step';

interface StartStepProps {
  readonly engineReady: boolean;
  /** What is chosen and whole on this machine. */
  readonly model: { readonly ref: string; readonly name: string } | undefined;
}

/** Makes the first profile and starts it, once there are an engine and a model. */
export function StartStep({ engineReady, model }: StartStepProps) {
  const client = useClient();
  const servers = useServerActions();
  const port = useRpcQuery('profiles.nextPort', {});
  const [problem, setProblem] = useState<string>();
  const [busy, setBusy] = useState(false);
  const start = async (): Promise<void> => {
    if (!model) return;
    setBusy(true);
    setProblem(undefined);
    try {
      const name = model.name.slice(0, 80);
      const { profile } = await client.call('profiles.create', { name, model: model.ref });
      navigate(routeHref('servers', [profile.id]));
      // This view is gone from here on: a refusal is shown with the profile.
      await servers.start(profile.id);
    } catch (error) {
      setProblem(errorSentence(error));
    } finally {
      setBusy(false);
    }
  };
  const waits = waitsFor(engineReady, model !== undefined);
  return (
    <Step number={3} title="Start" state={waits ? 'waiting' : 'current'} last>
      <div className="flex items-center justify-between gap-3">
        <p className="min-w-0 text-text-2">
          Your server will be at{' '}
          <span className="font-mono text-[12px] whitespace-nowrap">
            {port.data ? `http://127.0.0.1:${port.data.port}/v1` : ''}
          </span>
        </p>
        <div className="flex shrink-0 items-center gap-3">
          {waits && <span className="text-small text-text-2">{waits}</span>}
          <Button writes kind="primary" busy={busy} reason={waits} onClick={() => void start()}>
            Start server
          </Button>
        </div>
      </div>
      {problem && <ErrorBlock className="mt-3" sentence={problem} />}
    </Step>
  );
}
