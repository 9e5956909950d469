import type { MeterPart } from '@renderer/components/Meter';
import type { FitEstimate } from '@shared/domain/memory';

/** A sum in parts, or what was measured on earlier runs and counts instead. */
export type Need = Pick<FitEstimate, 'parts' | 'learnedPeak'>;

/** The parts of the sum, or the one figure that was measured on earlier runs and counts instead. */
export function needParts({ parts, learnedPeak }: Need): MeterPart[] {
  if (learnedPeak !== undefined) {
    return [{ label: 'Measured on earlier runs', value: learnedPeak, colour: 'bg-memory-1' }];
  }
  const all: MeterPart[] = [
    { label: 'Weights', value: parts.weights, colour: 'bg-memory-1' },
    { label: 'KV cache', value: parts.kvCache, colour: 'bg-memory-2' },
    { label: 'Prompt cache', value: parts.promptCache, colour: 'bg-memory-3' },
    { label: 'Overhead', value: parts.overhead, colour: 'bg-memory-4' },
  ];
  return all.filter((part) => part.value > 0);
}

/** The same with what is in use already before them. */
export function sumParts(fit: FitEstimate): MeterPart[] {
  return [{ label: 'In use', value: fit.inUse, colour: 'bg-others' }, ...needParts(fit)];
}

/** The shortest context that the slider offers, tokens. */
const SHORTEST = 2048;

/** Contexts to choose from: powers of two up to the model's own limit, which is the last. */
export function contextSteps(longest: number): number[] {
  const steps = [];
  for (let tokens = SHORTEST; tokens < longest; tokens *= 2) steps.push(tokens);
  return [...steps, Math.floor(longest)];
}
