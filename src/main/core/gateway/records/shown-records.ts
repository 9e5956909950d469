import type { GatewayRequest, GatewaySession } from '@shared/domain/gateway-records';
import { prefixMend, prefixSentence } from '@shared/domain/prefix-cause';
import type { RequestRecord } from '@shared/gateway/record';
import type { StoredRequest } from './record-rows';
import type { StoredSession } from './record-store';

/** A profile's name now; undefined where there is none of this id. */
export type NameOf = (profileId: string) => string | undefined;

/** A request as views and the command line get it, whether it was stored or has just come. */
export function shownRequest(record: StoredRequest, nameOf: NameOf): GatewayRequest {
  const { id, client, keyId, session, profileId, dialect, operation, error, prefix } = record;
  return {
    id,
    time: new Date(record.time).toISOString(),
    client,
    keyId,
    session,
    profile: shownName(record, nameOf),
    profileId,
    dialect,
    operation,
    stream: record.isStream,
    sideCall: record.isSideCall,
    status: record.status,
    ending: record.ending,
    ...(error && { error: { ...error } }),
    promptTokens: record.promptTokens,
    cachedTokens: record.cachedTokens,
    answerTokens: record.answerTokens,
    firstTokenMs: record.firstTokenMs,
    tokensPerSecond: speedOf(record),
    totalMs: record.totalMs,
    queueMs: record.queueMs,
    loadMs: record.loadMs,
    stop: record.stop,
    changes: [...record.changes],
    ...(prefix && { prefix: shownPrefix(prefix, client) }),
  };
}

function shownPrefix(
  finding: NonNullable<RequestRecord['prefix']>,
  client: string,
): NonNullable<GatewayRequest['prefix']> {
  const { inBetween: _, ...told } = finding;
  return { ...told, message: prefixSentence(finding), mend: prefixMend(finding, client) };
}

/** Tokens per second of an answer: from its first token to its last. */
export function speedOf(record: {
  readonly answerTokens?: number | undefined;
  readonly generationMs?: number | undefined;
}): number | undefined {
  const { answerTokens = 0, generationMs = 0 } = record;
  return answerTokens > 1 && generationMs > 0
    ? ((answerTokens - 1) * 1000) / generationMs
    : undefined;
}

export function shownSession({ row, causes }: StoredSession, nameOf: NameOf): GatewaySession {
  const { toldTokens, firstTime, lastTime, model: _model, prompt: _prompt, ...told } = row;
  return {
    ...told,
    profile: shownName(row, nameOf),
    firstTime: new Date(firstTime).toISOString(),
    lastTime: new Date(lastTime).toISOString(),
    ...(toldTokens > 0 && { reuse: row.cachedTokens / toldTokens }),
    causes: causes.map(({ cause, requests, tokensAgain, secondsAgain }) => ({
      cause,
      requests,
      tokensAgain,
      secondsAgain,
    })),
  };
}

/** The profile's name, else the name that was asked for. */
function shownName(
  {
    profileId,
    model,
  }: { readonly profileId?: string | undefined; readonly model?: string | undefined },
  nameOf: NameOf,
): string {
  const name = profileId === undefined ? undefined : nameOf(profileId);
  return name ?? model ?? profileId ?? '';
}
