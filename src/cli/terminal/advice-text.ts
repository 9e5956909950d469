import type { Advice } from '@shared/domain/advice';

/** What is known, with what one can do about it. */
export function adviceText({ says, fix }: Advice): string {
  return fix === undefined ? says : `${says} ${fix}`;
}
