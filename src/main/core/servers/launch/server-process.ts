import type { ProcessInfo, Seen } from '../../ports/processes';
import type { Exit } from './exit';
import type { Launch } from './launch';

/** What tells a process apart from every other, also after its number was used again. */
export interface ProcessIdentity {
  readonly pid: number;
  readonly pgid: number;
  readonly startTime: string;
  readonly command: string;
}

/** How the end of a process tree went. */
export type TreeEnd =
  /** Proven: the table was read, and no process of the tree is in it. */
  | { readonly kind: 'gone' }
  | { readonly kind: 'survivors'; readonly survivors: readonly ProcessInfo[] }
  /** It could not be told what is left, although it was asked again and again. */
  | { readonly kind: 'unknown'; readonly reason: string };

/** One running engine process and its tree: our child, or one taken over from an earlier manager. */
export interface ServerProcess {
  readonly identity: ProcessIdentity;
  /** Monotonic ms of the spawn, or of the adoption. */
  readonly beganAt: number;
  /** Settles when the root process has ended; never rejects. */
  readonly exited: Promise<Exit>;
  /** How the root process ended; undefined while it runs. */
  readonly exit: Exit | undefined;
  /** The live processes of the tree. Every member is remembered, so that one that leaves the group is found again. */
  tree(): Promise<Seen<readonly ProcessInfo[]>>;
  /**
   * The live processes of the tree in a table that was read anyway. What only its environment gives away is found by
   * {@link tree} alone, and remembered from then on.
   */
  treeIn(table: readonly ProcessInfo[]): readonly ProcessInfo[];
  /** Ends the tree with proof: SIGTERM, SIGKILL after the grace, then a look at what is left. */
  stop(graceMs: number): Promise<TreeEnd>;
  /** Stops watching without touching the process. */
  release(): void;
}

/** Makes and finds engine processes. */
export interface ProcessLauncher {
  /** @throws DomainError engine_missing, permission or engine_broken when it cannot be executed. */
  spawn(
    launch: Launch,
    options: { readonly logPath: string; readonly nonce: string },
  ): Promise<ServerProcess>;
  /** Takes over a process that an earlier manager started; the value is undefined when it is no longer the same one. */
  attach(identity: ProcessIdentity, nonce: string): Promise<Seen<ServerProcess | undefined>>;
  /** Stands for a root that is gone, so that what it left can be ended. */
  ended(identity: ProcessIdentity, nonce: string): ServerProcess;
}
