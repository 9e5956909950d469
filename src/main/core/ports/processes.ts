/** What the machine showed, or why it could not tell. Unknown is never an empty answer. */
export type Seen<T> =
  | { readonly known: true; readonly value: T }
  | { readonly known: false; readonly reason: string };

/** One process as the system shows it. */
export interface ProcessInfo {
  readonly pid: number;
  readonly ppid: number;
  readonly pgid: number;
  /**
   * When it started, in a form of its own on each system: with the pid it names one process and no other.
   * Compare it with `isSameProcess` alone, since two ways of asking may be of different precision. '' where
   * the system does not tell it to this user: then it is the same as no other.
   */
  readonly startTime: string;
  /** The command line where it was asked for by its pid; in a list it may be the program's short name. */
  readonly command: string;
  /** One letter as ps prints it; Z is a zombie: gone, but not yet collected; T is stopped. */
  readonly state: string;
}

/** A socket that listens for TCP connections. */
export interface Listener {
  /** Undefined where the socket is another user's. */
  readonly pid: number | undefined;
  /** A socket of IPv6 that is bound to an address of IPv4 counts as one of IPv4. */
  readonly family: 'tcp4' | 'tcp6';
  /** As inet_ntop(3) prints it: 127.0.0.1, 0.0.0.0, ::1, ::. */
  readonly address: string;
  /** Whether a socket on :: leaves IPv4 alone; undefined where the system does not tell, and for IPv4. */
  readonly v6only: boolean | undefined;
}

/** What a process has used. */
export interface Usage {
  /** CPU time so far, of all its threads, milliseconds. */
  readonly cpuMs: number;
  /** Its physical footprint on macOS, its resident size on Linux, bytes; undefined where it cannot be told. */
  readonly memoryBytes: number | undefined;
}

/**
 * The processes of this machine, seen through one port. Each method answers within ten seconds, and never
 * rejects: what could not be seen is an answer of its own.
 */
export interface Processes {
  /** Every process that can be seen, this one among them. */
  list(): Promise<Seen<readonly ProcessInfo[]>>;
  /** One process with its command line; undefined is the proof that there is none with this pid. */
  read(pid: number): Promise<Seen<ProcessInfo | undefined>>;
  /**
   * The processes that carry NAME=value in their environment, which children inherit. Left out are those
   * whose environment this user may not read, and this process itself.
   */
  carrying(
    name: string,
    value: string,
    /** The start of the first process that has it: where starts can be compared, older ones are not looked at. */
    since?: string,
  ): Promise<Seen<readonly ProcessInfo[]>>;
  /**
   * Who listens on a TCP port, once for each process that has the socket.
   * @param candidates looks at these pids alone, which a loop can afford many times a second.
   */
  listeners(port: number, candidates?: readonly number[]): Promise<Seen<readonly Listener[]>>;
  /** How many connections to the port of this process are open now, counted at its own end. */
  connections(port: number, pid: number): Promise<Seen<number>>;
  /** A pid that is gone, or another user's, is absent. */
  usage(pids: readonly number[]): Promise<Seen<ReadonlyMap<number, Usage>>>;
}

/** The process that keeps another one from listening on a port. */
export interface PortHolder {
  readonly pid: number;
  readonly command: string;
}

/** Whether a server could listen on an address and port now. */
export type PortState =
  | { readonly kind: 'free' }
  /** Without a holder where it is another user's, or could not be told. */
  | { readonly kind: 'taken'; readonly holder: PortHolder | undefined }
  /** The address cannot be listened on at all, for another reason. */
  | { readonly kind: 'refused'; readonly reason: string };
