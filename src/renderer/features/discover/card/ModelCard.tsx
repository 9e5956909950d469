import { memo, useEffect, useState } from 'react';

import { Section } from '@renderer/components/Pane';
import { useRpcQuery } from '@renderer/queries/use-rpc';
import { DomainError } from '@shared/errors';
import { cardParts } from './card-parts';
import { CardMarkdown } from './CardMarkdown';

interface ModelCardProps {
  readonly modelRef: string;
  /** Its page on the hub. */
  readonly page: string;
}

/** The text with which its author describes a model. */
export function ModelCard({ modelRef, page }: ModelCardProps) {
  const card = useRpcQuery('hub.card', { ref: modelRef });
  return (
    <Section title="Card">
      {card.isPending && <p className="text-text-2">Loading…</p>}
      {card.error && <p className="text-text-2">{cardProblem(card.error)}</p>}
      {card.data?.markdown === '' && <p className="text-text-2">No model card.</p>}
      {card.data && <CardText key={card.data.markdown} markdown={card.data.markdown} page={page} />}
      {card.data?.truncated && (
        <p className="mt-3 text-small text-text-2">Read the rest on Hugging Face.</p>
      )}
    </Section>
  );
}

function cardProblem(error: Error): string {
  return error instanceof DomainError && error.code === 'gated'
    ? 'Available here once you have access. Until then, read it on Hugging Face.'
    : error.message;
}

const Part = memo(CardMarkdown);

/** Drawn a part at a time, so that a huge card holds nothing up. */
function CardText({ markdown, page }: { readonly markdown: string; readonly page: string }) {
  const [parts] = useState(() => cardParts(markdown));
  const [shown, setShown] = useState(1);
  useEffect(() => {
    if (shown >= parts.length) return;
    const timer = setTimeout(() => setShown(shown + 1), 30);
    return () => clearTimeout(timer);
  }, [shown, parts]);
  return (
    <div className="selectable wrap-anywhere [unicode-bidi:isolate]">
      {parts.slice(0, shown).map((text, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: the parts of one text never change places
        <Part key={index} text={text} page={page} />
      ))}
    </div>
  );
}
