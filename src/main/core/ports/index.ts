/** What a host supplies to the core. Interfaces only. */
import type { DesktopState } from '@shared/domain/desktop';

import type { Processes } from './processes';

/** Places on disk; every path is absolute. */
export interface Paths {
  readonly home: string;
  readonly documents: string;
  readonly engines: string;
  readonly logs: string;
  readonly models: string;
  readonly run: string;
  readonly cache: string;
  readonly socket: string;
}

/** One small JSON document; writing is atomic and durable when it resolves. */
export interface DocumentStore {
  /** The file's path, for messages and backups. */
  readonly path: string;
  /** True where it is only looked at: writes stay in memory, and nothing is put beside the file. */
  readonly lookingOnly?: boolean;
  /** The raw text, or undefined when there is none. Rejects when it cannot be read. */
  read(): Promise<string | undefined>;
  /** Rejects when it could not be written; the old content is then still there. */
  write(value: unknown): Promise<void>;
}

export interface Clock {
  /** Milliseconds that never go back; for delays. */
  monotonic(): number;
  /** Unix milliseconds; for people. */
  now(): number;
  setTimeout(callback: () => void, ms: number): () => void;
}

export interface Logger {
  debug(message: string, data?: Readonly<Record<string, unknown>>): void;
  info(message: string, data?: Readonly<Record<string, unknown>>): void;
  warn(message: string, data?: Readonly<Record<string, unknown>>): void;
  error(message: string, data?: Readonly<Record<string, unknown>>): void;
  /** A logger for one module. */
  child(module: string): Logger;
  /** From now on this text is never written; absent where nothing is. */
  addSecret?(secret: string): void;
}

/** Memory in bytes that programs can have without swapping, and the GPU's limit where it can be read. */
export interface MachineMemory {
  readonly total: number;
  readonly free: number;
  readonly gpuLimit?: number;
}

/** Keeps secrets: the system's keychain, or a file that only this user can read. */
export interface Vault {
  readonly place: 'keychain' | 'file';
  /** Why nothing can be kept now; undefined when it can. */
  problem(): Promise<string | undefined>;
  get(name: string): Promise<string | undefined>;
  /** @throws DomainError permission when it cannot be kept safely. */
  set(name: string, value: string): Promise<void>;
  remove(name: string): Promise<void>;
  /** Whether the application keeps a secret of this name in its keychain, where this vault cannot read it. */
  isInKeychain?(name: string): Promise<boolean>;
}

/** What only the desktop application can do: its window, the login item, updates of itself. */
export interface Desktop {
  state(): DesktopState;
  /** Told with each change of {@link state}. */
  onChange(listener: (state: DesktopState) => void): void;
  /** @throws DomainError validation where this build or system has no login item. */
  setOpenAtLogin(open: boolean): Promise<DesktopState>;
  openLoginSettings(): Promise<void>;
  checkForUpdate(): Promise<DesktopState>;
  /** @throws DomainError conflict when none is ready. */
  installUpdate(): Promise<void>;
  /** @throws DomainError permission, conflict: with where and why. */
  installCommandLine(): Promise<DesktopState>;
  removeCommandLine(): Promise<DesktopState>;
  /** A folder that the person chose in the system's own dialog. */
  chooseFolder(): Promise<string | undefined>;
  reveal(path: string): Promise<void>;
}

/** What a command that starts the manager can say of the gateway. */
export interface GatewayChoice {
  readonly enabled?: boolean | undefined;
  /** 0 takes any free port. */
  readonly port?: number | undefined;
}

export interface Ports {
  readonly vault: Vault;
  /** Present in the desktop application alone. */
  readonly desktop?: Desktop;
  readonly host: 'desktop' | 'headless';
  readonly version: string;
  readonly paths: Paths;
  /** The folder of what ships beside the program. */
  readonly resources: string;
  readonly clock: Clock;
  readonly logger: Logger;
  /** The processes and sockets of this machine. */
  readonly processes: Processes;
  /** What the machine has of memory now. */
  readonly machineMemory: () => Promise<MachineMemory>;
  /** Opens the document of this name (`profiles`, `settings`, ...). */
  readonly document: (name: string) => DocumentStore;
  /** The environment the manager was started with. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** What this run of the host says of the gateway, whatever the settings say. */
  readonly gateway?: GatewayChoice;
  /** What the host has found that the person is to be told at the start. */
  readonly warnings?: readonly string[];
}
