/**
 * The states of a server and the transitions between them: pure, without zod, so that the renderer,
 * the tray and the command line use the same words.
 */
export const SERVER_STATES = [
  'stopped',
  'queued',
  'starting',
  'loading',
  'ready',
  'degraded',
  'draining',
  'stopping',
  'stuck',
  'backoff',
  'failed',
] as const;
export type ServerState = (typeof SERVER_STATES)[number];

/** What can happen to a server. */
export const SERVER_EVENTS = [
  'start',
  'granted',
  'spawned',
  'proven',
  'suspected',
  'recovered',
  'drain',
  'stop',
  'ended',
  'gone',
  'survived',
  'retryLater',
  'retry',
  'fail',
  'adopted',
  'restored',
  'clear',
  'unclear',
] as const;
export type ServerEvent = (typeof SERVER_EVENTS)[number];

/**
 * The one transition table; a pair that is absent cannot happen. A process that ended by itself, failed or hung
 * goes through `stopping` like one that was asked to stop: what it left is ended, and only the proof that nothing
 * is left leads on.
 */
const TRANSITIONS: Readonly<
  Record<ServerState, Partial<Readonly<Record<ServerEvent, ServerState>>>>
> = {
  stopped: {
    start: 'queued',
    adopted: 'loading',
    restored: 'failed',
    clear: 'stopping',
    unclear: 'stuck',
  },
  queued: { granted: 'starting', stop: 'stopped', fail: 'failed', retryLater: 'backoff' },
  starting: { spawned: 'loading', proven: 'ready', stop: 'stopping', ended: 'stopping' },
  loading: { proven: 'ready', stop: 'stopping', ended: 'stopping' },
  ready: { suspected: 'degraded', drain: 'draining', stop: 'stopping', ended: 'stopping' },
  degraded: { recovered: 'ready', drain: 'draining', stop: 'stopping', ended: 'stopping' },
  draining: { stop: 'stopping', ended: 'stopping' },
  stopping: { gone: 'stopped', survived: 'stuck', retryLater: 'backoff', fail: 'failed' },
  stuck: { gone: 'stopped', stop: 'stopping', adopted: 'loading' },
  backoff: { retry: 'queued', stop: 'stopped', start: 'queued' },
  failed: { start: 'queued', stop: 'stopped', adopted: 'loading' },
};

/** The state after `event`, or undefined when the event cannot happen in this state. */
export function nextServerState(state: ServerState, event: ServerEvent): ServerState | undefined {
  return TRANSITIONS[state][event];
}

/** Whether a process of this server exists or is about to. */
export function hasProcess(state: ServerState): boolean {
  return (
    state === 'starting' ||
    state === 'loading' ||
    state === 'ready' ||
    state === 'degraded' ||
    state === 'draining' ||
    state === 'stopping' ||
    state === 'stuck'
  );
}

/** Whether the person's last word was "run": a process exists or a (re)start is due. */
export function isActive(state: ServerState): boolean {
  return hasProcess(state) || state === 'queued' || state === 'backoff';
}

/** Whether requests are answered. */
export function isServing(state: ServerState): boolean {
  return state === 'ready' || state === 'degraded';
}

/** The color family of a state; the shape of its mark tells the states of one family apart. */
export function stateFamily(
  state: ServerState,
): 'ready' | 'working' | 'warning' | 'broken' | 'off' {
  switch (state) {
    case 'ready':
      return 'ready';
    case 'queued':
    case 'starting':
    case 'loading':
      return 'working';
    case 'degraded':
    case 'backoff':
      return 'warning';
    case 'failed':
    case 'stuck':
      return 'broken';
    case 'stopped':
    case 'draining':
    case 'stopping':
      return 'off';
  }
}
