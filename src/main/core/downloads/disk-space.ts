import type { StatsFs } from 'node:fs';

import { DomainError } from '@shared/errors';
import { makeAction } from '@shared/errors/action';
import { formatDisk } from '@shared/format/bytes';

/** A system whose disk is full to the last byte does not work any more. */
const MARGIN_SHARE = 0.02;
const LARGEST_MARGIN = 1e9;

const RESUMES = {
  label: 'What happens next',
  text: 'What is already downloaded is kept. The download resumes automatically when there is enough space.',
};

/**
 * Why so many bytes cannot be brought to a disk; undefined when they can.
 * @param reserved bytes that others will still write there.
 */
export function spaceProblem(
  disk: Pick<StatsFs, 'bavail' | 'blocks' | 'bsize'>,
  bytes: number,
  reserved: number,
): DomainError | undefined {
  const margin = Math.min(LARGEST_MARGIN, disk.blocks * disk.bsize * MARGIN_SHARE);
  const free = disk.bavail * disk.bsize - reserved - margin;
  if (bytes === 0 || bytes <= free) return undefined;
  const shortBytes = Math.ceil(bytes - free);
  return new DomainError('disk_full', `The disk is full: ${formatDisk(shortBytes)} short.`, {
    data: { shortBytes, evidence: [RESUMES] },
    action: makeAction('free_space'),
  });
}
