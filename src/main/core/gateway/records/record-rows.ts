import type { SQLInputValue } from 'node:sqlite';
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

/** A column that may hold nothing. */
const some = <T extends z.ZodType>(type: T) =>
  z.preprocess((value) => value ?? undefined, type.optional());
const text = some(z.string());
const number = some(z.number());
const flag = z.number().transform((value) => value === 1);
/** JSON that an earlier version may have written otherwise: what cannot be read is left out. */
const json = <T extends z.ZodType>(type: T, without: z.output<T>) =>
  z.preprocess((value) => {
    if (typeof value !== 'string') return without;
    const parsed = type.safeParse(JSON.parse(value));
    return parsed.success ? parsed.data : without;
  }, type);

const Prefix = z
  .object({
    cause: z.enum(PREFIX_CAUSES),
    commonParts: z.number(),
    part: z.number().optional(),
    role: z.string().optional(),
    line: z.number().optional(),
    tokensAgain: z.number(),
    isEstimate: z.boolean(),
    secondsAgain: z.number().optional(),
    inBetween: z.enum(['side_call', 'session']).optional(),
  })
  .optional();

export const RequestRow = z.object({
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
  isStream: flag,
  isSideCall: flag,
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
  changes: json(z.array(z.string()), []),
  prefix: json(Prefix, undefined),
});
export type RequestRow = z.output<typeof RequestRow>;

export const SessionRow = z.object({
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
});
export type SessionRow = z.output<typeof SessionRow>;

export const CauseRow = z.object({
  session: z.string(),
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
