import { shortText } from '@shared/domain/memory-labels';
import type { Server } from '@shared/domain/server';
import type { ServerState } from '@shared/domain/server-state';
import { failureWords } from '@shared/errors/failure-label';
import { formatMemory } from '@shared/format/bytes';
import { formatDuration } from '@shared/format/durations';

const STATE_LABELS: Readonly<Record<ServerState, string>> = {
  stopped: 'Stopped',
  queued: 'Queued',
  starting: 'Starting',
  loading: 'Loading',
  ready: 'Ready',
  degraded: 'Degraded',
  draining: 'Draining',
  stopping: 'Stopping',
  stuck: 'Stuck',
  backoff: 'Backoff',
  failed: 'Failed',
};

/** The one word for a state, the same in every view. */
export function stateLabel(state: ServerState): string {
  return STATE_LABELS[state];
}

const secondsSince = (time: string, now: number) => (now - new Date(time).getTime()) / 1000;

/** Seconds since the process was spawned; undefined without one. */
export function uptimeSeconds(server: Server, now: number): number | undefined {
  if (server.state === 'ready' && server.readySeconds !== undefined)
    return server.readySeconds + secondsSince(server.since, now);
  return server.progress ? loadSeconds(server, now) : server.uptimeSeconds;
}

/** Seconds that a load has taken by now: events come only when something changes, so the view counts on. */
export function loadSeconds(server: Server, now: number): number {
  return Math.max(server.progress?.seconds ?? 0, secondsSince(server.since, now));
}

/** The state's word and one fact, e.g. `Loading weights, 14 s`, `Failed: out of memory`. */
export function stateFact(server: Server, now: number): string {
  const label = stateLabel(server.state);
  const { failure } = server;
  switch (server.state) {
    case 'starting':
    case 'loading':
      return server.progress
        ? `${server.progress.phase}, ${formatDuration(loadSeconds(server, now))}`
        : label;
    case 'failed':
    case 'backoff':
    case 'stuck':
    case 'degraded':
      return failure ? `${label}: ${failureWords(failure.code)}` : label;
    case 'ready':
      if (server.incident)
        return `${label}, crashed ${formatDuration(Math.max(0, secondsSince(server.incident.at, now)))} ago`;
      if (server.modelMissing) return `${label}, model files missing`;
      return label;
    case 'stopped':
      return server.refusal
        ? `${label}: not started, ${shortText(server.refusal.shortBytes)}`
        : label;
    default:
      return label;
  }
}

/** The figure at the end of a row's first line. */
export function stateMetric(server: Server, now: number): string | undefined {
  if (server.restartNeeded) return 'Restart to apply';
  switch (server.state) {
    case 'ready': {
      const up = uptimeSeconds(server, now);
      return up === undefined ? undefined : formatDuration(up);
    }
    case 'starting':
      return formatDuration(secondsSince(server.since, now));
    case 'degraded':
      return `No progress ${formatDuration(secondsSince(server.since, now))}`;
    case 'backoff':
      return server.retryAt
        ? `Restart in ${formatDuration(Math.ceil(-secondsSince(server.retryAt, now)))}`
        : undefined;
    case 'stuck':
      return server.memoryBytes === undefined ? undefined : formatMemory(server.memoryBytes);
    default:
      return undefined;
  }
}

/** The last part of a model reference. */
export function modelName(ref: string): string {
  return ref.split('/').filter(Boolean).at(-1) ?? ref;
}

/** `mlx-lm 0.32.2` of a server whose installation is known. */
export function engineName(engine: string, version: string | undefined): string {
  return version ? `${engine} ${version}` : engine;
}
