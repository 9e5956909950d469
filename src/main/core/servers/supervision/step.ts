// Long, since it is one machine: what each message does in each state is read and checked together.
import type { ServerProfile } from '@shared/domain/profile';
import type { ServerFailure } from '@shared/domain/server';
import {
  hasProcess,
  isActive,
  isServing,
  nextServerState,
  type ServerEvent,
} from '@shared/domain/server-state';
import { failureSignature } from '../health/classify-exit';
import type { RunEnd } from '../health/run-end';
import { decideRestart, type ExitFacts, RESET_AFTER_READY_MS } from './restart-policy';
import type { Command, Effect, EndCause, Message, Observation, Supervised } from './messages';

/** What a decision needs beside the server itself. */
export interface Moment {
  /** Monotonic ms. */
  readonly at: number;
  /** Unix ms. */
  readonly wall: number;
  /** In [0, 1). */
  readonly random: number;
  readonly restart: ServerProfile['restart'];
}

export interface Step {
  readonly server: Supervised;
  readonly effects: readonly Effect[];
}

/** First and longest pause before a tree that could not be ended, or told about, is looked for again. */
const LOOK_AGAIN_MS = { first: 2000, most: 60_000 } as const;

/** A server that nobody has started. */
export function stoppedServer(wall: number): Supervised {
  return {
    state: 'stopped',
    since: wall,
    run: 0,
    isStopping: false,
    handover: 'none',
    failure: undefined,
    concern: undefined,
    retryAt: undefined,
    restarts: 0,
    past: [],
    safeMode: false,
    phase: undefined,
    readyAfterMs: undefined,
    readyAt: undefined,
    looks: 0,
    incident: undefined,
  };
}

/**
 * What one message does to a server: its next state, and what is to be done. Pure. A message that comes too late,
 * of an earlier run or for a state that has passed, changes nothing; it is never an error, because commands and
 * observations cross each other.
 */
export function step(server: Supervised, message: Message, moment: Moment): Step {
  if ('run' in message && message.run !== server.run) return same(server);
  if (server.handover === 'underWay' || server.handover === 'done')
    return handOver(server, message);
  return 'run' in message ? observe(server, message, moment) : obey(server, message, moment);
}

function obey(server: Supervised, command: Command, moment: Moment): Step {
  switch (command.type) {
    case 'start':
      return start(server, command.safeMode, moment);
    case 'stop':
      return stop(server, moment);
    case 'leave':
      return leave(server, moment);
    case 'adopt':
      return adopt(server, command, moment);
    case 'clear':
      if (server.state !== 'stopped') return same(server);
      return endLeft({ ...enter(server, 'clear', moment), run: server.run + 1 });
    case 'unclear':
      if (server.state !== 'stopped') return same(server);
      return stillThere(
        { ...enter(server, 'unclear', moment), run: server.run + 1, looks: 0 },
        command.failure,
      );
    case 'restore':
      return restore(server, command, moment);
    case 'acknowledge':
      if (!server.incident) return same(server);
      return { server: { ...server, incident: undefined }, effects: [{ do: 'remember' }] };
  }
}

function observe(server: Supervised, seen: Observation, moment: Moment): Step {
  switch (seen.type) {
    case 'refused':
      return notBegun(server, { failure: seen.failure, wasReady: false, cleanExit: false }, moment);
    case 'unstartable':
      return notBegun(
        server,
        { failure: seen.failure, wasReady: false, cleanExit: false, final: true },
        moment,
      );
    case 'cancelled':
      return server.state === 'queued' ? stopped(server, 'stop', moment) : same(server);
    case 'spawned':
      return spawned(server, moment);
    case 'phase':
      return phase(server, seen.phase, seen.loading, moment);
    case 'ready':
      return ready(server, seen, moment);
    case 'notReady':
      if (server.state !== 'starting' && server.state !== 'loading') return same(server);
      return endRun(server, failed(seen.failure, false), moment);
    case 'suspected':
      if (server.state !== 'ready') return same(server);
      return { server: { ...enter(server, 'suspected', moment), concern: seen.why }, effects: [] };
    case 'recovered':
      if (server.state !== 'degraded') return same(server);
      return { server: enter(server, 'recovered', moment), effects: [] };
    case 'hung':
      if (!isServing(server.state)) return same(server);
      return endRun(server, failed(seen.failure, true), moment);
    case 'exited':
      return exited(server, moment);
    case 'draining':
      if (!isServing(server.state) || !server.isStopping) return same(server);
      return { server: enter(server, 'drain', moment), effects: [] };
    case 'drained':
      if (!(isServing(server.state) || server.state === 'draining')) return same(server);
      return endRun(server, { kind: 'asked' }, moment);
    case 'gone':
      return gone(server, seen.end, moment);
    case 'survived':
      return survived(server, seen.failure, moment);
    case 'vanished':
      return server.state === 'stuck' ? stopped(server, 'gone', moment) : same(server);
    case 'still':
      return server.state === 'stuck' ? stillThere(server, seen.failure) : same(server);
    case 'found':
      if (server.state !== 'stuck') return same(server);
      return {
        server: { ...enter(server, 'adopted', moment), failure: undefined },
        effects: [{ do: 'prove', run: server.run }],
      };
    case 'left':
      return same(server);
    case 'due':
      return due(server, moment);
    case 'defect':
      return defect(server, seen, moment);
  }
}

