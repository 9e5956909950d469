import { useState } from 'react';

import { Badge } from '@renderer/components/Badge';
import { errorSentence } from '@renderer/components/ErrorBlock';
import { Section } from '@renderer/components/Pane';
import { Slider } from '@renderer/components/Slider';
import { useRpcQuery } from '@renderer/queries/use-rpc';
import { verdictOf } from '@renderer/text/fit-text';
import { formatMemory } from '@shared/format/bytes';
import { formatContext, formatNumber } from '@shared/format/counts';
import { contextSteps } from './fit-parts';
import { FitBar } from './FitBar';

interface ModelMemoryProps {
  /** As the library or the hub names it. */
  readonly modelRef: string;
  /** The longest context of the model, tokens. */
  readonly contextLength: number | undefined;
}

/** What a model needs on this machine, at a context that can be tried out. */
export function ModelMemory(props: ModelMemoryProps) {
  // Starts afresh for another model, so that no figure of the last one shows even for a moment.
  return <MemoryOf key={props.modelRef} {...props} />;
}

function MemoryOf({ modelRef, contextLength }: ModelMemoryProps) {
  const [context, setContext] = useState<number>();
  const question = context === undefined ? { ref: modelRef } : { ref: modelRef, context };
  const { data: fit, error } = useRpcQuery('models.fit', question, { keep: true, fresh: true });
  const verdict = fit && verdictOf(fit);
  return (
    <Section title="Memory" right={verdict && <Badge glyph={verdict.glyph}>{verdict.label}</Badge>}>
      {error && <p className="text-text-2">{errorSentence(error)}</p>}
      {fit && (
        <>
          <FitBar fit={fit} />
          <p className="mt-3 mb-1 flex justify-between gap-3">
            <span className="text-text-2">Context</span>
            <span>
              {formatNumber(fit.context)} tokens, needs {formatMemory(fit.total)}
            </span>
          </p>
          {contextLength !== undefined && (
            <Slider
              label="Context"
              steps={contextSteps(contextLength)}
              value={context ?? fit.context}
              onChange={setContext}
              format={(tokens) => `${formatNumber(tokens)} tokens`}
              tick={formatContext}
            />
          )}
          {fit.unknown.map((sentence) => (
            <p key={sentence} className="mt-2 text-small text-text-2">
              {sentence}
            </p>
          ))}
        </>
      )}
    </Section>
  );
}
