import type { Payload, Topic } from '@shared/contract';
import type { NoticeBoard } from '../notices/notice-board';
import type { DocumentStore, Ports } from '../ports';
import type { Background } from '../ports/background';

/** What a run of the core is for. */
export type CoreMode = 'supervise' | 'write' | 'read';

/** What every folder of the core is composed with. */
export interface SharedParts {
  readonly ports: Ports;
  readonly notices: NoticeBoard;
  readonly background: Background;
  /** Opens the document of this name. */
  readonly open: (name: string) => DocumentStore;
  /** Tells every view; `key` tells which of a topic's streams it belongs to. */
  readonly publish: <T extends Topic>(topic: T, payload: Payload<T>, key?: string) => void;
  /** Known once the core is started. */
  readonly mode: () => CoreMode;
}