/** While its process is handed over, only the end of that is of interest. */
function handOver(server: Supervised, { type }: Message): Step {
  return type === 'left' || type === 'defect'
    ? { server: { ...server, handover: 'done' }, effects: [] }
    : same(server);
}

const same = (server: Supervised): Step => ({ server, effects: [] });

function failed(failure: RunEnd['failure'], wasReady: boolean): EndCause {
  return { kind: 'failed', end: { failure, wasReady, cleanExit: false } };
}

/** The server in its next state; what belonged to the one before is gone. */
function enter(server: Supervised, event: ServerEvent, { wall }: Moment): Supervised {
  const state = nextServerState(server.state, event);
  if (state === undefined) throw new Error(`A server cannot ${event} while it is ${server.state}.`);
  return {
    ...server,
    state,
    since: wall,
    concern: undefined,
    retryAt: undefined,
    ...(state === 'starting' || state === 'loading' ? {} : { phase: undefined }),
  };
}

function start(server: Supervised, safeMode: boolean, moment: Moment): Step {
  if (server.handover !== 'none') return same(server);
  if (server.state === 'backoff') {
    // A person does not wait for the next try, and begins the count anew.
    const impatient = {
      ...server,
      past: [],
      restarts: server.restarts + 1,
      safeMode: server.safeMode || safeMode,
    };
    return prepare(impatient, 'start', moment);
  }
  if (server.state !== 'stopped' && server.state !== 'failed') return same(server);
  const fresh = { ...server, safeMode, failure: undefined, past: [], restarts: 0 };
  return prepare({ ...fresh, incident: undefined }, 'start', moment);
}

/** The next run: everything that is known of the one before is of no more interest. */
function prepare(server: Supervised, event: 'start' | 'retry', moment: Moment): Step {
  const next = {
    ...enter(server, event, moment),
    run: server.run + 1,
    readyAfterMs: undefined,
    readyAt: undefined,
    phase: undefined,
  };
  return {
    server: next,
    effects: [
      ...(server.state === 'backoff' ? [{ do: 'cancelWait' } as const] : []),
      { do: 'remember' },
      { do: 'prepare', run: next.run, safeMode: next.safeMode },
    ],
  };
}

function stop(server: Supervised, moment: Moment): Step {
  const asked = { ...server, isStopping: true };
  switch (server.state) {
    case 'stopped':
      return same(server);
    case 'failed':
      return stopped({ ...asked, failure: undefined }, 'stop', moment);
    case 'queued':
      // Whatever the preparation has reached by now, it says how it ended.
      return { server: asked, effects: [{ do: 'cancelPreparation', run: server.run }] };
    case 'backoff': {
      const ended = stopped({ ...asked, failure: undefined }, 'stop', moment);
      return { ...ended, effects: [{ do: 'cancelWait' }, ...ended.effects] };
    }
    case 'starting':
    case 'loading':
      return endRun(asked, { kind: 'asked' }, moment);
    case 'ready':
    case 'degraded':
      if (server.isStopping) return same(server);
      // What it still answers may end; meanwhile it is watched no more, since a hang now changes nothing.
      return {
        server: asked,
        effects: [
          { do: 'unwatch', run: server.run },
          { do: 'drain', run: server.run },
        ],
      };
    case 'draining':
    case 'stopping':
      return { server: asked, effects: [] };
    case 'stuck':
      return {
        server: enter(asked, 'stop', moment),
        effects: [{ do: 'cancelWait' }, { do: 'end', run: server.run, cause: { kind: 'asked' } }],
      };
  }
}

