import type { Target } from '@shared/gateway/target';
import type { TokenCounter } from '../context/counter';
import { RequestRefused } from '../conversation/refusal';
import type { ResponseStore } from '../dialects/responses';
import type { Admitted } from '../doors/head';
import type { Templates } from '../engines/templates';
import type { ClientStream } from '../forward/client-stream';
import type { Desk } from '../forward/desk';
import type { Turns } from '../forward/turns';
import type { Upstreams } from '../forward/upstream';
import { findTarget, unknownName } from '../names/find-target';
import type { Recorder } from '../forward/recorder';
import type { PrefixDoctor } from '../sessions/prefix-doctor';

/** What every request is answered with. */
export interface Answering {
  readonly desk: Desk;
  readonly upstreams: Upstreams;
  readonly recorder: Recorder;
  readonly templates: Templates;
  readonly counter: TokenCounter;
  readonly turns: Turns;
  readonly doctor: PrefixDoctor;
  readonly responses: ResponseStore;
}

/** One request whose body, where it has one, is in memory. */
export interface Asked {
  readonly admitted: Admitted;
  readonly client: ClientStream;
  /** What its key may use. */
  readonly targets: readonly Target[];
  /** Whoever sent it: the key, or the address where it has none. */
  readonly owner: string;
  /** Unix ms, and ms of the monotonic clock. */
  readonly began: { readonly at: number; readonly monotonic: number };
  readonly bytes: Buffer | undefined;
  readonly method: string;
  /** Of the request line, with its question mark; empty where there is none. */
  readonly query: string;
}

/** @throws RequestRefused 404 with what exists. */
export function targetOf(targets: readonly Target[], name: string): Target {
  const target = findTarget(targets, name);
  if (target) return target;
  const message = unknownName(targets, name);
  throw new RequestRefused({
    ...{ status: 404, code: 'model_not_found', message, param: 'model', isFinal: true },
  });
}

const UTF8 = new TextDecoder('utf-8', { fatal: true });

/** @throws RequestRefused that says where the text is no JSON. */
export function readJson(bytes: Buffer | undefined): {
  readonly text: string;
  readonly body: unknown;
} {
  try {
    const text = UTF8.decode(bytes);
    return { text, body: JSON.parse(text) };
  } catch (error) {
    const why = error instanceof SyntaxError ? error.message : "it isn't valid UTF-8";
    const message = `The request body isn't valid JSON: ${why}.`;
    throw new RequestRefused({ status: 400, code: 'invalid_json', message });
  }
}
