import type { ServerFailure } from '@shared/domain/server';
import type { ServerState } from '@shared/domain/server-state';
import type { RunEnd } from '../health/run-end';
import type { PastFailure } from './restart-policy';

/** Everything that decides what happens next to one server. Only {@link step} makes a new one. */
export interface Supervised {
  readonly state: ServerState;
  /** Unix ms at which the state was entered. */
  readonly since: number;
  /** Number of the run under way, or of the last one: whatever comes late from an earlier run is dropped. */
  readonly run: number;
  /** A stop was asked for and is not over. */
  readonly isStopping: boolean;
  /** The manager goes: what runs is left to the next one. From `underWay` on nothing else happens to it. */
  readonly handover: 'none' | 'asked' | 'underWay' | 'done';
  /** Why it is in `failed`, `backoff` or `stuck`, or failed last. */
  readonly failure: ServerFailure | undefined;
  /** Why it is `degraded`, in a sentence. */
  readonly concern: string | undefined;
  /** Unix ms of the next try, in `backoff`. */
  readonly retryAt: number | undefined;
  readonly restarts: number;
  /** Failures since it last ran for long, the newest last. */
  readonly past: readonly PastFailure[];
  /** Until the next start it runs with what takes the least memory. */
  readonly safeMode: boolean;
  /** What it is doing while it starts or loads. */
  readonly phase: string | undefined;
  /** Ms from the spawn to ready of the run under way. */
  readonly readyAfterMs: number | undefined;
  /** Monotonic ms at which the run under way became ready. */
  readonly readyAt: number | undefined;
  /** How often what survived was looked for. */
  readonly looks: number;
  /** The last crash that nobody has looked at yet. */
  readonly incident: Incident | undefined;
}

/** A server ended by itself: kept until a person has read it, also when it is long ready again. */
export interface Incident {
  /** Unix ms. */
  readonly at: number;
  readonly failure: ServerFailure;
  /** How often it has ended by itself since a person last looked. */
  readonly times: number;
  /** The run whose log tells of it. */
  readonly run?: number | undefined;
}

/** What a server was when an earlier manager watched it. */
export interface Restored {
  /** Unix ms since which it has failed. */
  readonly since?: number | undefined;
  readonly restarts: number;
  readonly safeMode: boolean;
  readonly failure?: ServerFailure | undefined;
  readonly incident?: Incident | undefined;
}

/** What people and the manager ask for. */
export type Command =
  | { readonly type: 'start'; readonly safeMode: boolean }
  | { readonly type: 'stop' }
  /** The manager quits; the process runs on. */
  | { readonly type: 'leave' }
  /** A process of an earlier manager is there and is watched from now on. */
  | ({ readonly type: 'adopt' } & Restored)
  /** What an earlier manager left is to be ended. */
  | { readonly type: 'clear' }
  /** It cannot be told whether a process of an earlier manager still runs. */
  | { readonly type: 'unclear'; readonly failure: ServerFailure }
  /** It had failed when an earlier manager ended. */
  | ({ readonly type: 'restore' } & Restored)
  /** A person has read what happened. */
  | { readonly type: 'acknowledge' };

/** What was seen of a run. */
export type Observation =
  /** Its memory is not free now: a later try may find it so. */
  | { readonly type: 'refused'; readonly run: number; readonly failure: ServerFailure }
  /** It cannot be started as it is set up. */
  | { readonly type: 'unstartable'; readonly run: number; readonly failure: ServerFailure }
  /** The preparation ended without a process, because a stop was asked for. */
  | { readonly type: 'cancelled'; readonly run: number }
  | { readonly type: 'spawned'; readonly run: number }
  | {
      readonly type: 'phase';
      readonly run: number;
      readonly phase: string;
      /** The first sign of life was seen. */
      readonly loading: boolean;
    }
  | {
      readonly type: 'ready';
      readonly run: number;
      readonly afterMs: number;
      /** Unix ms since which it is ready, where that was before this manager. */
      readonly since?: number | undefined;
    }
  | { readonly type: 'notReady'; readonly run: number; readonly failure: ServerFailure }
  | { readonly type: 'suspected'; readonly run: number; readonly why: string }
  | { readonly type: 'recovered'; readonly run: number }
  | { readonly type: 'hung'; readonly run: number; readonly failure: ServerFailure }
  /** The process has ended by itself. */
  | { readonly type: 'exited'; readonly run: number }
  /** Open requests are waited for. */
  | { readonly type: 'draining'; readonly run: number }
  | { readonly type: 'drained'; readonly run: number }
  /** Proven: nothing of the run is left. `end` is why it ended by itself. */
  | { readonly type: 'gone'; readonly run: number; readonly end?: RunEnd | undefined }
  /** Something is left, or it could not be told whether. */
  | { readonly type: 'survived'; readonly run: number; readonly failure: ServerFailure }
  /** What survived has gone after all, or has not. */
  | { readonly type: 'vanished'; readonly run: number }
  | { readonly type: 'still'; readonly run: number; readonly failure: ServerFailure }
  /** A process of an earlier manager, about which nothing could be told before, runs. */
  | { readonly type: 'found'; readonly run: number }
  /** The run is no longer watched, and its process runs on. */
  | { readonly type: 'left'; readonly run: number }
  /** The wait of this run is over. */
  | { readonly type: 'due'; readonly run: number }
  /** A defect of ours while the run was under way. */
  | { readonly type: 'defect'; readonly run: number; readonly failure: ServerFailure };

export type Message = Command | Observation;

/** Why a run is ended: asked for, or what it did. */
export type EndCause =
  | { readonly kind: 'asked' }
  | { readonly kind: 'exit'; readonly wasReady: boolean }
  | { readonly kind: 'failed'; readonly end: RunEnd };

/** What is to be done; each is begun in this order, and answers with observations. */
export type Effect =
  /** Takes the memory, plans, and spawns. Answers refused, unstartable, cancelled or spawned. */
  | { readonly do: 'prepare'; readonly run: number; readonly safeMode: boolean }
  | { readonly do: 'cancelPreparation'; readonly run: number }
  /** Waits for the proof. Answers phase, then ready or notReady; exited at any time from the spawn on. */
  | { readonly do: 'prove'; readonly run: number }
  /** Answers suspected, recovered, hung. */
  | { readonly do: 'watch'; readonly run: number }
  /** Ends prove, watch and drain. */
  | { readonly do: 'unwatch'; readonly run: number }
  /** Answers draining (perhaps), then drained. */
  | { readonly do: 'drain'; readonly run: number }
  /** Ends the tree, with proof. Answers gone or survived. */
  | { readonly do: 'end'; readonly run: number; readonly cause: EndCause }
  /** Looks once whether what survived has gone. Answers vanished, still, or found. */
  | { readonly do: 'lookAgain'; readonly run: number }
  /** Stops watching and leaves the process to the next manager. Answers left. */
  | { readonly do: 'leave'; readonly run: number }
  /** Answers due; a new wait replaces the one before. */
  | { readonly do: 'wait'; readonly run: number; readonly ms: number }
  | { readonly do: 'cancelWait' }
  /** Nothing of it runs any more: its memory is free. */
  | { readonly do: 'releaseMemory' }
  /** Writes down what the next manager must know of a server without a process. */
  | { readonly do: 'remember' };
