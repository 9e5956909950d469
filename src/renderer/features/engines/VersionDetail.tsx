import { type ReactNode, useId, useState } from 'react';

import { Button } from '@renderer/components/Button';
import { CopyButton } from '@renderer/components/CopyButton';
import { ErrorBlock, errorSentence } from '@renderer/components/ErrorBlock';
import { Facts } from '@renderer/components/Facts';
import { Section } from '@renderer/components/Pane';
import { useRpcQuery } from '@renderer/queries/use-rpc';
import type { EngineOption, Installation } from '@shared/domain/engine';
import { formatCount } from '@shared/format/counts';

/** What the version in use is made of. */
export function VersionDetail({ installation }: { readonly installation: Installation }) {
  const answer = useRpcQuery('engines.options', { installationId: installation.id });
  const options = (answer.data ?? []).filter(({ reserved }) => !reserved);
  const { command, path, packages = [], python, pythonVersion, origin } = installation;
  const place = origin === 'registered' ? (command ?? python ?? path) : path;
  const count = answer.data ? options.length : installation.optionCount;
  return (
    <Section title={`Version ${installation.version}`}>
      <Facts
        facts={[
          {
            label: command ? 'Program' : 'Environment',
            value: (
              <span className="flex items-center gap-2 font-mono text-small break-all">
                {place}
                <CopyButton text={place} label="Copy path" size="small" />
              </span>
            ),
          },
          ...(pythonVersion ? [{ label: 'Python', value: pythonVersion }] : []),
          ...(packages.length > 0
            ? [
                {
                  label: 'Contents',
                  value: (
                    <OnDemand says={formatCount(packages.length, 'package')} what="packages">
                      <Packages packages={packages} />
                    </OnDemand>
                  ),
                },
              ]
            : []),
          {
            label: 'Options',
            value:
              count === undefined ? (
                'Not read yet'
              ) : (
                <OnDemand says={`${count} read from --help`} what="options">
                  <Options options={options} />
                </OnDemand>
              ),
          },
        ]}
      />
      {answer.error && <ErrorBlock className="mt-3" sentence={errorSentence(answer.error)} />}
    </Section>
  );
}

interface OnDemandProps {
  readonly says: string;
  /** What the list is of, for its button's name. */
  readonly what: string;
  readonly children: ReactNode;
}

/** A number with its list behind a link. */
function OnDemand({ says, what, children }: OnDemandProps) {
  const [shown, setShown] = useState(false);
  const id = useId();
  return (
    <>
      {says}
      <Button
        kind="plain"
        size="small"
        className="-my-0.5 ml-1"
        aria-expanded={shown}
        aria-controls={id}
        aria-label={shown ? `Hide list of ${what}` : `Show list of ${what}`}
        onClick={() => setShown(!shown)}
      >
        {shown ? 'Hide list' : 'Show list'}
      </Button>
      <div id={id} hidden={!shown}>
        {shown && children}
      </div>
    </>
  );
}

function Packages({ packages }: { readonly packages: readonly string[] }) {
  return (
    <ul className="mt-1 columns-2 gap-6 font-mono text-small text-text-2 narrow:columns-1">
      {packages.map((name) => (
        <li key={name} className="truncate">
          {name}
        </li>
      ))}
    </ul>
  );
}

function Options({ options }: { readonly options: readonly EngineOption[] }) {
  return (
    <ul className="mt-1">
      {options.map((option) => (
        <li key={option.key} className="border-b border-sep py-1.5 last:border-b-0">
          <span className="font-mono text-small">{option.flag}</span>
          {option.default !== undefined && (
            <span className="ml-2 text-small text-text-2">{`default ${String(option.default)}`}</span>
          )}
          <p className="text-small text-text-2">{option.help}</p>
        </li>
      ))}
    </ul>
  );
}
