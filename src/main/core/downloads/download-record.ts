import { randomUUID } from 'node:crypto';
import { type Download, HubRef, Revision } from '@shared/domain/download';
import { StoredFailure } from '@shared/domain/failure';
import { z } from 'zod';

import type { DocumentSpec } from '../storage/document-recovery';

/** What is kept of a job; how far it is stands in its folder. */
export const DownloadRecord = z.object({
  id: z.string().regex(/^[0-9a-f]{8}$/),
  ref: HubRef,
  revision: Revision,
  commit: z.string().optional(),
  /** `wanted`: it goes on by itself; at a crash as well. */
  state: z.enum(['wanted', 'paused', 'failed', 'done']),
  bytes: z.number(),
  total: z.number(),
  files: z.object({ total: z.number(), verified: z.number() }),
  failure: StoredFailure.optional(),
  addedAt: z.string(),
  endedAt: z.string().optional(),
  limitBytesPerSecond: z.number().optional(),
  repair: z.boolean().optional(),
  force: z.boolean().optional(),
});
export type DownloadRecord = z.infer<typeof DownloadRecord>;

/** What is asked for. */
export interface WantedDownload {
  readonly ref: string;
  readonly revision: string;
  readonly limitBytesPerSecond?: number | undefined;
  readonly repair?: boolean | undefined;
  /** Also what no engine here could load. */
  readonly force?: boolean | undefined;
}

/** A job of which nothing is known but what was asked for. `addedAt`: ISO 8601. */
export function newRecord(
  { ref, revision, limitBytesPerSecond, repair, force }: WantedDownload,
  commit: string,
  addedAt: string,
): DownloadRecord {
  return {
    ...{ id: newJobId(), ref, revision, commit, state: 'wanted', bytes: 0, total: 0, addedAt },
    files: { total: 0, verified: 0 },
    ...(limitBytesPerSecond === undefined ? {} : { limitBytesPerSecond }),
    ...(repair === undefined ? {} : { repair }),
    ...(force ? { force } : {}),
  };
}

/** A job's id: 8 hex digits, as the random part of huggingface_hub's own partial files. */
function newJobId(): string {
  return randomUUID().slice(0, 8);
}

/** Speed and what else is known while it runs. */
export type LiveFacts = Pick<
  Download,
  'bytesPerSecond' | 'etaSeconds' | 'connections' | 'waiting'
> & { readonly state: 'running' | 'verifying' };

/** As every view sees it. */
export function describeDownload(record: DownloadRecord, live: LiveFacts | undefined): Download {
  const { state, ...rest } = record;
  if (live) return { ...rest, ...live };
  return { ...rest, state: state === 'wanted' ? 'queued' : state };
}

/** Under way first in their order, then ended ones, the newest first. */
export function inOrder(records: readonly DownloadRecord[]): DownloadRecord[] {
  const isEnded = ({ state }: DownloadRecord): boolean => state === 'done' || state === 'failed';
  const ended = records.filter(isEnded);
  return [
    ...records.filter((record) => !isEnded(record)),
    ...ended.toSorted((a, b) => (b.endedAt ?? '').localeCompare(a.endedAt ?? '')),
  ];
}

/** Whether it will still do something, or can be told to. */
export function isOpen({ state }: DownloadRecord): boolean {
  return state === 'wanted' || state === 'paused';
}

/** Names of the hub are told apart without regard to case. */
export function sameRef(a: string, b: string): boolean {
  return a.toLowerCase() === b.toLowerCase();
}

/** Whether it is the job of this model and revision, and not over; one that failed is gone on with. */
export function isSameJob(
  record: DownloadRecord,
  { ref, revision }: { ref: string; revision: string },
): boolean {
  return record.state !== 'done' && sameRef(record.ref, ref) && record.revision === revision;
}

/** Of a model that is fetched again the newest job is the one to tell of. */
export function withoutDone(
  all: readonly DownloadRecord[],
  { ref, revision }: DownloadRecord,
): DownloadRecord[] {
  return all.filter(
    (one) => one.state !== 'done' || !sameRef(one.ref, ref) || one.revision !== revision,
  );
}

/** Ended jobs that are remembered. */
const KEPT = 50;

/** Without the oldest of those that are done, beyond what is remembered. */
export function trimmed(records: readonly DownloadRecord[]): DownloadRecord[] {
  const done = records.filter(({ state }) => state === 'done');
  const dropped = new Set(done.slice(0, Math.max(0, done.length - KEPT)));
  return records.filter((record) => !dropped.has(record));
}

/** The document that keeps them. */
export const DOWNLOADS: DocumentSpec = {
  name: 'downloads',
  version: 1,
  migrations: {},
  keys: {
    downloads: {
      kind: 'list',
      item: DownloadRecord,
      fieldDefaults: { bytes: 0, total: 0, files: { total: 0, verified: 0 } },
      nameOf: ({ ref }) => String(ref),
      uniqueBy: 'id',
    },
  },
};
