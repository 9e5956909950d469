import type { Core } from '@core/core';
import { connectInProcess } from '@host/in-process-transport';
import { follow } from '@shared/live/follow';
import { applyToData, dataFromSnapshot, type LiveData } from '@shared/live/live-data';
import { type Client, createClient } from '@shared/rpc/client';
import type { Logger } from '@core/ports';
import { DESKTOP_SCOPES } from './ipc-transport';

/** The shell's own view of the manager: the same snapshot and events as the window's. */
export interface Live {
  readonly client: Client;
  /** Undefined until the first snapshot. */
  readonly data: LiveData | undefined;
  /** Once the core has started: before that there is nothing to tell. */
  start(): void;
  close(): void;
}

/** Follows the core; `onChange` gets what was true before (undefined the first time) and what is true now. */
export function followCore(
  core: Core,
  logger: Logger,
  onChange: (before: LiveData | undefined, after: LiveData) => void,
): Live {
  const transport = connectInProcess(core, DESKTOP_SCOPES);
  const client = createClient(transport);
  let data: LiveData | undefined;
  const set = (next: LiveData): void => {
    if (next === data) return;
    const before = data;
    data = next;
    onChange(before, next);
  };
  const following = follow(client, {
    snapshot: (snapshot) => set(dataFromSnapshot(data, snapshot)),
    event: (frame) => {
      if (data) set(applyToData(data, frame));
    },
    problem: (error) => logger.error('The state could not be read', { error: String(error) }),
  });
  return {
    client,
    get data() {
      return data;
    },
    start: () => following.resync(),
    close() {
      following.stop();
      transport.close();
    },
  };
}
