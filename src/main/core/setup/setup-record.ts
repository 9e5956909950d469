import { StoredFailure } from '@shared/domain/failure';
import { TestAnswer } from '@shared/domain/server';
import { type Setup, SetupPlan, type SetupStep } from '@shared/domain/setup';
import { z } from 'zod';

import type { DocumentSpec } from '../storage/document-recovery';

/** What is kept of one step. */
const StepRecord = z.object({
  /** ISO 8601; absent while there was nothing to do. */
  startedAt: z.string().optional(),
  doneAt: z.string().optional(),
  bytes: z.number().optional(),
  failure: StoredFailure.optional(),
});
export type StepRecord = z.infer<typeof StepRecord>;

/** What is kept of a set-up, so that the next manager goes on with it. */
export const SetupRecord = z.object({
  plan: SetupPlan,
  startedAt: z.string(),
  engine: StepRecord.extend({ jobId: z.string().optional(), version: z.string().optional() }),
  model: StepRecord.extend({ downloadId: z.string().optional() }),
  server: StepRecord.extend({ profileId: z.string().optional() }),
  answer: TestAnswer.extend({ question: z.string() }).optional(),
});
export type SetupRecord = z.infer<typeof SetupRecord>;

export const SETUP: DocumentSpec = {
  name: 'setup',
  version: 1,
  migrations: {},
  keys: { setup: { kind: 'value', schema: SetupRecord.nullable(), fallback: () => null } },
};

/** A set-up of which nothing is done yet. `now`: ISO 8601. */
export function newSetup(plan: SetupPlan, now: string): SetupRecord {
  return { plan, startedAt: now, engine: {}, model: {}, server: {} };
}

/** As every view sees it. */
export function describeSetup(record: SetupRecord): Setup {
  const { plan, startedAt, answer } = record;
  const isFree = record.engine.doneAt !== undefined && record.model.doneAt !== undefined;
  const engine = { ...describe(record.engine), ...known(record.engine, ['jobId', 'version']) };
  const model = { ...describe(record.model), ...known(record.model, ['downloadId']) };
  const server = { ...describe(record.server, isFree), ...known(record.server, ['profileId']) };
  const states = [engine, model, server].map(({ state }) => state);
  const isDone = states.every((state) => state === 'done');
  const state = isDone ? 'done' : states.includes('running') ? 'running' : 'failed';
  const endedAt = isDone ? record.server.doneAt : undefined;
  return {
    ...{ plan, state, startedAt, engine, model, server },
    ...(endedAt === undefined ? {} : { endedAt }),
    ...(answer === undefined ? {} : { answer }),
  };
}

function describe(step: StepRecord, mayRun = true): SetupStep {
  const { startedAt, doneAt, bytes, failure } = step;
  const size = bytes === undefined ? {} : { bytes };
  if (doneAt !== undefined) {
    const seconds = startedAt && (Date.parse(doneAt) - Date.parse(startedAt)) / 1000;
    return { state: 'done', ...size, ...(seconds ? { seconds } : {}) };
  }
  if (failure) return { state: 'failed', failure };
  return { state: mayRun ? 'running' : 'waiting' };
}

/** The given fields, without those that are not known. */
function known<T extends object, K extends keyof T>(value: T, keys: readonly K[]): Pick<T, K> {
  const entries = keys.flatMap((key) => (value[key] === undefined ? [] : [[key, value[key]]]));
  return Object.fromEntries(entries) as Pick<T, K>;
}
