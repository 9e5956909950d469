import { useState } from 'react';

import { CodeBlock } from '@renderer/components/CodeBlock';
import { Select } from '@renderer/components/Select';
import { useLive } from '@renderer/live/use-live';
import { routeHref } from '@renderer/routing/route';
import type { GatewayName } from '@shared/domain/gateway-name';
import type { GatewayStatus } from '@shared/domain/gateway-status';
import { SNIPPET_KINDS, type SnippetKind, snippetOf } from './snippets';

interface ConnectProps {
  readonly status: GatewayStatus;
  readonly names: readonly GatewayName[];
}

/** A program that asks the gateway, with the true address and a name that exists. */
export function Connect({ status, names }: ConnectProps) {
  const [kind, setKind] = useState<SnippetKind>('curl');
  const [chosen, setChosen] = useState<string>();
  const needsKey = useLive((data) => data.settings.gatewayRequireKey);
  const name = names.find(({ profileId }) => profileId === chosen) ?? names[0];
  if (!status.url || !name) {
    return (
      <section aria-labelledby="connect-title">
        <h2 id="connect-title" className="font-semibold">
          Connect a program
        </h2>
        <p className="mt-2 text-text-2">
          {status.url
            ? 'Create a profile first: programs name it in each request.'
            : 'Examples with the address are here while the gateway is listening.'}
        </p>
      </section>
    );
  }
  const text = snippetOf(kind, {
    url: status.url,
    model: name.aliases[0] ?? name.name,
    needsKey,
  });
  return (
    <section aria-labelledby="connect-title">
      <h2 id="connect-title" className="font-semibold">
        Connect a program
      </h2>
      <div className="mt-2 mb-2.5 flex flex-wrap gap-2">
        <Select
          aria-label="Program"
          value={kind}
          options={SNIPPET_KINDS}
          onChange={setKind}
          width="w-44"
        />
        <Select
          aria-label="Profile"
          value={name.profileId}
          options={names.map((one) => ({ value: one.profileId, label: one.name }))}
          onChange={setChosen}
          width="w-44"
        />
      </div>
      <CodeBlock label="Example" copy={text} copyLabel="Copy example">
        {text}
      </CodeBlock>
      {needsKey && (
        <p className="mt-2 text-small text-text-2">
          Every program needs a key of its own:{' '}
          <a href={routeHref('gateway', ['keys'])} className="text-accent-text underline">
            Keys
          </a>
        </p>
      )}
    </section>
  );
}
