import { classNames } from './class-names';

export interface MeterPart {
  readonly value: number;
  /** A background class: `bg-memory-1`, `bg-measured`, `bg-others`. */
  readonly colour: string;
  readonly label: string;
}

interface MeterProps {
  readonly parts: readonly MeterPart[];
  readonly total: number;
  /** Said instead of the bar. */
  readonly label: string;
  /** Height in pixels: 6 in the sidebar, 10 in the detail, 4 in progress rows. */
  readonly height?: number;
  /** A tick, e.g. of the highest value. */
  readonly tick?: number | undefined;
  /** Without a track: only the amounts are drawn. */
  readonly bare?: boolean;
}

const share = (value: number, total: number) =>
  `${Math.min(100, Math.max(0, total > 0 ? (value / total) * 100 : 0))}%`;

/** Amounts of one total, in parts on a track. */
export function Meter({ parts, total, label, height = 6, tick, bare = false }: MeterProps) {
  return (
    <div role="img" aria-label={label} className="relative w-full" style={{ height }}>
      <div
        className={classNames(
          'flex h-full w-full gap-px overflow-hidden',
          bare ? 'rounded-[2px]' : 'rounded-full bg-track',
        )}
      >
        {parts
          .filter((part) => part.value > 0)
          .map((part) => (
            <span
              key={part.label}
              className={classNames('h-full transition-[width] duration-[250ms]', part.colour)}
              style={{ width: share(part.value, total) }}
            />
          ))}
      </div>
      {tick !== undefined && (
        <span
          className="absolute -top-0.5 h-3.5 w-[1.5px] bg-text-1"
          style={{ left: share(tick, total) }}
        />
      )}
    </div>
  );
}

interface ProgressBarProps {
  /** 0 to 1. */
  readonly fraction: number;
  readonly label: string;
  readonly height?: number;
  readonly className?: string;
  /** `off` where nothing goes on now; the others where it has ended badly. */
  readonly tone?: 'working' | 'off' | 'warning' | 'broken';
}

const TONES = {
  working: 'bg-accent',
  off: 'bg-off-glyph',
  warning: 'bg-warning-glyph',
  broken: 'bg-broken-glyph',
} as const;

/** How far work is, as a bar in the color of its state. */
export function ProgressBar({
  fraction,
  label,
  height = 4,
  className,
  tone = 'working',
}: ProgressBarProps) {
  const percent = Math.floor(Math.min(1, Math.max(0, fraction)) * 100);
  return (
    <div
      role="progressbar"
      aria-label={label}
      aria-valuenow={percent}
      aria-valuemin={0}
      aria-valuemax={100}
      className={classNames('overflow-hidden rounded-full bg-track', className ?? 'w-full')}
      style={{ height }}
    >
      <div
        data-tone={tone}
        className={classNames(
          'h-full rounded-full transition-[width] duration-[250ms]',
          TONES[tone],
        )}
        style={{ width: `${percent}%` }}
      />
    </div>
  );
}
