import type { Command } from 'commander';

import type { GatewayRequest } from '@shared/domain/gateway-records';
import { formatTokenSpeed, formatNumber } from '@shared/format/counts';
import { formatClock } from '@shared/format/dates';
import { formatMilliseconds } from '@shared/format/durations';
import type { RawInput } from '@shared/contract';
import type { Client } from '@shared/rpc/client';
import { RESYNC_TOPIC } from '@shared/rpc/frames';
import { wholeNumber } from '../terminal/arguments';
import type { Context } from '../terminal/context';
import { withManager } from '../manager/manager';
import { findProfile } from './profiles';

/** The most that one question gives. */
const PAGE = 1000;
const MAX_REQUESTS = 200_000;

interface RequestOptions {
  readonly limit: number;
  readonly follow?: boolean;
  readonly profile?: string;
  readonly session?: string;
}

type Filter = Pick<RawInput<'gateway.requests'>, 'profileId' | 'sessionId'>;

export function addRequests(program: Command, context: Context): void {
  program
    .command('requests')
    .summary('what went through the gateway')
    .option('-n, --limit <n>', 'how many to show, newest last', wholeNumber(1, MAX_REQUESTS), 50)
    .option('-f, --follow', 'keep printing new ones')
    .option('--profile <name>', 'only those that this profile answered')
    .option('--session <id>', 'only those of this session, as "sessions" shows it')
    .option('--json', 'as JSON; with --follow, one JSON object per line')
    .action((options: RequestOptions) =>
      withManager(context, options.follow ? 'running' : 'read', async ({ client }) => {
        const filter = await filterOf(client, options);
        if (options.follow) return follow(context, client, filter, options.limit);
        const requests = await newest(client, filter, options.limit);
        if (requests.length === 0) context.output.note('No requests went through the gateway.');
        context.output.result(requests, () => requestTable(context, requests));
      }),
    );
}

async function filterOf(client: Client, { profile, session }: RequestOptions): Promise<Filter> {
  const profileId = profile === undefined ? undefined : (await findProfile(client, profile)).id;
  return {
    ...(profileId !== undefined && { profileId }),
    ...(session !== undefined && { sessionId: session }),
  };
}

/** The newest ones, the oldest of them first. */
async function newest(client: Client, filter: Filter, count: number): Promise<GatewayRequest[]> {
  const found: GatewayRequest[] = [];
  while (found.length < count) {
    const last = found.at(-1);
    const limit = Math.min(PAGE, count - found.length);
    const before = last === undefined ? {} : { before: last.id };
    const page = await client.call('gateway.requests', { ...filter, limit, ...before });
    found.push(...page);
    if (page.length < limit) break;
  }
  return found.reverse();
}

/** Prints each request once, in order. Never resolves: ends with the manager or with Ctrl-C. */
async function follow(
  context: Context,
  client: Client,
  filter: Filter,
  count: number,
): Promise<never> {
  // Events only say that there is something to ask for: none of a flood is lost with them.
  let heard = Promise.withResolvers<void>();
  client.on('gateway.requests', () => heard.resolve());
  client.onFrame((frame) => {
    if (frame.topic === RESYNC_TOPIC) heard.resolve();
  });
  await client.call('gateway.follow', { follow: true });
  let shown = await newest(client, filter, count);
  let last: string | undefined;
  for (;;) {
    print(context, shown, last === undefined);
    last = shown.at(-1)?.id ?? last;
    if (shown.length < PAGE) {
      await heard.promise;
      heard = Promise.withResolvers<void>();
    }
    shown = await newer(client, filter, last);
  }
}

/** Those that followed one, the oldest first; the newest ones where nothing was seen yet. */
async function newer(
  client: Client,
  filter: Filter,
  last: string | undefined,
): Promise<GatewayRequest[]> {
  if (last === undefined) return newest(client, filter, PAGE);
  return client.call('gateway.requests', { ...filter, limit: PAGE, after: last });
}

function print(context: Context, requests: readonly GatewayRequest[], withHead: boolean): void {
  if (context.json) {
    for (const request of requests) context.output.jsonLine(request);
    return;
  }
  if (requests.length === 0) return;
  const table = requestTable(context, requests);
  context.output.lines(withHead ? table : table.slice(1));
}

/** Requests as aligned rows below a header. */
export function requestTable(context: Context, requests: readonly GatewayRequest[]): string[] {
  if (requests.length === 0) return [];
  const header = [
    'TIME',
    'PROFILE',
    'CLIENT',
    'STATUS',
    'PROMPT',
    'REUSED',
    'ANSWER',
    'FIRST',
    'SPEED',
    'WAITED',
    '',
  ];
  const rows = requests.map((request) => [
    formatClock(request.time, true),
    request.profile,
    request.client,
    String(request.status),
    numberOf(request.promptTokens),
    numberOf(request.cachedTokens),
    numberOf(request.answerTokens),
    request.firstTokenMs === undefined ? '' : formatMilliseconds(request.firstTokenMs),
    request.tokensPerSecond === undefined ? '' : formatTokenSpeed(request.tokensPerSecond),
    waited(request),
    remark(request),
  ]);
  return context.output.table(header, rows, [4, 5, 6, 7, 8, 9]);
}

function numberOf(value: number | undefined): string {
  return value === undefined ? '' : formatNumber(value);
}

function waited({ queueMs, loadMs }: GatewayRequest): string {
  const ms = queueMs + loadMs;
  return ms < 1 ? '' : formatMilliseconds(ms);
}

function remark({ ending, error, sideCall, changes }: GatewayRequest): string {
  if (error) return error.message;
  if (ending === 'aborted') return 'The client disconnected.';
  return [...(sideCall ? ['side call'] : []), ...changes].join('; ');
}
