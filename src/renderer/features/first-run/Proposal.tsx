import { Cpu, Box, Server } from 'lucide-react';
import { useState } from 'react';

import { Badge } from '@renderer/components/Badge';
import { Button } from '@renderer/components/Button';
import { ErrorBlock, errorSentence } from '@renderer/components/ErrorBlock';
import { isDesktop, isMac } from '@renderer/components/platform';
import { ShortenedName } from '@renderer/components/ShortenedName';
import { FitBar } from '@renderer/domain/memory/FitBar';
import { useRpcCommand } from '@renderer/queries/use-rpc';
import { navigate, routeHref } from '@renderer/routing/route';
import { verdictOf } from '@renderer/text/fit-text';
import { formatDisk, formatMemory } from '@shared/format/bytes';
import { formatNumber } from '@shared/format/counts';
import { EngineChoices, Tag } from './EngineChoices';
import { aboutModel, type Choice, isSame } from './model-choice';
import { aboutDisk } from './DiskModels';
import { ModelChoices } from './ModelChoices';
import { downloadSentence, engineTitle } from './proposal';
import { ProposalRow } from './ProposalRow';
import { ServerChoices } from './ServerChoices';
import { type Proposal as Proposed, useProposal } from './use-proposal';

type Part = 'engine' | 'model' | 'server';

/** What suits this machine, each part of it to be changed, and one button that does all of it. */
export function Proposal() {
  const proposal = useProposal();
  const start = useRpcCommand('setup.start');
  const [open, setOpen] = useState<Part>();
  const [begin, setBegin] = useState<Choice['from']>();
  const { plan, modelBytes, engine, choosing } = proposal;
  const toggle = (part: Part) => () => {
    setBegin(undefined);
    setOpen(open === part ? undefined : part);
  };
  return (
    <div className="mx-auto max-w-[640px] px-5 pt-4 pb-16 min-[1000px]:pt-14">
      <h2 className="text-[26px] leading-8 font-semibold">{`Run a model on this ${isMac() ? 'Mac' : 'machine'}`}</h2>
      <p className="mt-1 text-text-2">
        {`This setup suits your ${isMac() ? 'Mac' : 'machine'}. You can change any part of it, now or later.`}
      </p>
      <div className="mt-6 rounded-group bg-bg-group px-4 [&>*+*]:border-t [&>*+*]:border-sep">
        <EngineRow proposal={proposal} isOpen={open === 'engine'} onToggle={toggle('engine')} />
        <ModelRow
          key={begin}
          proposal={proposal}
          begin={begin}
          isOpen={open === 'model'}
          onToggle={toggle('model')}
        />
        <ServerRow proposal={proposal} isOpen={open === 'server'} onToggle={toggle('server')} />
      </div>
      {choosing.problems.hub && open !== 'model' && (
        <ErrorBlock
          className="mt-4"
          tone="off"
          sentence={errorSentence(choosing.problems.hub)}
          detail="Only models on this machine can be proposed."
          actions={
            <Button size="small" busy={choosing.isAsking} onClick={choosing.askAgain}>
              Try again
            </Button>
          }
        />
      )}
      <Memory proposal={proposal} />
      {start.error && <ErrorBlock className="mt-5" sentence={errorSentence(start.error)} />}
      <div className="mt-6 flex flex-wrap items-center gap-x-3.5 gap-y-2">
        <Button
          writes
          kind="primary"
          size="large"
          busy={start.isPending}
          reason={reasonAgainst(proposal)}
          onClick={() => plan && start.mutate(plan)}
        >
          Set up and start
        </Button>
        <span className="text-text-1">{downloadSentence(engine, modelBytes)}</span>
      </div>
      <p className="mt-2.5 text-small text-text-2">
        {`You can close the ${isDesktop() ? 'window' : 'page'}; setup keeps going.`}
      </p>
      <div className="mt-6 border-t border-sep pt-4">
        <Button
          className="-ml-3"
          kind="plain"
          onClick={() => navigate(routeHref('servers', [], { setup: 'steps' }))}
        >
          Go step by step
        </Button>
        <Button
          kind="plain"
          onClick={() => {
            setBegin('disk');
            setOpen('model');
          }}
        >
          {`Use a model on this ${isMac() ? 'Mac' : 'machine'}…`}
        </Button>
      </div>
    </div>
  );
}

