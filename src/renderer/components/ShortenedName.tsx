import { classNames } from './class-names';

interface ShortenedNameProps {
  readonly name: string;
  readonly className?: string;
}

/** Shorter ones have room everywhere. */
const SHORT = 20;
/** The longest end that is kept whole. */
const END = 12;

/** `Qwen3-Coder-30B-A3B-Instruct` and `-4bit`: what may be shortened of a name, and the end that tells it from others. */
export function nameParts(name: string): readonly [string, string] | undefined {
  // Letters of other scripts are joined and ordered by the system: these names are shortened at their end.
  if (name.length <= SHORT || !/^[\x20-\x7e]+$/.test(name)) return undefined;
  const dash = name.lastIndexOf('-');
  const at = dash > 0 && name.length - dash <= END ? dash : name.length - END / 2;
  return [name.slice(0, at), name.slice(at)];
}

/** A name on one line, which shortens in the middle: `Qwen3-Coder-30B…-4bit`. */
export function ShortenedName({ name, className }: ShortenedNameProps) {
  const parts = nameParts(name);
  if (!parts) {
    return (
      <span
        className={classNames('block min-w-0 truncate text-left', className)}
        title={name}
        dir="auto"
      >
        {name}
      </span>
    );
  }
  return (
    <span className={classNames('relative flex min-w-0', className)} title={name}>
      <span aria-hidden="true" className="truncate">
        {parts[0]}
      </span>
      <span aria-hidden="true" className="shrink-0 whitespace-pre">
        {parts[1]}
      </span>
      <span className="sr-only">{name}</span>
    </span>
  );
}
