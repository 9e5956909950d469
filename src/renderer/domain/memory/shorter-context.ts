import type { ContextFit, FitReport } from '@shared/domain/memory';

/** The longest of the shorter contexts that leaves enough, or where none does and it does not fit, one that is tight. */
export function shorterContext({ fit, contexts }: FitReport): ContextFit | undefined {
  const shorter = contexts.slice(1);
  const roomy = shorter.find(({ verdict }) => verdict === 'fits');
  if (roomy || fit.verdict !== 'no') return roomy;
  return shorter.find(({ verdict }) => verdict === 'tight');
}
