import { showHidden } from '@shared/format/hidden-characters';
import type { Command } from 'commander';

import type { LogLine, LogRun } from '@shared/domain/log';
import type { PostMortem } from '@shared/domain/post-mortem';
import type { Client } from '@shared/rpc/client';
import { rankOfLine } from '@shared/rank-of-line';
import { RESYNC_TOPIC } from '@shared/rpc/frames';
import { shellQuote } from '@shared/shell-quote';
import { wholeNumber } from '../terminal/arguments';
import type { Context } from '../terminal/context';
import { textWidth } from '../terminal/text-width';
import { withManager } from '../manager/manager';
import { findProfile } from './profiles';

/** The most that one request gives. */
const PAGE = 5000;
const MAX_LINES = 10_000_000;

interface LogOptions {
  readonly lines: number;
  readonly follow?: boolean;
  readonly run?: number;
  readonly failure?: boolean;
  readonly checks?: boolean;
}

export function addLogs(program: Command, context: Context): void {
  program
    .command('logs')
    .summary("a server's log")
    .argument('<name>', 'profile')
    .option(
      '-n, --lines <n>',
      'number of lines to show, newest last',
      wholeNumber(0, MAX_LINES),
      200,
    )
    .option('-f, --follow', 'keep printing new lines')
    .option('--run <n>', 'an earlier run', wholeNumber(0, MAX_LINES))
    .option('--failure', 'show why the run failed instead of its lines')
    .option('--checks', 'include the requests with which MLX Manager checks the server')
    .option('--json', 'one JSON object per line')
    .action((name: string, options: LogOptions) =>
      withManager(context, options.follow ? 'running' : 'read', async ({ client }) => {
        const { id, cluster } = await findProfile(client, name);
        if (options.failure) return showFailure(context, client, id, options.run);
        const reader = new LogReader(context, client, {
          profileId: id,
          fixedRun: options.run,
          ranked: cluster !== null,
          checks: options.checks === true,
        });
        if (options.follow) await reader.follow(options.lines);
        else await reader.printLast(options.lines);
      }),
    );
}

async function showFailure(
  context: Context,
  client: Client,
  profileId: string,
  run: number | undefined,
): Promise<void> {
  const report = await client.call('logs.failure', {
    profileId,
    ...(run === undefined ? {} : { run }),
  });
  context.output.result(report, () => (report ? failureLines(report) : 'This run did not fail.'));
}

function failureLines({ run, time, failure, engine, version, exit, argv }: PostMortem): string[] {
  return [
    `Run ${run}, ${time}: ${failure.message}`,
    `  Code: ${failure.code}`,
    `  Engine: ${engine} ${version ?? ''}`.trimEnd(),
    `  End: ${exit}`,
    ...failure.evidence.map(({ label, text }) => `  ${label}: ${text}`),
    `  Command: ${argv.map(shellQuote).join(' ')}`,
  ];
}

interface ReaderOptions {
  readonly profileId: string;
  readonly fixedRun: number | undefined;
  /** Of several ranks: a line says which one wrote it, where its text tells. */
  readonly ranked: boolean;
  /** Whether lines about the manager's own requests are printed too. */
  readonly checks: boolean;
}

/** Prints each line once, in order, over pages, runs and lost events. */
class LogReader {
  readonly #context: Context;
  readonly #client: Client;
  readonly #options: ReaderOptions;
  #run: number | undefined;
  /** Number after the newest line that was seen. */
  #next = 0;
  #follows = false;
  /** Lines that were seen while they were still written: going on, they are printed when they have ended. */
  readonly #open = new Map<number, LogLine>();
  /**
   * The newest state of a bar into whose row the engine wrote about a check of the manager's own, so that the whole
   * row is left out: it goes on in the next row, or it was the last one.
   */
  #interrupted: LogLine | undefined;
  /** Whether the newest state of such a line stands in the terminal's last row. */
  #isDrawn = false;

  constructor(context: Context, client: Client, options: ReaderOptions) {
    this.#context = context;
    this.#client = client;
    this.#options = options;
  }

  async printLast(count: number): Promise<void> {
    const { fixedRun } = this.#options;
    const { run } = await this.#read(
      { ...(fixedRun === undefined ? {} : { run: fixedRun }) },
      -1,
      1,
    );
    if (run === null) return;
    this.#run = run.run;
    // A log that grows is printed up to where it was.
    const end = run.endLine;
    this.#next = count === 0 ? end : await this.#beginningOf(run, count);
    while (this.#next < end && (await this.#printPage(end - this.#next)));
  }

