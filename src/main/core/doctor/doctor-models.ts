import { access, constants, statfs } from 'node:fs/promises';
import path from 'node:path';

import type { DoctorCheck } from '@shared/contract';
import type { Download } from '@shared/domain/download';
import { DomainError } from '@shared/errors';
import { makeAction } from '@shared/errors/action';
import { systemProblem } from '@shared/errors/system-error';
import { formatDisk, formatDiskOf } from '@shared/format/bytes';

import { statOf } from '../models/disk';
import { mountOf } from '../models/mounts';

export interface ModelDoctorSources {
  /** The Hugging Face cache, where downloads go. */
  readonly cache: string;
  readonly downloads: readonly Download[];
  readonly hub: {
    readonly host: string;
    /** Rejects when it does not answer. */
    readonly reach: (signal: AbortSignal) => Promise<void>;
  };
}

/** Less than this is not enough for most models. */
const LITTLE_BYTES = 10e9;
const REACH_MS = 5000;

/** Where models go, where they come from, and what is half way between. */
export async function checkModelPlaces(sources: ModelDoctorSources): Promise<DoctorCheck[]> {
  const [cache, hub] = await Promise.all([checkCache(sources.cache), checkHub(sources.hub)]);
  return [cache, hub, ...checkDownloads(sources.downloads)];
}

async function checkCache(cache: string): Promise<DoctorCheck> {
  const id = 'model-cache';
  const there = await firstThere(cache);
  try {
    await access(there, constants.R_OK | constants.W_OK);
  } catch (error) {
    return {
      id,
      state: 'problem',
      message: `Can't download to ${cache}. ${systemProblem(error, there)?.sentence ?? String(error)}`,
      action: makeAction('give_access', { path: there, variable: 'HF_HOME' }),
    };
  }
  const disk = await statfs(there);
  const free = disk.bavail * disk.bsize;
  const where = `disk ${await mountOf(there)}`;
  const message = `Downloads go to ${cache}, ${where}, ${formatDisk(free)} free`;
  if (free >= LITTLE_BYTES) return { id, state: 'ok', message };
  const little = `${message}: too little for most models.`;
  return { id, state: 'warning', message: little, action: makeAction('free_space') };
}

/** The folder itself or, before it is made, the nearest one above. */
async function firstThere(folder: string): Promise<string> {
  const info = await statOf(folder).catch(() => undefined);
  const above = path.dirname(folder);
  return info || above === folder ? folder : firstThere(above);
}

async function checkHub({ host, reach }: ModelDoctorSources['hub']): Promise<DoctorCheck> {
  const id = 'hub';
  try {
    await reach(AbortSignal.timeout(REACH_MS));
  } catch (error) {
    const isSilent = error instanceof DomainError && error.code === 'cancelled';
    const message = isSilent
      ? `${host} didn't respond within ${REACH_MS / 1000} s.`
      : error instanceof Error
        ? error.message
        : String(error);
    return { id, state: 'warning', message, action: makeAction('check_network') };
  }
  return { id, state: 'ok', message: `${host} is reachable` };
}

function checkDownloads(downloads: readonly Download[]): DoctorCheck[] {
  return downloads.flatMap((download): DoctorCheck[] => {
    const { id, ref, state, bytes, total, failure } = download;
    if (state === 'done') return [];
    const amount = total > 0 ? ` at ${formatDiskOf(bytes, total)}` : '';
    if (state === 'failed') {
      return [
        {
          id: `download:${id}`,
          state: 'warning',
          message: `The download of ${ref} failed${amount}: ${failure?.message ?? 'the reason is unknown'}`,
          action: makeAction('resume_download', { downloadId: id, ref }),
        },
      ];
    }
    return [
      { id: `download:${id}`, state: 'ok', message: `The download of ${ref} is ${state}${amount}` },
    ];
  });
}
