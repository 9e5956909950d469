import type { Download } from '@shared/domain/download';
import { formatDiskOf, formatSpeed } from '@shared/format/bytes';
import { formatPercent } from '@shared/format/counts';
import { formatDuration } from '@shared/format/durations';

import type { Context } from './context';

/** Without a terminal a line of progress comes at most this often, ms. */
const LINE_MS = 5000;

/** How far a download is: JSON lines, one line that changes on a terminal, or a line now and then. */
export class DownloadProgress {
  readonly #context: Context;
  #lastText = '';
  #lastAt = Number.NEGATIVE_INFINITY;
  #isOpen = false;

  constructor(context: Context) {
    this.#context = context;
  }

  show(download: Download): void {
    if (this.#context.json) this.#json(download);
    else if (process.stderr.isTTY) this.#live(textOf(download));
    else this.#line(textOf(download), performance.now());
  }

  /** Ends the line that changes. */
  end(): void {
    if (this.#isOpen) process.stderr.write('\n');
    this.#isOpen = false;
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

  #live(text: string): void {
    if (text === this.#lastText) return;
    this.#lastText = text;
    this.#isOpen = true;
    const width = process.stderr.columns || 80;
    process.stderr.write(`\r\u001b[K${text.slice(0, Math.max(20, width - 1))}`);
  }

  #line(text: string, now: number): void {
    if (text === this.#lastText || now - this.#lastAt < LINE_MS) return;
    this.#lastText = text;
    this.#lastAt = now;
    this.#context.output.note(text);
  }
}

function textOf(download: Download): string {
  const { ref, state, bytes, total, bytesPerSecond, etaSeconds, waiting, files } = download;
  if (total === 0) return `${ref}: ${waiting?.message ?? 'preparing'}`;
  const amount = `${ref}: ${formatDiskOf(bytes, total)}, ${formatPercent(bytes / total)}`;
  if (waiting) return `${amount}. ${waiting.message}`;
  if (state === 'verifying') return `${amount}, verifying (${files.verified} of ${files.total})`;
  const eta = etaSeconds === undefined ? '' : `, ${formatDuration(etaSeconds)} left`;
  return `${amount}, ${formatSpeed(bytesPerSecond ?? 0)}${eta}`;
}
