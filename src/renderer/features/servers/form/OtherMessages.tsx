import type { ReactNode } from 'react';

import { ErrorBlock, errorSentence } from '@renderer/components/ErrorBlock';
import { isFormField } from './draft';
import type { Check } from './use-check';

/** What the manager said that has no row to stand in. */
export function OtherMessages({
  check,
  rows,
}: {
  readonly check: Check;
  readonly rows: readonly string[];
}) {
  const hasRow = (field: string): boolean =>
    field.startsWith('options') ? rows.includes(field) : isFormField(field);
  const others = check.problems.filter(({ field }) => !hasRow(field));
  const warnings = check.warnings.filter(({ field }) => field !== 'port' && field !== 'model');
  const blocks: ReactNode[] = [
    ...others.map((one) => <ErrorBlock key={one.message} sentence={one.message} />),
    ...warnings.map((one) => (
      <ErrorBlock key={one.message} tone="warning" sentence={one.message} />
    )),
  ];
  if (check.error) blocks.push(<ErrorBlock key="check" sentence={errorSentence(check.error)} />);
  return <div className="flex flex-col gap-3 empty:hidden">{blocks}</div>;
}
