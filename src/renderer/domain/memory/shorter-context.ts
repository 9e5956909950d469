import type { ContextFit, FitReport } from '@shared/domain/memory';

/**
 * The longest shorter context with which the profile fits. Where it does not fit now and none of them
 * leaves enough free, the longest with which it is tight.
 */
export function shorterContext({ fit, contexts }: FitReport): ContextFit | undefined {
  const shorter = contexts.slice(1);
  const roomy = shorter.find(({ verdict }) => verdict === 'fits');
  if (roomy || fit.verdict !== 'no') return roomy;
  return shorter.find(({ verdict }) => verdict === 'tight');
}
