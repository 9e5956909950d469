import type { Command } from 'commander';

import type { LogLine } from '@shared/domain/log';
import type { PostMortem } from '@shared/domain/post-mortem';
import type { Client } from '@shared/rpc/client';
import { rankOfLine } from '@shared/rank-of-line';
import { RESYNC_TOPIC } from '@shared/rpc/frames';
import { shellQuote } from '@shared/shell-quote';
import { wholeNumber } from '../terminal/arguments';
import type { Context } from '../terminal/context';
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
}

export function addLogs(program: Command, context: Context): void {
  program
    .command('logs')
    .summary("a server's log")
    .argument('<name>', 'profile')
    .option('-n, --lines <n>', 'how many of the newest lines', wholeNumber(0, MAX_LINES), 200)
    .option('-f, --follow', 'go on with new lines as they come')
    .option('--run <n>', 'an earlier run', wholeNumber(0, MAX_LINES))
    .option('--failure', 'what was known when the run failed, instead of its lines')
    .option('--json', 'one JSON object a line')
    .action((name: string, options: LogOptions) =>
      withManager(context, options.follow ? 'running' : 'read', async ({ client }) => {
        const { id, cluster } = await findProfile(client, name);
        if (options.failure) return showFailure(context, client, id, options.run);
        const reader = new LogReader(context, client, id, options.run, cluster !== null);
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
  context.output.result(report, () => (report ? failureLines(report) : 'That run did not fail.'));
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

/** Prints each line once, in order, over pages, runs and lost events. */
class LogReader {
  readonly #context: Context;
  readonly #client: Client;
  readonly #profileId: string;
  readonly #fixedRun: number | undefined;
  /** Of several ranks: a line says which one wrote it, where its text tells. */
  readonly #ranked: boolean;
  #run: number | undefined;
  #next = 0;

  constructor(
    context: Context,
    client: Client,
    profileId: string,
    run: number | undefined,
    ranked: boolean,
  ) {
    this.#ranked = ranked;
    this.#context = context;
    this.#client = client;
    this.#profileId = profileId;
    this.#fixedRun = run;
  }

  async printLast(count: number): Promise<void> {
    const run = this.#fixedRun === undefined ? {} : { run: this.#fixedRun };
    const from = -Math.max(1, count);
    const page = await this.#client.call('logs.read', {
      profileId: this.#profileId,
      ...run,
      from,
      limit: Math.min(PAGE, -from),
    });
    if (page.run === null) return;
    this.#run = page.run.run;
    this.#next = count === 0 ? page.run.endLine : (page.lines[0]?.n ?? page.run.endLine);
    if (count === 0) return;
    this.#print(page.lines);
    // A log that grows is printed up to where it was.
    const end = page.run.endLine;
    while (this.#next < end && (await this.#printPage(end - this.#next)));
  }

  /** Never resolves: ends with the manager or with Ctrl-C. */
  async follow(count: number): Promise<never> {
    let wanted: () => void = () => undefined;
    let missed = false;
    const look = (): void => {
      missed = true;
      wanted();
    };
    this.#client.on('logs.lines', ({ profileId }) => {
      if (profileId === this.#profileId) look();
    });
    this.#client.onFrame((frame) => {
      if (frame.topic === RESYNC_TOPIC) look();
    });
    await this.#client.call('logs.follow', { profileId: this.#profileId, follow: true });
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

  /** Reads on from the last printed line; the events only say that there is something to read. */
  async #catchUp(): Promise<void> {
    while (await this.#printPage(PAGE));
    if (this.#fixedRun !== undefined) return;
    const runs = await this.#client.call('logs.runs', { profileId: this.#profileId });
    const newest = Math.max(...runs.map(({ run }) => run));
    if (runs.length === 0 || newest === this.#run) return;
    this.#run = newest;
    this.#next = 0;
    while (await this.#printPage(PAGE));
  }

  /** Whether there may be more. */
  async #printPage(limit: number): Promise<boolean> {
    if (this.#run === undefined) return false;
    const { lines } = await this.#client.call('logs.read', {
      profileId: this.#profileId,
      run: this.#run,
      from: this.#next,
      limit: Math.min(PAGE, limit),
    });
    const fresh = lines.filter(({ n }) => n >= this.#next);
    this.#print(fresh);
    return fresh.length > 0;
  }

  #print(lines: readonly LogLine[]): void {
    for (const line of lines) {
      this.#next = line.n + 1;
      const { time, source, text } = line;
      const rank = this.#ranked && source === 'engine' ? rankOfLine(text) : undefined;
      const whose = rank === undefined ? {} : { rank };
      this.#context.output.result({ time, source, ...whose, text }, () =>
        this.#humanLine(line, rank),
      );
    }
  }

  #humanLine({ source, text, level }: LogLine, rank: number | undefined): string {
    const { output } = this.#context;
    if (source === 'manager') return output.style('cyan', `[manager] ${text}`);
    const shown = rank === undefined ? text : `[rank ${rank}] ${text}`;
    if (level === 'error') return output.style('red', shown);
    return level === 'warning' ? output.style('yellow', shown) : shown;
  }
}
