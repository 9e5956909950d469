import { classNames } from '@renderer/components/class-names';
import type { LeftOut } from './bulk';

interface LeftOutListProps {
  readonly title?: string;
  readonly leftOut: readonly LeftOut[];
  readonly className?: string;
}

/** Models that something is not or was not done with, each with its reason. */
export function LeftOutList({ title, leftOut, className }: LeftOutListProps) {
  return (
    <div className={classNames('text-small', className)}>
      {title && <h3 className="mb-1 font-semibold text-text-1">{title}</h3>}
      <ul
        aria-label={title ?? 'What did not work'}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: the keys scroll it
        tabIndex={0}
        className="max-h-36 overflow-y-auto rounded-field text-text-2"
      >
        {leftOut.map(({ ref, name, reason }) => (
          <li key={ref} className="py-0.5 wrap-anywhere">
            <span className="text-text-1" dir="auto">
              {name}
            </span>
            : {reason}
          </li>
        ))}
      </ul>
    </div>
  );
}
