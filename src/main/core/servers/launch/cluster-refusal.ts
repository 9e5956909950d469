import type { HostCheck } from '@shared/domain/cluster';
import type { ServerFailure } from '@shared/domain/server';
import { failure } from '../../failures/failure';

/** Why a start over these machines cannot work; undefined when every machine is ready. */
export function clusterRefusal(checks: readonly HostCheck[]): ServerFailure | undefined {
  const problems = checks.flatMap(({ host, checks: items }) =>
    items.filter(({ ok }) => !ok).map((item) => ({ host, ...item })),
  );
  const [first] = problems;
  if (!first) return undefined;
  const codes = {
    reachable: 'not_answering',
    address: 'bad_option',
    engine: 'engine_missing',
    model: 'model_missing',
  } as const;
  const more = problems.length > 1 ? ` (${problems.length - 1} more below)` : '';
  return failure(
    codes[first.id],
    `${first.text}${more}`,
    problems.flatMap(({ host, text, fix }) => [
      { label: host, text },
      ...(fix === undefined ? [] : [{ label: 'What to do', text: fix }]),
    ]),
    { id: 'edit_options', label: 'Change the machines', params: { field: 'cluster' } },
  );
}
