import type { SQLInputValue, SQLOutputValue } from 'node:sqlite';
import { GatewayPromptPart } from '@shared/domain/gateway-records';
import { PREFIX_CAUSES } from '@shared/domain/prefix-cause';
import type { RequestRecord } from '@shared/gateway/record';
import { z } from 'zod';

/** Columns of a request in the order in which {@link valuesOf} gives them; `seq` comes from the database. */
export const COLUMNS = [
  'id',
  'time',
  'client',
  'keyId',
  'session',
  'profileId',
  'model',
  'dialect',
  'operation',
  'isStream',
  'isSideCall',
  'status',
  'ending',
  'errorCode',
  'errorMessage',
  'promptTokens',
  'cachedTokens',
  'answerTokens',
  'firstTokenMs',
  'generationMs',
  'totalMs',
  'queueMs',
  'loadMs',
  'stop',
  'changes',
  'prefix',
] as const;

export function valuesOf(record: RequestRecord): SQLInputValue[] {
  const { error, changes, prefix, ...own } = record;
  const values: Partial<Record<(typeof COLUMNS)[number], SQLInputValue | undefined>> = {
    ...own,
    isStream: Number(own.isStream),
    isSideCall: Number(own.isSideCall),
    errorCode: error?.code,
    errorMessage: error?.message,
    changes: changes.length === 0 ? undefined : JSON.stringify(changes),
    prefix: prefix && JSON.stringify(prefix),
  };
  return COLUMNS.map((column) => values[column] ?? null);
}

const Prefix = z.object({
  cause: z.enum(PREFIX_CAUSES),
  commonParts: z.number(),
  part: z.number().optional(),
  role: z.string().optional(),
  line: z.number().optional(),
  tokensAgain: z.number(),
  isEstimate: z.boolean(),
  secondsAgain: z.number().optional(),
  inBetween: z.enum(['side_call', 'session']).optional(),
});
const Changes = z.array(z.string());
const Prompt = z.array(GatewayPromptPart);

const text = z.string().optional();
const number = z.number().optional();

const Request = z.object({
  seq: z.number(),
  id: z.string(),
  time: z.number(),
  client: z.string(),
  keyId: text,
  session: text,
  profileId: text,
  model: text,
  dialect: z.string(),
  operation: z.string(),
  isStream: z.number(),
  isSideCall: z.number(),
  status: z.number(),
  ending: z.enum(['answered', 'refused', 'aborted', 'failed']),
  errorCode: text,
  errorMessage: text,
  promptTokens: number,
  cachedTokens: number,
  answerTokens: number,
  firstTokenMs: number,
  generationMs: number,
  totalMs: z.number(),
  queueMs: z.number(),
  loadMs: z.number(),
  stop: text,
  changes: text,
  prefix: text,
});

/** A request as the database has it. */
export type StoredRequest = Omit<RequestRecord, 'dialect' | 'operation' | 'prompt'> & {
  readonly dialect: string;
  readonly operation: string;
};

/** @throws where the row is none of ours. */
export function requestOf(row: Row): StoredRequest {
  const { errorCode, errorMessage = '', changes, prefix, ...own } = Request.parse(known(row));
  return {
    ...own,
    isStream: own.isStream === 1,
    isSideCall: own.isSideCall === 1,
    error: errorCode === undefined ? undefined : { code: errorCode, message: errorMessage },
    changes: changes === undefined ? [] : Changes.parse(JSON.parse(changes)),
    prefix: prefix === undefined ? undefined : Prefix.parse(JSON.parse(prefix)),
  };
}

const Session = z.object({
  id: z.string(),
  client: z.string(),
  profileId: text,
  model: text,
  firstTime: z.number(),
  lastTime: z.number(),
  requests: z.number(),
  promptTokens: z.number(),
  cachedTokens: z.number(),
  answerTokens: z.number(),
  toldTokens: z.number(),
  prompt: text,
});
/** A session's sums, and the parts of its last prompt. */
export type SessionRow = Omit<z.output<typeof Session>, 'prompt'> & {
  readonly prompt: GatewayPromptPart[];
};

export function sessionOf(row: Row): SessionRow {
  const { prompt, ...sums } = Session.parse(known(row));
  return { ...sums, prompt: prompt === undefined ? [] : Prompt.parse(JSON.parse(prompt)) };
}

/** How fast an answer was. */
const Speed = z.object({ answerTokens: number, generationMs: number, firstTokenMs: number });
export type SpeedRow = z.output<typeof Speed>;

export function answerSpeedOf(row: Row): SpeedRow {
  return Speed.parse(known(row));
}

export const CauseRow = z.object({
  cause: z.enum(PREFIX_CAUSES),
  requests: z.number(),
  tokensAgain: z.number(),
  secondsAgain: z.number(),
});
export type CauseRow = z.output<typeof CauseRow>;

/** What a key has used since it was made. */
export const KeySum = z.object({
  id: z.string(),
  /** Unix ms. */
  lastTime: z.number(),
  requests: z.number(),
  promptTokens: z.number(),
  cachedTokens: z.number(),
  answerTokens: z.number(),
});
export type KeySum = z.output<typeof KeySum>;

/** What a statement gives for a row. */
export type Row = Readonly<Record<string, SQLOutputValue>>;

/** The columns that hold something. */
function known(row: Row): Record<string, SQLOutputValue> {
  return Object.fromEntries(Object.entries(row).filter(([, value]) => value !== null));
}
