interface SliderProps {
  readonly label: string;
  /** The values that can be chosen, at the same distance from each other. */
  readonly steps: readonly number[];
  readonly value: number;
  readonly onChange: (value: number) => void;
  /** How a value is said. */
  readonly format: (value: number) => string;
  /** Words below the track: for the first, the last and some between. */
  readonly tick: (value: number) => string;
}

/** More words than this would touch each other in an inspector. */
const TICKS = 5;

/** One of a few values on a track; arrow keys, Home and End move it. */
export function Slider({ label, steps, value, onChange, format, tick }: SliderProps) {
  const last = steps.length - 1;
  const at = nearest(steps, value);
  const every = Math.max(1, Math.ceil(last / (TICKS - 1)));
  const share = (index: number): string => `${last > 0 ? (index / last) * 100 : 0}%`;
  return (
    <div>
      <div className="relative h-4">
        <span className="absolute inset-x-0 top-1.5 h-1 overflow-hidden rounded-full bg-track">
          <span className="block h-full bg-accent" style={{ width: share(at) }} />
        </span>
        <input
          type="range"
          aria-label={label}
          aria-valuetext={format(steps[at] ?? value)}
          min={0}
          max={last}
          step={1}
          value={at}
          disabled={last < 1}
          onChange={(event) => onChange(steps[Number(event.target.value)] ?? value)}
          className="slider absolute inset-0"
        />
      </div>
      <div aria-hidden="true" className="relative mx-2 h-[14px] text-caption text-text-3">
        {steps.map((step, index) =>
          index === last || (index % every === 0 && last - index >= every / 2) ? (
            <span
              key={step}
              className="absolute -translate-x-1/2 whitespace-nowrap first:-translate-x-2 last:-translate-x-[calc(100%-8px)]"
              style={{ left: share(index) }}
            >
              {tick(step)}
            </span>
          ) : null,
        )}
      </div>
    </div>
  );
}

function nearest(steps: readonly number[], value: number): number {
  const distances = steps.map((step) => Math.abs(Math.log(step / value)));
  return Math.max(0, distances.indexOf(Math.min(...distances)));
}
