import type { GatewayStatus } from '@shared/domain/gateway-status';
import type { ServerProfile } from '@shared/domain/profile';
import type { Server } from '@shared/domain/server';
import type { RequestRecord } from '@shared/gateway/record';
import type { Doors, Target } from '@shared/gateway/target';

import type { Clock, Logger } from '../ports';
import type { NoticeBoard } from '../notices/notice-board';

/** What the gateway's control plane is told and may do. */
export interface GatewayOptions {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly notices: NoticeBoard;
  readonly version: string;
  readonly settings: () => { readonly gatewayEnabled: boolean; readonly gatewayPort: number };
  readonly targets: () => readonly Target[];
  /** Who may come in; `port`: where the gateway listens. */
  readonly doors: (port: number) => Doors;
  readonly profile: (profileId: string) => ServerProfile | undefined;
  readonly server: (profileId: string) => Server;
  readonly servers: () => readonly Server[];
  readonly start: (
    profileId: string,
    how: { readonly stopFirst: readonly string[] },
  ) => Promise<unknown>;
  readonly stop: (profileId: string) => Promise<unknown>;
  readonly takeRecords: (records: readonly RequestRecord[]) => void;
  /** What is counted, as Prometheus reads it. */
  readonly metricsText: () => string;
  /** Who listens on a port, in words; undefined where nobody can tell. */
  readonly holderOf: (port: number) => Promise<string | undefined>;
  readonly publish: (status: GatewayStatus) => void;
}