function leave(server: Supervised, moment: Moment): Step {
  if (server.handover !== 'none') return same(server);
  const leaving: Supervised = { ...server, handover: 'asked' };
  switch (server.state) {
    case 'stopped':
    case 'failed':
    // An end that is under way goes on to its proof.
    case 'draining':
    case 'stopping':
      return { server: leaving, effects: [] };
    case 'queued':
      return { server: leaving, effects: [{ do: 'cancelPreparation', run: server.run }] };
    case 'backoff': {
      const ended = stopped(leaving, 'stop', moment);
      return { ...ended, effects: [{ do: 'cancelWait' }, ...ended.effects] };
    }
    case 'starting':
    case 'loading':
    case 'ready':
    case 'degraded':
    case 'stuck':
      return server.isStopping ? { server: leaving, effects: [] } : release(leaving);
  }
}

function release(server: Supervised): Step {
  return {
    server: { ...server, handover: 'underWay' },
    effects: [
      ...(server.state === 'stuck' ? [{ do: 'cancelWait' } as const] : []),
      { do: 'unwatch', run: server.run },
      { do: 'leave', run: server.run },
    ],
  };
}

function adopt(
  server: Supervised,
  command: Extract<Command, { type: 'adopt' }>,
  moment: Moment,
): Step {
  if (server.state !== 'stopped' && server.state !== 'failed') return same(server);
  const { restarts, safeMode, incident } = command;
  const next = {
    ...enter(server, 'adopted', moment),
    ...{ restarts, safeMode, incident },
    failure: undefined,
    run: server.run + 1,
  };
  return { server: next, effects: [{ do: 'prove', run: next.run }] };
}

function restore(
  server: Supervised,
  { since, restarts, safeMode, failure, incident }: Extract<Command, { type: 'restore' }>,
  moment: Moment,
): Step {
  if (server.state !== 'stopped') return same(server);
  const known = { ...server, restarts, safeMode, incident };
  if (!failure) return { server: known, effects: [] };
  const next = enter(known, 'restored', moment);
  return { server: { ...next, since: since ?? next.since, failure }, effects: [] };
}

/** Something of an earlier run is left: it is ended as if a stop had been asked for. */
function endLeft(server: Supervised): Step {
  return {
    server: { ...server, isStopping: true },
    effects: [{ do: 'end', run: server.run, cause: { kind: 'asked' } }],
  };
}

function spawned(server: Supervised, moment: Moment): Step {
  if (server.state !== 'queued') return same(server);
  const next = { ...enter(server, 'granted', moment), phase: 'Starting' };
  if (next.isStopping) return endRun(next, { kind: 'asked' }, moment);
  if (next.handover === 'asked') return release(next);
  return { server: next, effects: [{ do: 'prove', run: next.run }] };
}

function phase(server: Supervised, text: string, loading: boolean, moment: Moment): Step {
  if (server.state !== 'starting' && server.state !== 'loading') return same(server);
  const moved = loading && server.state === 'starting';
  if (!moved && server.phase === text) return same(server);
  const next = moved ? enter(server, 'spawned', moment) : server;
  return { server: { ...next, phase: text }, effects: [] };
}

function ready(
  server: Supervised,
  { afterMs, since }: Extract<Observation, { type: 'ready' }>,
  moment: Moment,
): Step {
  if (server.state !== 'starting' && server.state !== 'loading') return same(server);
  const next = {
    ...enter(server, 'proven', moment),
    ...(since === undefined ? {} : { since }),
    failure: undefined,
    readyAfterMs: afterMs,
    readyAt: moment.at,
  };
  return { server: next, effects: [{ do: 'watch', run: next.run }] };
}

/** It ended by itself: whatever else is found out, from now on it is neither ready nor loading. */
function exited(server: Supervised, moment: Moment): Step {
  switch (server.state) {
    case 'starting':
    case 'loading':
      return endRun(server, { kind: 'exit', wasReady: false }, moment);
    case 'ready':
    case 'degraded':
      // While a stop waits for open requests, the end is what was asked for.
      return endRun(
        server,
        server.isStopping ? { kind: 'asked' } : { kind: 'exit', wasReady: true },
        moment,
      );
    case 'draining':
      return endRun(server, { kind: 'asked' }, moment);
    default:
      return same(server);
  }
}

/** Ends what is left of the run; its end is proven before anything else happens. */
function endRun(server: Supervised, cause: EndCause, moment: Moment): Step {
  return {
    server: enter(server, cause.kind === 'asked' ? 'stop' : 'ended', moment),
    effects: [
      { do: 'unwatch', run: server.run },
      { do: 'end', run: server.run, cause },
    ],
  };
}

function notBegun(server: Supervised, end: RunEnd, moment: Moment): Step {
  if (server.state !== 'queued') return same(server);
  if (isEnding(server)) return stopped(server, 'stop', moment);
  return decide(server, end, moment);
}

