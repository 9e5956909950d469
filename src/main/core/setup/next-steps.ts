import type { Download } from '@shared/domain/download';
import type { EngineJob, Installation } from '@shared/domain/engine';
import type { Failure } from '@shared/domain/failure';
import type { Server } from '@shared/domain/server';
import { isActive, isServing } from '@shared/domain/server-state';
import type { SetupStepName } from '@shared/domain/setup';

import type { SetupRecord } from './setup-record';

/** What is true now of the things that a set-up waits for. */
export interface SetupFacts {
  /** The engine's installation in use, where it can run. */
  readonly engine: Pick<Installation, 'version' | 'sizeBytes'> | undefined;
  /** The installation that this set-up began, or joined. */
  readonly job: Pick<EngineJob, 'state' | 'failure'> | undefined;
  /** The model, where it is whole on this machine. */
  readonly model: { readonly sizeBytes: number } | undefined;
  /** The download that this set-up began, or joined. */
  readonly download: Pick<Download, 'state' | 'failure'> | undefined;
  /** The server of the profile that this set-up made. */
  readonly server: Pick<Server, 'state' | 'failure'> | undefined;
}

/** What is to be done next; each is done once, and what comes of it is seen in the facts. */
export type SetupWork = 'install' | 'download' | 'create' | 'start' | 'ask';

const STEP_OF: Readonly<Record<SetupWork, SetupStepName>> = {
  install: 'engine',
  download: 'model',
  create: 'server',
  start: 'server',
  ask: 'server',
};

/** The step that a piece of work belongs to. */
export const stepOf = (work: SetupWork): SetupStepName => STEP_OF[work];

/**
 * One look at a set-up: what it has come to by the facts, and what is to be done now. Pure; `now` is ISO 8601.
 * Undefined where the profile that it made is gone: then there is nothing left to set up.
 */
export function nextSteps(
  before: SetupRecord,
  facts: SetupFacts,
  now: string,
): { record: SetupRecord; work: SetupWork[] } | undefined {
  const engine = engineStep(before, facts, now);
  const model = modelStep(before, facts, now);
  const server = serverStep(before.server, facts, now, {
    mayStart: engine.step.doneAt !== undefined && model.step.doneAt !== undefined,
    isAnswered: before.answer !== undefined,
  });
  if (server === undefined) return undefined;
  const record = { ...before, engine: engine.step, model: model.step, server: server.step };
  return { record, work: [engine.work, model.work, server.work].flatMap((one) => one ?? []) };
}

interface Looked<Step> {
  readonly step: Step;
  readonly work?: SetupWork;
}

function engineStep(
  { engine: step }: SetupRecord,
  { engine, job }: SetupFacts,
  now: string,
): Looked<SetupRecord['engine']> {
  if (step.doneAt !== undefined) return { step };
  // It counts whoever installed it, and also when an attempt of ours failed before.
  if (engine) {
    const { failure: _, jobId: __, ...rest } = step;
    // What a person registered takes nothing of ours.
    const bytes = engine.sizeBytes > 0 ? { bytes: engine.sizeBytes } : {};
    return { step: { ...rest, ...bytes, doneAt: now, version: engine.version } };
  }
  if (step.failure || job?.state === 'running') return { step };
  if (job) return { step: { ...step, failure: jobFailure(job) } };
  return { step: begun(step, now), work: 'install' };
}

function modelStep(
  { model: step }: SetupRecord,
  { model, download }: SetupFacts,
  now: string,
): Looked<SetupRecord['model']> {
  if (step.doneAt !== undefined) return { step };
  if (model) {
    const { failure: _, downloadId: __, ...rest } = step;
    return { step: { ...rest, doneAt: now, bytes: model.sizeBytes } };
  }
  if (step.failure) return { step };
  if (download?.state === 'failed' && download.failure) {
    return { step: { ...step, failure: download.failure } };
  }
  // One that is paused is shown as that, and goes on when a person says so.
  if (download) return { step };
  if (step.downloadId !== undefined) {
    return { step: { ...step, failure: plain('cancelled', 'The download was canceled.') } };
  }
  return { step: begun(step, now), work: 'download' };
}

function serverStep(
  step: SetupRecord['server'],
  { server }: SetupFacts,
  now: string,
  { mayStart, isAnswered }: { readonly mayStart: boolean; readonly isAnswered: boolean },
): Looked<SetupRecord['server']> | undefined {
  if (step.doneAt !== undefined) return { step };
  if (!mayStart) return { step };
  if (step.profileId === undefined) {
    return step.failure ? { step } : { step, work: 'create' };
  }
  if (!server) return undefined;
  if (isServing(server.state)) {
    if (isAnswered) {
      const { failure: _, ...rest } = step;
      return { step: { ...rest, doneAt: now } };
    }
    return step.failure?.code === 'not_answering' ? { step } : { step, work: 'ask' };
  }
  if (step.failure || isActive(server.state)) return { step };
  // Its time begins with the start itself: until then it is as it ended before.
  if (step.startedAt === undefined) return { step, work: 'start' };
  const failure =
    server.failure ?? plain('not_running', 'The server was stopped before it answered.');
  return { step: { ...step, failure } };
}

function begun<Step extends { startedAt?: string | undefined }>(step: Step, now: string): Step {
  return step.startedAt === undefined ? { ...step, startedAt: now } : step;
}

function jobFailure({ state, failure }: NonNullable<SetupFacts['job']>): Failure {
  if (state === 'cancelled') return plain('cancelled', 'The installation was canceled.');
  return failure ?? plain('engine_broken', "The engine was installed, but it can't run.");
}

function plain(code: Failure['code'], message: string): Failure {
  return { code, message, evidence: [] };
}

/** The same set-up with what failed of it cleared away, so that it is tried again. */
export function retried(record: SetupRecord): SetupRecord {
  const { engine, model, server } = record;
  const clear = <Step extends { failure?: unknown; startedAt?: string | undefined }>(
    step: Step,
    id: 'jobId' | 'downloadId' | undefined,
  ): Step => {
    if (step.failure === undefined) return step;
    const entries = Object.entries(step).filter(
      ([key]) => key !== 'failure' && key !== 'startedAt' && key !== id,
    );
    return Object.fromEntries(entries) as Step;
  };
  return {
    ...record,
    engine: clear(engine, 'jobId'),
    model: clear(model, 'downloadId'),
    server: clear(server, undefined),
  };
}

/**
 * A set-up as the next manager finds it: installations ended with the manager before, and its server may have.
 * After the machine went down under a server nothing is started by itself: it might bring it down again.
 */
export function resumed(record: SetupRecord, { wentDown }: { wentDown: boolean }): SetupRecord {
  const { jobId: _, ...engine } = record.engine;
  const { startedAt, ...server } = record.server;
  const wasStarted = startedAt !== undefined && server.doneAt === undefined;
  const held = wentDown && wasStarted && server.failure === undefined;
  return {
    ...record,
    engine,
    server:
      server.doneAt !== undefined
        ? record.server
        : held
          ? { ...server, startedAt, failure: plain('exited', WENT_DOWN) }
          : server,
  };
}

const WENT_DOWN =
  'The machine went down while the server was starting. If the model brought it down, starting it again could do the same.';
