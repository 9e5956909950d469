import type { MeterPart } from '@renderer/components/Meter';
import type { FitEstimate } from '@shared/domain/memory';
import { formatMemory, GIB } from '@shared/format/bytes';

/** A smaller difference than half of the last digit shown counts as none, bytes. */
const NOTHING = 0.05 * GIB;

/** What a server takes; the part above what it was expected to need is a warning. Bytes. */
export function measuredParts(bytes: number, expected: number | undefined): MeterPart[] {
  const within = Math.min(bytes, expected ?? bytes);
  return [
    { label: 'measured', value: within, colour: 'bg-measured' },
    { label: 'above', value: bytes - within, colour: 'bg-warning-glyph' },
  ];
}

/** `1.3 GiB under the estimate`, or the same of what earlier runs took. */
export function againstEstimate(
  bytes: number,
  { total, learnedPeak }: Pick<FitEstimate, 'total' | 'learnedPeak'>,
): string {
  const than = learnedPeak === undefined ? 'the estimate' : 'the peak of earlier runs';
  if (Math.abs(total - bytes) < NOTHING) {
    return learnedPeak === undefined ? 'As estimated' : 'Based on earlier runs';
  }
  const difference = formatMemory(Math.abs(total - bytes));
  return `${difference} ${bytes > total ? 'above' : 'under'} ${than}`;
}