function reasonAgainst({ plan, fit, engine, choosing }: Proposed): string | undefined {
  if (choosing.choice === undefined) return 'Finding a model that fits this machine';
  if (!engine) return 'Looking for engines';
  if (engine.reason !== undefined) return engine.reason;
  if (fit?.verdict === 'no') return "This model doesn't fit in the memory that's free";
  return plan ? undefined : 'Enter a name and a port';
}

interface RowProps {
  readonly proposal: Proposed;
  readonly isOpen: boolean;
  readonly onToggle: () => void;
}

function EngineRow({ proposal, ...row }: RowProps) {
  const { engine } = proposal;
  const bytes = engine?.isInstalled ? undefined : engine?.downloadBytes;
  return (
    <ProposalRow
      {...row}
      icon={<Cpu size={16} strokeWidth={1.5} />}
      label="Engine"
      title={
        engine ? (
          <>
            <span className="truncate">{engineTitle(engine)}</span>
            {engine.isRecommended && <Tag>Recommended</Tag>}
          </>
        ) : (
          'Looking for engines…'
        )
      }
      about={
        engine?.reason ??
        (engine?.isInstalled
          ? 'Installed and tested.'
          : 'Gets its own Python environment. Nothing else changes.')
      }
      amount={bytes ? formatDisk(bytes) : undefined}
      note={engine?.isInstalled ? 'Installed' : undefined}
      choices={<EngineChoices proposal={proposal} />}
    />
  );
}

interface ModelRowProps extends RowProps {
  readonly begin: Choice['from'] | undefined;
}

function ModelRow({ proposal, begin, ...row }: ModelRowProps) {
  const { choosing, modelBytes } = proposal;
  const { choice, facts } = choosing;
  const suggestion = choice && facts.suggested?.find(({ ref }) => isSame(ref, choice.ref));
  const model = choice && facts.models.find(({ ref }) => isSame(ref, choice.ref));
  const isHere = modelBytes === 0;
  const size = model?.complete ? model.sizeBytes : (suggestion?.sizeBytes ?? modelBytes);
  const name = suggestion?.name ?? model?.name ?? choice?.ref.split('/').at(-1);
  return (
    <ProposalRow
      {...row}
      icon={<Box size={16} strokeWidth={1.5} />}
      label="Model"
      title={<ShortenedName name={name ?? 'Finding a model…'} />}
      about={
        suggestion
          ? `${aboutModel(suggestion)}.`
          : model
            ? aboutDisk(model)
            : choosing.problems.hub && errorSentence(choosing.problems.hub)
      }
      amount={size ? formatDisk(size) : undefined}
      note={isHere ? 'On this machine' : undefined}
      choices={<ModelChoices choosing={choosing} begin={begin} />}
    />
  );
}

function ServerRow({ proposal, ...row }: RowProps) {
  const { fit, port, name, isNamed } = proposal;
  return (
    <ProposalRow
      {...row}
      icon={<Server size={16} strokeWidth={1.5} />}
      label="Server"
      title={
        <span className="truncate" title={name}>
          {[isNamed ? name : '', port === undefined ? 'A free port' : `Port ${port}`]
            .filter(Boolean)
            .join(', ')}
        </span>
      }
      about={`${fit ? `Context ${formatNumber(fit.context)} tokens. ` : ''}Restarts after a crash.`}
      amount={fit && formatMemory(fit.total)}
      note={fit && 'of memory'}
      choices={<ServerChoices proposal={proposal} />}
    />
  );
}

function Memory({ proposal: { fit } }: { readonly proposal: Proposed }) {
  if (!fit) return null;
  const { glyph, label } = verdictOf(fit);
  const free = Math.max(0, fit.limit - fit.inUse);
  return (
    <section aria-label="Memory" className="mt-5">
      <div className="mb-2 flex flex-wrap items-center justify-between gap-x-3">
        <span className="flex items-center gap-2 font-semibold">
          Memory <Badge glyph={glyph}>{label}</Badge>
        </span>
        <span className="text-text-2">{`Needs ${formatMemory(fit.total)}; ${formatMemory(free)} is free`}</span>
      </div>
      <FitBar fit={fit} />
    </section>
  );
}
