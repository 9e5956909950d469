import type { HubModelPage, SuggestedModel } from '@shared/domain/hub';
import { DomainError } from '@shared/errors';

import { inParallel } from '../ports/in-parallel';

interface Suggestion {
  readonly ref: string;
  readonly name: string;
}

interface Purpose {
  /** What such a model is good for, as a person would choose by it. */
  readonly about: string;
  /** From the largest to the smallest: the first that fits is suggested. */
  readonly models: readonly Suggestion[];
}

const mlx = (repository: string, name: string): Suggestion => ({
  ref: `mlx-community/${repository}`,
  name,
});

/** Well-known conversions that the recommended engine runs; their sizes are asked of the hub. */
const PURPOSES: readonly Purpose[] = [
  {
    about: 'Good at most things',
    models: [
      mlx('Qwen3-32B-4bit', 'Qwen3 32B'),
      mlx('Qwen3-14B-4bit', 'Qwen3 14B'),
      mlx('Qwen3-8B-4bit', 'Qwen3 8B'),
      mlx('Qwen3-4B-4bit', 'Qwen3 4B'),
      mlx('Qwen3-1.7B-4bit', 'Qwen3 1.7B'),
      mlx('Qwen3-0.6B-4bit', 'Qwen3 0.6B'),
    ],
  },
  {
    about: 'Small and quick',
    models: [
      mlx('Llama-3.2-3B-Instruct-4bit', 'Llama 3.2 3B'),
      mlx('Llama-3.2-1B-Instruct-4bit', 'Llama 3.2 1B'),
    ],
  },
  {
    about: 'Many languages, and images with the engine mlx-vlm',
    models: [
      mlx('gemma-3-27b-it-4bit', 'Gemma 3 27B'),
      mlx('gemma-3-12b-it-4bit', 'Gemma 3 12B'),
      mlx('gemma-3-4b-it-4bit', 'Gemma 3 4B'),
    ],
  },
];

/**
 * A few models that fit this machine, of one purpose each, for who runs the first one; fewer where nothing
 * of a kind fits or the hub does not have it.
 * @throws DomainError offline, rate_limited when the hub cannot be asked.
 */
export async function suggestModels(
  describe: (ref: string, signal: AbortSignal) => Promise<HubModelPage>,
): Promise<SuggestedModel[]> {
  const found = await inParallel(PURPOSES, PURPOSES.length, (purpose, signal) =>
    firstThatFits(purpose, describe, signal),
  );
  return found.flatMap((model) => model ?? []);
}

async function firstThatFits(
  { about, models }: Purpose,
  describe: (ref: string, signal: AbortSignal) => Promise<HubModelPage>,
  signal: AbortSignal,
): Promise<SuggestedModel | undefined> {
  for (const { ref, name } of models) {
    signal.throwIfAborted();
    const page = await describe(ref, signal).catch(unlessUnreachable);
    const fit = page?.facts.fit;
    if (!page || fit?.verdict !== 'fits') continue;
    const { sizeBytes, parameters, bits } = page.facts;
    return {
      ...{ ref, name, about, sizeBytes, fit },
      ...(parameters === undefined ? {} : { parameters }),
      ...(bits === undefined ? {} : { bits }),
      reasons: page.template !== undefined && page.template.reasoning !== 'none',
      callsTools: page.template?.toolCalls ?? false,
    };
  }
  return undefined;
}

/** A model that is gone or refused is passed over; a hub that cannot be asked is said. */
function unlessUnreachable(error: unknown): undefined {
  const passedOver = ['not_found', 'gated', 'unauthorised', 'unsafe_name', 'validation'];
  if (error instanceof DomainError && passedOver.includes(error.code)) return undefined;
  throw error;
}