function gone(server: Supervised, end: RunEnd | undefined, moment: Moment): Step {
  if (server.state !== 'stopping') return same(server);
  if (!end || isEnding(server)) return stopped(server, 'gone', moment);
  return decide(server, end, moment);
}

function stopped(server: Supervised, event: 'gone' | 'stop', moment: Moment): Step {
  return {
    server: {
      ...enter(server, event, moment),
      isStopping: false,
      failure: undefined,
      readyAfterMs: undefined,
      readyAt: undefined,
    },
    effects: [{ do: 'releaseMemory' }, { do: 'remember' }],
  };
}

function survived(server: Supervised, failure: ServerFailure, moment: Moment): Step {
  if (server.state !== 'stopping') return same(server);
  return stillThere({ ...enter(server, 'survived', moment), isStopping: false, looks: 0 }, failure);
}

function stillThere(server: Supervised, failure: ServerFailure): Step {
  const ms = Math.min(LOOK_AGAIN_MS.most, LOOK_AGAIN_MS.first * 2 ** server.looks);
  return {
    server: { ...server, failure, looks: server.looks + 1 },
    effects: server.handover === 'none' ? [{ do: 'wait', run: server.run, ms }] : [],
  };
}

function due(server: Supervised, moment: Moment): Step {
  if (server.handover !== 'none') return same(server);
  if (server.state === 'stuck') return { server, effects: [{ do: 'lookAgain', run: server.run }] };
  if (server.state !== 'backoff') return same(server);
  return prepare({ ...server, restarts: server.restarts + 1 }, 'retry', moment);
}

/** A defect of ours must not leave a server in a state that says otherwise than the truth. */
function defect(
  server: Supervised,
  { failure }: Extract<Observation, { type: 'defect' }>,
  moment: Moment,
): Step {
  switch (server.state) {
    case 'queued':
      return notBegun(server, { failure, wasReady: false, cleanExit: false, final: true }, moment);
    case 'starting':
    case 'loading':
    case 'ready':
    case 'degraded':
    case 'draining':
      return endRun(
        server,
        server.isStopping ? { kind: 'asked' } : failed(failure, isServing(server.state)),
        moment,
      );
    case 'stopping':
      return survived(server, failure, moment);
    case 'stuck':
      return stillThere(server, failure);
    default:
      return same(server);
  }
}

/** After a run that ended by itself, or never began: again, failed, or stopped, by the profile's policy. */
function decide(server: Supervised, end: RunEnd, moment: Moment): Step {
  const ranLong =
    server.readyAt !== undefined && moment.at - server.readyAt >= RESET_AFTER_READY_MS;
  const before = ranLong ? [] : server.past;
  const now: ExitFacts = {
    at: moment.at,
    code: end.failure.code,
    signature: failureSignature(end.failure),
    whileLoading: !end.wasReady,
    wasReady: end.wasReady,
    cleanExit: end.cleanExit,
  };
  const decision = end.final
    ? ({ kind: 'failed', why: "Couldn't start." } as const)
    : decideRestart(moment.restart, now, before, moment.random);
  const { wasReady: _, cleanExit: __, ...past } = now;
  const known = { ...server, past: [...before, past] };
  if (decision.kind === 'stopped')
    return stopped(known, hasProcess(server.state) ? 'gone' : 'stop', moment);
  const incident = {
    at: moment.wall,
    failure: end.failure,
    times: (server.incident?.times ?? 0) + 1,
    run: end.logRun,
  };
  if (decision.kind === 'failed') {
    const evidence = [...end.failure.evidence, { label: 'Decision', text: decision.why }];
    return {
      server: { ...enter(known, 'fail', moment), failure: { ...end.failure, evidence }, incident },
      effects: [{ do: 'releaseMemory' }, { do: 'remember' }],
    };
  }
  return {
    server: {
      ...enter(known, 'retryLater', moment),
      failure: end.failure,
      incident: end.wasReady ? incident : server.incident,
      retryAt: moment.wall + decision.delayMs,
    },
    effects: [{ do: 'releaseMemory' }, { do: 'wait', run: server.run, ms: decision.delayMs }],
  };
}

/** A stop or a handover was asked for: nothing is started again. */
function isEnding({ isStopping, handover }: Supervised): boolean {
  return isStopping || handover !== 'none';
}

/** Whether nothing is under way that was asked for: a stop has ended, well or stuck, or a handover is done. */
export function isAtRest({ state, isStopping, handover }: Supervised): boolean {
  if (handover === 'done' || !isActive(state)) return true;
  return state === 'stuck' && !isStopping && handover !== 'underWay';
}
