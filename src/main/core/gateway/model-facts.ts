import type { Model } from '@shared/domain/model';
import type { TargetKind } from '@shared/gateway/target';

import type { ModelLibrary } from '../models/model-library';
import type { Background } from '../ports/background';
import type { ModelFacts } from './targets';

export interface ModelFactsOptions {
  readonly models: () => Pick<ModelLibrary, 'resolve'>;
  readonly background: Background;
  /** Something is known that was not. */
  readonly changed: () => void;
}

/** What lists and counts need of the profiles' models, known without asking the disk for each request. */
export interface ModelFactsBook {
  /** Undefined until it is known, and where the model is not on this machine. */
  of(ref: string): ModelFacts | undefined;
  /** The library changed: everything is asked anew, and what was known holds until then. */
  refresh(): void;
}

export function modelFactsOf({ models, background, changed }: ModelFactsOptions): ModelFactsBook {
  const known = new Map<string, { facts: ModelFacts | undefined; isFresh: boolean }>();
  const look = async (ref: string): Promise<void> => {
    const found = await models().resolve(ref);
    const facts = found && factsOf(found.model, found.path);
    const before = JSON.stringify(known.get(ref)?.facts);
    known.set(ref, { facts, isFresh: true });
    if (JSON.stringify(facts) !== before) changed();
  };
  return {
    of(ref) {
      const entry = known.get(ref);
      if (!entry?.isFresh) {
        known.set(ref, { facts: entry?.facts, isFresh: true });
        background.run(`read what the gateway tells of ${ref}`, () => look(ref));
      }
      return entry?.facts;
    },
    refresh() {
      for (const [ref, entry] of known) known.set(ref, { ...entry, isFresh: false });
      changed();
    },
  };
}

const KINDS: Readonly<Record<NonNullable<Model['kind']>, TargetKind>> = {
  text: 'text',
  vision: 'vision',
  embedding: 'embedding',
  audio: 'speech',
  image: 'other',
  adapter: 'other',
  other: 'other',
};

function factsOf({ kind, template, contextLength }: Model, folder: string): ModelFacts {
  return {
    kind: kind === undefined ? 'text' : KINDS[kind],
    folder,
    contextLength,
    tools: template?.toolCalls,
    reasoning: template && template.reasoning !== 'none',
  };
}
