import type { Advice } from '@shared/domain/advice';

/** What is worth knowing, each with what to do and where it is known from. */
export function AdviceItems({ advice }: { readonly advice: readonly Advice[] }) {
  return (
    <ul className="space-y-2">
      {advice.map(({ id, says, fix, source }) => (
        <li key={id}>
          <p>
            {says} {fix}
          </p>
          <p className="text-small text-text-2">{`Source: ${source}`}</p>
        </li>
      ))}
    </ul>
  );
}
