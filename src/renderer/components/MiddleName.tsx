import { classNames } from './class-names';

interface MiddleNameProps {
  readonly text: string;
  /** How many characters at the end always stay. */
  readonly tail?: number;
  readonly className?: string;
}

/** A name that is shortened in its middle where it has no room: its beginning and its end tell it from others. */
export function MiddleName({ text, tail = 8, className }: MiddleNameProps) {
  const letters = [...text];
  const cut = Math.max(0, letters.length - tail);
  return (
    <span
      title={text}
      className={classNames('inline-flex max-w-full min-w-0 whitespace-pre', className)}
    >
      {cut > 0 && <span className="truncate">{letters.slice(0, cut).join('')}</span>}
      <span className="shrink-0">{letters.slice(cut).join('')}</span>
    </span>
  );
}