  /** Never resolves: ends with the manager or with Ctrl-C. */
  async follow(count: number): Promise<never> {
    const { profileId } = this.#options;
    this.#follows = true;
    let wanted: () => void = () => undefined;
    let missed = false;
    const look = (): void => {
      missed = true;
      wanted();
    };
    this.#client.on('logs.lines', (event) => {
      if (event.profileId === profileId) look();
    });
    this.#client.onFrame((frame) => {
      if (frame.topic === RESYNC_TOPIC) look();
    });
    await this.#client.call('logs.follow', { profileId, follow: true });
    await this.printLast(count);
    for (;;) {
      while (missed) {
        missed = false;
        await this.#catchUp();
      }
      await new Promise<void>((resolve) => {
        wanted = resolve;
      });
    }
  }

  /** Number of the line with which the newest `count` lines begin, of those that are printed. */
  async #beginningOf(run: LogRun, count: number): Promise<number> {
    if (count >= run.endLine - run.firstLine) return run.firstLine;
    let missing = count;
    for (let end = run.endLine; end > run.firstLine; ) {
      const limit = Math.min(PAGE, Math.max(2 * missing, 200), end - run.firstLine);
      const { lines } = await this.#read({ run: run.run }, end - limit, limit);
      const shown = lines.filter((line) => this.#isShown(line));
      const first = shown[shown.length - missing];
      if (first) return first.n;
      missing -= shown.length;
      end -= limit;
    }
    return run.firstLine;
  }

  /** Reads on from the last printed line; the events only say that there is something to read. */
  async #catchUp(): Promise<void> {
    while (await this.#printPage(PAGE));
    if (this.#options.fixedRun !== undefined) return;
    const { profileId } = this.#options;
    const runs = await this.#client.call('logs.runs', { profileId });
    const newest = Math.max(...runs.map(({ run }) => run));
    if (runs.length === 0 || newest === this.#run) return;
    this.#run = newest;
    this.#next = 0;
    this.#open.clear();
    this.#printInterrupted();
    while (await this.#printPage(PAGE));
  }

  /** Whether there may be more. */
  async #printPage(limit: number): Promise<boolean> {
    if (this.#run === undefined) return false;
    const before = this.#next;
    const from = Math.min(before, ...this.#open.keys());
    const size = Math.min(PAGE, limit + before - from);
    const { lines } = await this.#read({ run: this.#run }, from, size);
    this.#erase();
    for (const line of lines) this.#take(line);
    this.#draw(lines.findLast(({ open }) => open) ?? this.#interrupted);
    return this.#next > before;
  }

  #read(run: { readonly run?: number }, from: number, limit: number) {
    const { profileId } = this.#options;
    return this.#client.call('logs.read', { profileId, ...run, from, limit });
  }

  #take(line: LogLine): void {
    const isNew = line.n >= this.#next;
    const waits = this.#follows && line.open === true;
    if (isNew) this.#next = line.n + 1;
    const held = this.#open.get(line.n);
    if (waits) {
      this.#open.set(line.n, line);
      if (this.#isShown(line)) this.#interrupted = undefined;
    } else if (this.#open.delete(line.n) || isNew) {
      this.#printOpenBefore(line.n);
      this.#print(line);
      if (held && this.#isShown(held) && !this.#isShown(line)) this.#interrupted = held;
    }
  }

  #printInterrupted(): void {
    const last = this.#interrupted;
    this.#interrupted = undefined;
    if (last) this.#print(last);
  }

  /** What stands above a line that is printed is printed before it, in its newest state. */
  #printOpenBefore(n: number): void {
    for (const [number, held] of [...this.#open]) {
      if (number >= n) continue;
      this.#open.delete(number);
      this.#print(held);
    }
  }

  #isShown({ source }: LogLine): boolean {
    return this.#options.checks || source !== 'probe';
  }

  #print(line: LogLine): void {
    if (!this.#isShown(line)) return;
    this.#printInterrupted();
    const { time, source, text } = line;
    const rank = this.#options.ranked && source === 'engine' ? rankOfLine(text) : undefined;
    const whose = rank === undefined ? {} : { rank };
    this.#context.output.result({ time, source, ...whose, text }, () =>
      this.#humanLine(line, rank),
    );
  }

  #humanLine({ source, text, level }: LogLine, rank: number | undefined): string {
    const { output } = this.#context;
    if (source === 'manager') return output.style('cyan', `[manager] ${text}`);
    if (source === 'probe') return output.style('dim', text);
    const shown = rank === undefined ? text : `[rank ${rank}] ${text}`;
    if (level === 'error') return output.style('red', shown);
    return level === 'warning' ? output.style('yellow', shown) : shown;
  }

  /** Shows a line that is still being written, such as a progress bar, in the last row of a terminal. */
  #draw(line: LogLine | undefined): void {
    const { output, json } = this.#context;
    if (!this.#follows || !line || !this.#isShown(line) || json || !output.isTerminal) return;
    output.raw(fitted(showHidden(line.text), (process.stdout.columns || 80) - 1));
    this.#isDrawn = true;
  }

  #erase(): void {
    if (this.#isDrawn) this.#context.output.raw('\r\u001b[K');
    this.#isDrawn = false;
  }
}

/** The beginning of a text that fits into so many columns. */
function fitted(text: string, columns: number): string {
  let width = 0;
  let shown = '';
  for (const character of text) {
    width += textWidth(character);
    if (width > columns) break;
    shown += character;
  }
  return shown;
}
