import type { Download } from '@shared/domain/download';
import { formatDiskOf, formatSpeed } from '@shared/format/bytes';
import { formatPercent } from '@shared/format/counts';
import { formatDuration } from '@shared/format/durations';

import type { Context } from './context';
import { ProgressLine } from './progress-line';

/** How far a download is: JSON lines, one line that changes on a terminal, or a line now and then. */
export class DownloadProgress {
  readonly #context: Context;
  readonly #line: ProgressLine;

  constructor(context: Context) {
    this.#context = context;
    this.#line = new ProgressLine(context.output);
  }

  show(download: Download): void {
    if (this.#context.json) this.#json(download);
    else this.#line.show(textOf(download));
  }

  /** Ends the line that changes. */
  end(): void {
    this.#line.end();
  }

  #json({ bytes, total, bytesPerSecond, etaSeconds, state, waiting }: Download): void {
    this.#context.output.jsonLine({
      event: 'progress',
      bytes,
      total,
      bytesPerSecond: bytesPerSecond ?? 0,
      ...(etaSeconds === undefined ? {} : { etaSeconds }),
      state,
      ...(waiting === undefined ? {} : { waiting: waiting.message }),
    });
  }
}

function textOf(download: Download): string {
  const { ref, state, bytes, total, bytesPerSecond, etaSeconds, waiting, files } = download;
  if (total === 0) return `${ref}: ${waiting?.message ?? 'asking for its files'}`;
  const amount = `${ref}: ${formatDiskOf(bytes, total)}, ${formatPercent(bytes / total)}`;
  if (waiting) return `${amount}. ${waiting.message}`;
  if (state === 'verifying') return `${amount}, verifying (${files.verified} of ${files.total})`;
  const eta = etaSeconds === undefined ? '' : `, ${formatDuration(etaSeconds)} left`;
  return `${amount}, ${formatSpeed(bytesPerSecond ?? 0)}${eta}`;
}
