import type { GatewayRequest, GatewaySession } from '@shared/domain/gateway-records';

/** A request that was answered, with these fields. */
export function aRequest(id: string, fields: Partial<GatewayRequest> = {}): GatewayRequest {
  return {
    id,
    time: '2026-11-23T10:00:00.000Z',
    client: 'codex 0.171',
    session: 'session',
    profile: 'Qwen',
    profileId: 'qwen',
    dialect: 'openai',
    operation: 'chat',
    stream: true,
    sideCall: false,
    status: 200,
    ending: 'answered',
    totalMs: 2300,
    queueMs: 0,
    loadMs: 0,
    changes: [],
    ...fields,
  };
}

/** A session of these figures. */
export function aSession(id: string, fields: Partial<GatewaySession> = {}): GatewaySession {
  return {
    id,
    client: 'codex 0.171',
    profile: 'Qwen',
    firstTime: '2026-11-23T10:00:00.000Z',
    lastTime: '2026-11-23T10:00:00.000Z',
    requests: 1,
    promptTokens: 0,
    cachedTokens: 0,
    answerTokens: 0,
    causes: [],
    ...fields,
  };
}
