import type { ReactNode } from 'react';

export type Family = 'ready' | 'working' | 'warning' | 'broken' | 'off';

/**
 * The shapes, each with its family of colours. The states of a server have a shape each, under their own
 * names; `busy` is ready with requests, `ok` a check disc, `no` a slashed ring, `info` a plain dot.
 */
const FAMILIES = {
  ready: 'ready',
  busy: 'ready',
  ok: 'ready',
  queued: 'working',
  starting: 'working',
  loading: 'working',
  degraded: 'warning',
  backoff: 'warning',
  failed: 'broken',
  stuck: 'broken',
  stopped: 'off',
  draining: 'off',
  stopping: 'off',
  no: 'off',
  info: 'off',
} as const satisfies Readonly<Record<string, Family>>;
export type Glyph = keyof typeof FAMILIES;

const COLOURS: Readonly<Record<Family, string>> = {
  ready: 'text-ready-glyph',
  working: 'text-working-glyph',
  warning: 'text-warning-glyph',
  broken: 'text-broken-glyph',
  off: 'text-off-glyph',
};

/** The colour family of a glyph. */
export function glyphFamily(glyph: Glyph): Family {
  return FAMILIES[glyph];
}

const TRIANGLE = 'M7 1.9 12.7 11.7H1.3Z';
const OCTAGON = 'M4.4 0.9h5.2l3.5 3.5v5.2l-3.5 3.5H4.4L0.9 9.6V4.4Z';
const ring = { fill: 'none', stroke: 'currentColor', strokeWidth: 1.6 } as const;
const mark = { fill: 'none', stroke: 'var(--glyph-mark)', strokeWidth: 1.5 } as const;
const spinning = 'origin-center animate-spin';

function arc(part: number): ReactNode {
  const length = 2 * Math.PI * 5.2;
  return (
    <>
      <circle cx="7" cy="7" r="5.2" {...ring} opacity="0.28" />
      <circle
        cx="7"
        cy="7"
        r="5.2"
        {...ring}
        strokeLinecap="round"
        strokeDasharray={`${length * part} ${length}`}
        className={spinning}
      />
    </>
  );
}

const SHAPES: Readonly<Record<Glyph, ReactNode>> = {
  ready: <circle cx="7" cy="7" r="4.5" fill="currentColor" />,
  busy: (
    <>
      <circle cx="7" cy="7" r="3.6" fill="currentColor" />
      <circle
        cx="7"
        cy="7"
        r="6"
        {...ring}
        strokeWidth={1.2}
        className="animate-pulse-ring"
        opacity="0.75"
      />
    </>
  ),
  ok: (
    <>
      <circle cx="7" cy="7" r="6" fill="currentColor" />
      <path d="m4.3 7.3 1.9 1.9 3.5-4.1" {...mark} strokeLinecap="round" strokeLinejoin="round" />
    </>
  ),
  no: (
    <>
      <circle cx="7" cy="7" r="5.2" {...ring} strokeWidth={1.4} />
      <path d="m3.4 3.4 7.2 7.2" {...ring} strokeWidth={1.4} />
    </>
  ),
  info: <circle cx="7" cy="7" r="3" fill="currentColor" />,
  queued: (
    <circle cx="7" cy="7" r="5.2" {...ring} strokeDasharray="0.1 3.17" strokeLinecap="round" />
  ),
  starting: arc(0.25),
  loading: arc(0.65),
  degraded: (
    <>
      <path
        d={TRIANGLE}
        fill="currentColor"
        stroke="currentColor"
        strokeWidth="1.4"
        strokeLinejoin="round"
      />
      <path d="M7 5.2v3" {...mark} strokeLinecap="round" />
      <circle cx="7" cy="10.2" r="0.85" fill="var(--glyph-mark)" />
    </>
  ),
  backoff: (
    <>
      <path d={TRIANGLE} {...ring} strokeWidth={1.4} strokeLinejoin="round" />
      <path d="M7 5.4v2.7" {...ring} strokeWidth={1.4} strokeLinecap="round" />
      <circle cx="7" cy="10" r="0.8" fill="currentColor" />
    </>
  ),
  failed: (
    <>
      <path d={OCTAGON} fill="currentColor" />
      <path d="m4.9 4.9 4.2 4.2m0-4.2L4.9 9.1" {...mark} strokeLinecap="round" />
    </>
  ),
  stuck: (
    <>
      <path d={OCTAGON} fill="currentColor" />
      <path d="M4.2 7h5.6" {...mark} strokeLinecap="round" />
    </>
  ),
  stopped: <circle cx="7" cy="7" r="4.6" {...ring} />,
  draining: (
    <>
      <circle cx="7" cy="7" r="5" {...ring} strokeWidth={1.4} />
      <path d="M2 7a5 5 0 0 0 10 0Z" fill="currentColor" />
    </>
  ),
  stopping: (
    <>
      <circle cx="7" cy="7" r="5.2" {...ring} />
      <rect x="5" y="5" width="4" height="4" rx="0.8" fill="currentColor" />
    </>
  ),
};

interface StateGlyphProps {
  readonly glyph: Glyph;
  readonly size?: number;
  readonly className?: string;
}

/** The 14 px shape of a state. It carries no name: the state's word always stands beside it. */
export function StateGlyph({ glyph, size = 14, className = '' }: StateGlyphProps) {
  return (
    <svg
      aria-hidden="true"
      width={size}
      height={size}
      viewBox="0 0 14 14"
      className={`shrink-0 ${COLOURS[FAMILIES[glyph]]} ${className}`}
    >
      {SHAPES[glyph]}
    </svg>
  );
}
