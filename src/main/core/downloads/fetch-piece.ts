import { DomainError } from '@shared/errors';
import { makeAction } from '@shared/errors/action';

import { MAX_REDIRECTS, nextRedirect } from '../hub/redirects';
import { resolveUrl } from '../hub/hub-client';
import type { HubNetwork } from '../hub/hub-network';
import type { Clock } from '../ports';
import { type AnswerHead, type ByteSink, streamBytes } from './byte-stream';
import type { FileTask } from './file-task';
import { LengthError } from './length-error';
import { PieceWriter } from './piece-writer';
import type { Range } from './ranges';

/** The server ignores ranges: the file must be fetched in one go from its beginning. */
export class NoRangeError extends Error {
  override readonly name = 'NoRangeError';
}

export interface PieceOptions {
  readonly network: HubNetwork;
  readonly clock: Clock;
  readonly ref: string;
  readonly commit: string;
  readonly stallMs: number;
  /** Counts bytes that came; a promise holds the stream up. */
  readonly pace: (bytes: number, signal: AbortSignal) => Promise<void> | undefined;
}

/** A signed address is used again until shortly before it ends, s; the hub signs for 3600. */
const SOURCE_SECONDS = 3600;
const SOURCE_MARGIN_S = 300;

/**
 * Fetches bytes of a file and writes them. What came before an error is written too.
 * @throws DomainError for what the hub answers; LengthError, NoRangeError; the system's errors.
 */
export async function fetchPiece(
  task: FileTask,
  piece: Range,
  options: PieceOptions,
  signal: AbortSignal,
): Promise<void> {
  const { network, clock, ref, commit } = options;
  const { path } = task.file;
  const known = task.source;
  const isKnown = known !== undefined && known.until > clock.monotonic();
  const first = resolveUrl(network.endpoint.url, ref, commit, path);
  let url = isKnown ? known.url : first;
  let isRenewed = false;
  for (let redirect = 0; redirect < MAX_REDIRECTS; redirect++) {
    const head = await fetchFrom(url, task, piece, options, signal);
    if (head.status === 200 || head.status === 206) {
      if (url.origin !== first.origin) task.source ??= sourceOf(url, clock);
      return;
    }
    if (head.status >= 300 && head.status < 400) {
      url = nextRedirect(url, head.header('location'), network.endpoint);
      continue;
    }
    // A signed address that is no longer good: the hub gives another one, once.
    const isElsewhere = url.origin !== first.origin;
    if (isElsewhere && !isRenewed && RUN_OUT.includes(head.status)) {
      task.source = undefined;
      isRenewed = true;
      url = first;
      continue;
    }
    if (head.status === 416)
      throw new LengthError(path, rangeTotal(head) ?? 'fewer', task.file.size);
    throw await network.errorFor(head.status, head.header, { ref, revision: commit, file: path });
  }
  throw new DomainError('offline', `${network.endpoint.host} redirects in a circle for ${path}.`);
}

/** What a host answers to a signed address that is no longer good (Amazon S3 answers 403). */
const RUN_OUT = [400, 401, 403, 404, 410];

function sourceOf(url: URL, clock: Clock): { url: URL; until: number } {
  const given = Number(url.searchParams.get('X-Amz-Expires') ?? SOURCE_SECONDS);
  const seconds = Math.min(Number.isFinite(given) ? given : 0, SOURCE_SECONDS) - SOURCE_MARGIN_S;
  return { url, until: clock.monotonic() + Math.max(0, seconds) * 1000 };
}

async function fetchFrom(
  url: URL,
  task: FileTask,
  piece: Range,
  options: PieceOptions,
  signal: AbortSignal,
): Promise<AnswerHead> {
  const { network, stallMs, pace } = options;
  const { size } = task.file;
  const isWhole = piece.start === 0 && piece.end === size;
  const headers = await network.headersFor(url);
  const writer = new PieceWriter(task, piece, network.memory);
  let answer: AnswerHead | undefined;
  const sink: ByteSink = {
    onHead(head) {
      answer = head;
      if (head.status !== 200 && head.status !== 206) return false;
      checkEncoding(head, url, task);
      checkHead(head, task, piece, isWhole);
      return true;
    },
    onChunk(chunk) {
      const held = writer.add(chunk);
      const paced = pace(chunk.length, signal);
      return held && paced ? Promise.all([held, paced]).then(() => undefined) : (held ?? paced);
    },
  };
  const request = {
    dispatcher: await network.dispatcher(),
    url,
    // A whole file without a range: servers that know no ranges then answer as well.
    headers: isWhole ? headers : { ...headers, range: `bytes=${piece.start}-${piece.end - 1}` },
    signal,
    stallMs,
  };
  try {
    await streamBytes(request, sink);
  } finally {
    await writer.flush();
  }
  if (!answer) throw new Error('the response was empty');
  const isBody = answer.status === 200 || answer.status === 206;
  if (isBody && writer.at < piece.end) throw new Error('the response ended early');
  return answer;
}

/** Compressed bytes are not those of the file, and a part of them is nothing at all. */
function checkEncoding(head: AnswerHead, url: URL, task: FileTask): void {
  const encoding = head.header('content-encoding') ?? 'identity';
  if (encoding === 'identity') return;
  throw new DomainError(
    'bad_hash',
    `${url.host} sends ${task.file.path} compressed (${encoding}), although the request asked for the plain file.`,
    { action: makeAction('retry') },
  );
}

function checkHead(head: AnswerHead, task: FileTask, piece: Range, isWhole: boolean): void {
  const { path, size } = task.file;
  if (head.status === 206) {
    const range = /^bytes (\d+)-(\d+)\/(\d+|\*)$/.exec(head.header('content-range') ?? '');
    const total = range?.[3] === '*' ? size : Number(range?.[3]);
    if (range && total !== size) throw new LengthError(path, total, size);
    if (!range || Number(range[1]) !== piece.start) throw new NoRangeError();
    return;
  }
  if (!isWhole) throw new NoRangeError();
  const length = head.header('content-length');
  if (length !== undefined && Number(length) !== size) throw new LengthError(path, length, size);
}

function rangeTotal(head: AnswerHead): string | undefined {
  return /\/(\d+)$/.exec(head.header('content-range') ?? '')?.[1];
}
