import type { Download } from '@shared/domain/download';

import type { HubClient } from '../hub/hub-client';
import type { HubNetwork } from '../hub/hub-network';
import type { Clock, Logger } from '../ports';
import type { Hasher } from './hasher';
import type { JobFolder, Manifest } from './job-folder';

/** What a run of a download needs. */
export interface RunOptions {
  readonly id: string;
  readonly ref: string;
  readonly revision: string;
  /** Also what no engine here could load. */
  readonly force: boolean;
  readonly network: HubNetwork;
  readonly client: HubClient;
  readonly hasher: Hasher;
  readonly clock: Clock;
  readonly logger: Logger;
  /** The Hugging Face cache. */
  readonly hub: string;
  readonly folder: JobFolder;
  readonly bootId: string;
  readonly stallMs: number;
  /** Connections that this job may have now. */
  readonly connections: () => number;
  readonly pace: (bytes: number, signal: AbortSignal) => Promise<void> | undefined;
  /** Bytes that other jobs will still bring to the same disk. */
  readonly reserved: (device: number) => number;
  /** The commit and the number of bytes are known now. */
  readonly onPlan: (manifest: Manifest) => Promise<void>;
}

/** What a run shows of itself. */
export interface RunProgress {
  readonly state: 'running' | 'verifying';
  readonly bytes: number;
  readonly total: number;
  readonly files: Download['files'];
  readonly connections: number;
  readonly waiting?: Download['waiting'];
}

/** How often a file is looked at that another program fetches, ms. */
export const LOCKED_MS = 1000;
