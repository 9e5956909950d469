import { Server, SquareTerminal } from 'lucide-react';
import { type ReactNode, useEffect, useRef } from 'react';

import { Badge } from '@renderer/components/Badge';
import { Button } from '@renderer/components/Button';
import { CopyButton } from '@renderer/components/CopyButton';
import { StateGlyph } from '@renderer/components/StateGlyph';
import { useEndpoint } from '@renderer/domain/servers/use-endpoint';
import { useLive } from '@renderer/live/use-live';
import { navigate, routeHref } from '@renderer/routing/route';
import { chatCommand } from '@renderer/text/request-text';
import { stateLabel } from '@renderer/text/server-text';
import type { Server as LiveServer } from '@shared/domain/server';
import { isServing } from '@shared/domain/server-state';
import type { Setup, SetupStep } from '@shared/domain/setup';
import { formatMemory } from '@shared/format/bytes';
import { formatCount, formatTokenSpeed } from '@shared/format/counts';
import { formatDuration, formatMilliseconds } from '@shared/format/durations';
import { doneText, engineDone } from './SetupProgress';

/** The first server runs: what was done, what it said, and how others reach it. Stays until it is closed. */
export function SetupDone({ setup }: { readonly setup: Setup }) {
  const { plan, engine, model, server: step, answer } = setup;
  const server = useLive((data) => data.servers[step.profileId ?? '']);
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => heading.current?.focus(), []);
  const modelName = plan.model.split('/').at(-1) ?? plan.model;
  const isHere = model.seconds === undefined;
  return (
    <div className="mx-auto max-w-[640px] px-5 pt-4 pb-16 min-[1000px]:pt-10">
      <div className="flex items-center gap-2.5">
        <h2
          ref={heading}
          tabIndex={-1}
          className="min-w-0 truncate text-[26px] leading-8 font-semibold outline-none"
          title={plan.name}
        >
          {`${plan.name} ${server && isServing(server.state) ? 'is running' : 'is set up'}`}
        </h2>
        {server && <Badge glyph={server.state}>{stateLabel(server.state)}</Badge>}
      </div>
      <p className="mt-1 text-text-2" role="status">
        {summary(setup, server)}
      </p>
      <ul className="mt-4">
        <DoneRow step={engine} text={engineDone(setup)} />
        <DoneRow
          step={model}
          text={`${isHere ? 'Found' : 'Downloaded and verified'} ${modelName}`}
        />
        <DoneRow step={step} text="Started the server and got an answer" />
      </ul>
      {answer && <FirstAnswer answer={answer} />}
      {server && <UseIt server={server} />}
    </div>
  );
}

function summary({ startedAt, endedAt }: Setup, server: LiveServer | undefined): string {
  const seconds = endedAt && (Date.parse(endedAt) - Date.parse(startedAt)) / 1000;
  const took = seconds ? `Set up in ${formatDuration(seconds)}.` : '';
  const uses =
    server?.memoryBytes === undefined
      ? ''
      : `It uses ${formatMemory(server.memoryBytes)} of memory.`;
  return [took, uses].filter(Boolean).join(' ');
}

function DoneRow({ step, text }: { readonly step: SetupStep; readonly text: string }) {
  return (
    <li className="flex min-h-[27px] items-center gap-2">
      <StateGlyph glyph="ok" />
      <span className="min-w-0 flex-1 truncate" title={text}>
        {text}
      </span>
      <span className="shrink-0 text-small text-text-2">{doneText(step)}</span>
    </li>
  );
}

function FirstAnswer({ answer }: { readonly answer: NonNullable<Setup['answer']> }) {
  const { question, text, tokensPerSecond, answerTokens, firstTokenMs } = answer;
  const figures = [
    answerTokens === undefined ? '' : formatCount(answerTokens, 'token'),
    `first token ${formatMilliseconds(firstTokenMs)}`,
  ];
  return (
    <section aria-label="First answer" className="mt-5 rounded-group bg-bg-group p-4">
      <div className="flex items-start justify-between gap-4">
        <h3 className="text-small text-text-2">First answer</h3>
        <p className="selectable rounded-row bg-bg px-3 py-2 text-[14px]">{question}</p>
      </div>
      <p
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
        tabIndex={0}
        className="selectable mt-3 max-h-44 overflow-auto text-[14px] leading-[22px] wrap-anywhere whitespace-pre-wrap"
      >
        {text || '(an empty answer)'}
      </p>
      <div className="mt-3 flex items-center gap-3 text-small">
        {tokensPerSecond !== undefined && (
          <span className="font-semibold">{formatTokenSpeed(tokensPerSecond)}</span>
        )}
        {figures.filter(Boolean).map((figure) => (
          <span key={figure} className="text-text-2">
            {figure}
          </span>
        ))}
        <span className="ml-auto">
          <CopyButton text={text} label="Copy answer" />
        </span>
      </div>
    </section>
  );
}

function UseIt({ server }: { readonly server: LiveServer }) {
  const { address, model } = useEndpoint(server);
  return (
    <section aria-label="Use it from any app" className="mt-6">
      <h3 className="font-semibold">Use it from any app</h3>
      <div className="mt-2 flex flex-wrap items-center gap-x-3 gap-y-2">
        <code className="selectable font-mono text-[15px]">{address}</code>
        <CopyButton text={address} label="Copy address" labelled size="regular" />
        <span className="ml-auto flex min-w-0 items-center gap-1.5 text-small text-text-2">
          Model
          <code className="selectable min-w-0 truncate font-mono text-text-1" title={model}>
            {model}
          </code>
          <CopyButton text={model} label="Copy model name" />
        </span>
      </div>
      <div className="mt-3 rounded-group bg-bg-group px-4 [&>*+*]:border-t [&>*+*]:border-sep">
        <NextStep
          icon={<SquareTerminal size={16} strokeWidth={1.5} />}
          title="Call it from code"
          about="Any client of the OpenAI API works with this address."
          action={
            <CopyButton
              text={chatCommand(address, model)}
              label="Copy as curl"
              labelled
              size="regular"
            />
          }
        />
        <NextStep
          icon={<Server size={16} strokeWidth={1.5} />}
          title="Look inside"
          about="State, memory, log and settings of the server."
          action={
            <Button
              kind="primary"
              onClick={() => navigate(routeHref('servers', [server.profileId]))}
            >
              Show the server
            </Button>
          }
        />
      </div>
    </section>
  );
}

interface NextStepProps {
  readonly icon: ReactNode;
  readonly title: string;
  readonly about: string;
  readonly action: ReactNode;
}

function NextStep({ icon, title, about, action }: NextStepProps) {
  return (
    <div className="flex min-h-[62px] items-center gap-4 py-2">
      <span aria-hidden="true" className="shrink-0 text-text-2">
        {icon}
      </span>
      <div className="min-w-0 flex-1">
        <h4 className="font-semibold">{title}</h4>
        <p className="text-small text-text-2">{about}</p>
      </div>
      {action}
    </div>
  );
}
