import { useId, useLayoutEffect, useRef, useState } from 'react';

export interface ChartGap {
  /** Unix seconds. */
  readonly from: number;
  readonly to: number;
  /** Why nothing was measured. */
  readonly reason: string;
}

interface TimeChartProps {
  /** Unix seconds, ascending. */
  readonly times: readonly number[];
  readonly values: readonly (number | null)[];
  /** The axis: first and last second shown. */
  readonly from: number;
  readonly to: number;
  /** Top of the axis. */
  readonly max: number;
  /** Text of a value on the axis. */
  readonly format: (value: number) => string;
  readonly gaps: readonly ChartGap[];
  /** Second under the pointer, shared by all charts of the page. */
  readonly cursor: number | undefined;
  readonly onCursor: (time: number | undefined) => void;
  readonly label: string;
}

const PLOT = 88;
const AXIS = 56;

/** The element's width in pixels, now and after each change. */
function useWidth() {
  const ref = useRef<HTMLDivElement>(null);
  const [width, setWidth] = useState(0);
  useLayoutEffect(() => {
    const element = ref.current;
    if (!element) return;
    const observer = new ResizeObserver(() => setWidth(element.clientWidth));
    observer.observe(element);
    setWidth(element.clientWidth);
    return () => observer.disconnect();
  }, []);
  return [ref, width] as const;
}

type Point = readonly [x: number, y: number];

/** Runs of measured points; a null or a gap ends a run. */
function segmentsOf(props: TimeChartProps, x: (time: number) => number): Point[][] {
  const segments: Point[][] = [];
  let current: Point[] = [];
  const end = () => {
    if (current.length > 0) segments.push(current);
    current = [];
  };
  props.times.forEach((time, index) => {
    const value = props.values[index];
    const gap = props.gaps.some((one) => one.from < time && time < one.to);
    const before = props.times[index - 1];
    const jump = props.gaps.some(
      (one) => before !== undefined && before <= one.from && one.to <= time,
    );
    if (jump) end();
    if (value === null || value === undefined || gap) end();
    else if (time >= props.from)
      current.push([x(time), PLOT * (1 - Math.min(1, value / props.max))]);
  });
  end();
  return segments;
}

const path = (points: readonly Point[]) =>
  points
    .map(([x, y], index) => `${index === 0 ? 'M' : 'L'}${x.toFixed(1)} ${y.toFixed(1)}`)
    .join('');

/** Index of the measurement nearest to a second. */
export function nearestIndex(times: readonly number[], time: number): number {
  let best = -1;
  for (let index = 0; index < times.length; index++) {
    const distance = Math.abs((times[index] ?? 0) - time);
    if (best < 0 || distance <= Math.abs((times[best] ?? 0) - time)) best = index;
  }
  return best;
}

/** One measure over time: an 88 px plot, its axis at the right, hatched where nothing was measured. */
export function TimeChart(props: TimeChartProps) {
  const { from, to, max, format, gaps, cursor, onCursor, label } = props;
  const [ref, width] = useWidth();
  const hatch = useId();
  const plot = Math.max(0, width - AXIS);
  const x = (time: number) => ((time - from) / Math.max(1, to - from)) * plot;
  const at = cursor === undefined ? -1 : nearestIndex(props.times, cursor);
  const value = at < 0 ? null : props.values[at];
  const time = props.times[at];
  return (
    <div
      ref={ref}
      role="img"
      aria-label={label}
      onPointerMove={(event) => {
        const left = event.currentTarget.getBoundingClientRect().left;
        const second = from + ((event.clientX - left) / Math.max(1, plot)) * (to - from);
        onCursor(second >= from && second <= to ? second : undefined);
      }}
      onPointerLeave={() => onCursor(undefined)}
      className="h-[89px] w-full"
    >
      <svg aria-hidden="true" width={width} height={PLOT + 1} className="overflow-visible">
        <defs>
          <pattern
            id={hatch}
            width="6"
            height="6"
            patternUnits="userSpaceOnUse"
            patternTransform="rotate(45)"
          >
            <rect width="1.5" height="6" fill="var(--sep)" />
          </pattern>
        </defs>
        {[0, 0.5, 1].map((part) => (
          <g key={part}>
            <line
              x1={0}
              x2={plot}
              y1={Math.round(PLOT * (1 - part)) + 0.5}
              y2={Math.round(PLOT * (1 - part)) + 0.5}
              stroke="var(--sep)"
            />
            <text
              x={plot + 8}
              y={PLOT * (1 - part) + (part === 1 ? 8 : part === 0 ? 0 : 4)}
              className="fill-text-3 text-caption"
            >
              {format(max * part)}
            </text>
          </g>
        ))}
        {gaps.map((gap) => {
          const left = Math.max(0, x(gap.from));
          const right = Math.min(plot, x(gap.to));
          if (right - left < 2) return null;
          return (
            <g key={gap.from}>
              <rect x={left} y={0} width={right - left} height={PLOT} fill="var(--bg)" />
              <rect x={left} y={0} width={right - left} height={PLOT} fill={`url(#${hatch})`} />
              {right - left > 120 && (
                <text
                  x={(left + right) / 2}
                  y={PLOT / 2 + 4}
                  textAnchor="middle"
                  className="fill-text-2 stroke-bg text-caption [paint-order:stroke] [stroke-width:6px]"
                >
                  {gap.reason}
                </text>
              )}
            </g>
          );
        })}
        {segmentsOf(props, x).map((points) => {
          const line = path(points);
          const first = points[0]?.[0] ?? 0;
          const last = points.at(-1)?.[0] ?? 0;
          return (
            <g key={first}>
              <path
                d={`${line}L${last.toFixed(1)} ${PLOT}L${first.toFixed(1)} ${PLOT}Z`}
                fill="var(--accent)"
                opacity="0.13"
              />
              <path
                d={line}
                fill="none"
                stroke="var(--accent)"
                strokeWidth="1.5"
                strokeLinejoin="round"
                strokeLinecap="round"
              />
            </g>
          );
        })}
        {time !== undefined && time >= from && (
          <g>
            <line x1={x(time)} x2={x(time)} y1={-4} y2={PLOT + 4} stroke="var(--text-2)" />
            {value !== null && value !== undefined && (
              <circle
                cx={x(time)}
                cy={PLOT * (1 - Math.min(1, value / max))}
                r="3"
                fill="var(--accent)"
                stroke="var(--bg)"
                strokeWidth="1.5"
              />
            )}
          </g>
        )}
      </svg>
    </div>
  );
}

const STEPS = [60, 120, 300, 600];

/** Clock times below the charts. */
export function TimeAxis({
  from,
  to,
  format,
}: {
  readonly from: number;
  readonly to: number;
  readonly format: (time: number) => string;
}) {
  const step = STEPS.find((candidate) => (to - from) / candidate <= 7) ?? 600;
  const first = Math.ceil(from / step) * step;
  const count = Math.floor((to - first) / step) + 1;
  // A label at the very edge would be cut off.
  const edge = (to - from) * 0.03;
  const marks = Array.from({ length: count }, (_, index) => first + index * step).filter(
    (mark) => mark - from > edge && to - mark > edge,
  );
  return (
    <div aria-hidden="true" className="relative -mt-2 h-4 text-caption text-text-3">
      <div className="absolute inset-y-0 left-0" style={{ right: AXIS }}>
        {marks.map((mark) => (
          <span
            key={mark}
            className="absolute -translate-x-1/2"
            style={{ left: `${((mark - from) / (to - from)) * 100}%` }}
          >
            {format(mark)}
          </span>
        ))}
      </div>
    </div>
  );
}
