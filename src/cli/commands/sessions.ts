import type { Command } from 'commander';

import type { GatewayRequest, GatewaySession } from '@shared/domain/gateway-records';
import { formatCount, formatNumber, formatPercent } from '@shared/format/counts';
import { formatClock, formatDay } from '@shared/format/dates';
import { formatShortDuration } from '@shared/format/durations';
import type { Client } from '@shared/rpc/client';
import type { Context } from '../terminal/context';
import { withManager } from '../manager/manager';

const LISTED = 50;

export function addSessions(program: Command, context: Context): void {
  program
    .command('sessions')
    .summary(
      'conversations that went through the gateway, and how much of their prompts was reused',
    )
    .argument('[id]', 'one of them, with each of its requests')
    .option('--json', 'as JSON')
    .action((id: string | undefined) =>
      withManager(context, 'read', ({ client }) =>
        id === undefined ? list(context, client) : show(context, client, id),
      ),
    );
}

async function list(context: Context, client: Client): Promise<void> {
  const sessions = await client.call('gateway.sessions', { limit: LISTED });
  if (sessions.length === 0) context.output.note('No sessions went through the gateway.');
  context.output.result(sessions, () => sessionTable(context, sessions));
}

async function show(context: Context, client: Client, id: string): Promise<void> {
  const detail = await client.call('gateway.session', { id });
  context.output.result(detail, () => [
    ...sessionLines(detail.session),
    '',
    ...detail.requests.toReversed().flatMap(requestLines),
  ]);
}

function sessionTable(context: Context, sessions: readonly GatewaySession[]): string[] {
  if (sessions.length === 0) return [];
  const header = ['SESSION', 'CLIENT', 'PROFILE', 'LAST USED', 'REQUESTS', 'PROMPT', 'REUSED', ''];
  const rows = sessions.map((session) => [
    session.id,
    session.client,
    session.profile,
    formatDay(session.lastTime),
    formatNumber(session.requests),
    formatNumber(session.promptTokens),
    session.reuse === undefined ? '' : formatPercent(session.reuse),
    session.causes[0] === undefined ? '' : costOf(session.causes[0]),
  ]);
  return context.output.table(header, rows, [4, 5, 6]);
}

function sessionLines({ id, client, profile, causes, ...session }: GatewaySession): string[] {
  const reused =
    session.reuse === undefined
      ? "The engine doesn't say how much it reused"
      : `${formatPercent(session.reuse)} of the prompts' tokens reused`;
  return [
    `${id}: ${client}, ${profile}`,
    `${formatCount(session.requests, 'request')}, ${formatDay(session.firstTime)} to ${formatDay(session.lastTime)}. ${reused}.`,
    ...causes.map((cause) => `${costOf(cause)} in ${formatCount(cause.requests, 'request')}`),
  ];
}

/** `changing line: 12,000 tokens, 9.1 s again`. */
function costOf({ cause, tokensAgain, secondsAgain }: GatewaySession['causes'][number]): string {
  const seconds = secondsAgain > 0 ? `, ${formatShortDuration(secondsAgain)}` : '';
  return `${cause.replaceAll('_', ' ')}: ${formatNumber(tokensAgain)} tokens${seconds} again`;
}

function requestLines(request: GatewayRequest): string[] {
  const { promptTokens, cachedTokens, prefix, sideCall } = request;
  const prompt =
    promptTokens === undefined
      ? 'prompt not counted'
      : `${formatNumber(promptTokens)} prompt tokens`;
  const reused = cachedTokens === undefined ? '' : `, ${formatNumber(cachedTokens)} reused`;
  const first = `${formatClock(request.time, true)}  ${request.status}  ${prompt}${reused}${sideCall ? ', side call' : ''}`;
  if (request.error) return [first, `  ${request.error.message}`];
  if (!prefix || prefix.cause === 'none') return [first];
  const about = prefix.isEstimate ? 'about ' : '';
  const time =
    prefix.secondsAgain === undefined ? '' : `, ${formatShortDuration(prefix.secondsAgain)}`;
  return [
    first,
    `  ${prefix.message} Computed again: ${about}${formatNumber(prefix.tokensAgain)} tokens${time}.`,
    ...(prefix.mend === undefined ? [] : [`  What helps: ${prefix.mend}`]),
  ];
}
