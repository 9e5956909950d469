import { rm } from 'node:fs/promises';
import type { MetaWriter } from './meta-writer';
import { findLeftCopy } from './rotation';
import { nextSegment, segmentFile, sizeOf } from './segments';

/** Writes down what an earlier manager had no time or no room to write about a run's files. */
export async function completeSegments(writer: MetaWriter, current: string): Promise<void> {
  await adoptCopy(writer, current);
  await noticeCut(writer, current);
}

/** A manager that died in a rotation left a copy that it had not noted: it belongs to the run if the file was cut. */
async function adoptCopy(writer: MetaWriter, current: string): Promise<void> {
  const { meta } = writer;
  const segment = nextSegment(meta);
  const file = segmentFile(current, segment);
  const left = await findLeftCopy(current, file);
  if (!left) return;
  if (!left.wasCut) return rm(file, { force: true });
  const to = (meta.segments.at(-1)?.to ?? 0) + left.bytes;
  writer.record({ t: 'segment', segment, to, n: meta.marks.at(-1)?.n ?? 0 });
}

/** On a full disk nobody could write that the file was cut: it is shorter than what is known of it. */
async function noticeCut(writer: MetaWriter, current: string): Promise<void> {
  const { meta } = writer;
  const from = meta.segments.at(-1)?.to ?? 0;
  const last = meta.marks.at(-1);
  const size = (await sizeOf(current)) ?? 0;
  if (last && last.at > from + size) writer.record({ t: 'segment', to: last.at, n: last.n });
}
