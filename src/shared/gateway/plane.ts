/** What the gateway's two planes say to each other. Plain data: it crosses a thread. */
import type { Failure } from '../domain/failure';
import type { RequestRecord } from './record';
import type { Directory } from './target';

/** What the data plane's thread is given when it is started. */
export interface PlaneData {
  readonly version: string;
  /** The text of the thread that counts tokens, where the program is one file. */
  readonly counterText?: string | undefined;
}

/** Where the gateway listens. */
export interface Listening {
  readonly port: number;
  /** Addresses that it listens on, `127.0.0.1` and `::1` first. */
  readonly hosts: readonly string[];
}

/** Why a request cannot be carried out now. */
export interface Unavailable {
  readonly kind: 'manual' | 'failed' | 'full' | 'no_room' | 'quitting';
  /** A sentence for whoever asked: what is wrong and what mends it. */
  readonly message: string;
  /** Seconds after which it is worth asking again; undefined: it is not. */
  readonly retryAfterSeconds?: number | undefined;
  readonly failure?: Failure | undefined;
}

/** From the control plane, in the core, to the data plane. */
export type ToDataPlane =
  | { readonly type: 'listen'; readonly listening: Listening }
  | { readonly type: 'directory'; readonly directory: Directory }
  /** Answer to `ask`: it is ready, at the address that the directory has from now on. */
  | {
      readonly type: 'ready';
      readonly ask: number;
      /** What its last load took, ms; undefined where nobody saw it. */
      readonly loadMs?: number | undefined;
    }
  | {
      readonly type: 'waiting';
      readonly ask: number;
      readonly position: number;
      readonly expectedSeconds?: number | undefined;
    }
  | { readonly type: 'unavailable'; readonly ask: number; readonly why: Unavailable }
  /** Answer to `metrics`: the text for Prometheus. */
  | { readonly type: 'metrics'; readonly ask: number; readonly text: string }
  /** Requests of this profile are held at the door until it is opened; answered by `shut`. */
  | { readonly type: 'shut'; readonly profileId: string }
  | { readonly type: 'open'; readonly profileId: string }
  /** No new requests; those under way get this long, ms. Answered by `closed`. */
  | { readonly type: 'close'; readonly withinMs: number };

/** From the data plane to the control plane. */
export type FromDataPlane =
  | { readonly type: 'listening'; readonly port: number; readonly hosts: readonly string[] }
  /** It could not listen; the system's code. */
  | {
      readonly type: 'notListening';
      readonly host: string;
      readonly code: string;
      readonly message: string;
    }
  /** A request needs a server that is not ready. */
  | {
      readonly type: 'ask';
      readonly ask: number;
      readonly profileId: string;
      /** A title, a tag, a count: it never makes room for itself and goes after a person's turn. */
      readonly isSideCall: boolean;
      readonly session?: string | undefined;
      /** Seconds without a request after which it may be unloaded, where the request says so. */
      readonly ttlSeconds?: number | undefined;
    }
  /** Whoever asked is gone. */
  | { readonly type: 'withdraw'; readonly ask: number }
  /** Answer to `shut`: how many requests of the profile are under way. */
  | { readonly type: 'shut'; readonly profileId: string; readonly underWay: number }
  /** Requests under way of a profile, each time the number changes. */
  | { readonly type: 'underWay'; readonly profileId: string; readonly count: number }
  /** Somebody wants the text for Prometheus. */
  | { readonly type: 'metrics'; readonly ask: number }
  | { readonly type: 'records'; readonly records: readonly RequestRecord[] }
  | {
      readonly type: 'log';
      readonly level: 'info' | 'warn' | 'error';
      readonly message: string;
      readonly data?: Readonly<Record<string, unknown>>;
    }
  | { readonly type: 'closed' };
