import { messageOf } from '@shared/errors';
import { z } from 'zod';

/** How one key of a document is read. */
export type KeySpec =
  | { readonly kind: 'value'; readonly schema: z.ZodType; readonly fallback: () => unknown }
  /** Records are kept or set aside one by one; a bad field of one falls back where it has a default. */
  | {
      readonly kind: 'list';
      readonly item: z.ZodType;
      readonly fieldDefaults: Readonly<Record<string, unknown>>;
      /** What a record is called in a message. */
      readonly nameOf: (record: Readonly<Record<string, unknown>>) => string;
      /** A field in which no two records are equal; of two that are, the first is kept. */
      readonly uniqueBy?: string;
    };

/** A document's shape: its version, its keys, and the way from each older version to the next. */
export interface DocumentSpec {
  readonly name: string;
  readonly version: number;
  readonly keys: Readonly<Record<string, KeySpec>>;
  /** `migrations[1]` turns version 1 into version 2. */
  readonly migrations: Readonly<Record<number, (old: Raw) => Raw>>;
}

const RawRecord = z.record(z.string(), z.unknown());
export type RawDocument = z.infer<typeof RawRecord>;
type Raw = RawDocument;

export type Recovered =
  | { readonly kind: 'new'; readonly value: Raw }
  | {
      readonly kind: 'read';
      readonly value: Raw;
      /** What was repaired, one sentence each. */
      readonly repairs: readonly string[];
      readonly migratedFrom: number | undefined;
    }
  | { readonly kind: 'corrupt'; readonly value: Raw; readonly reason: string }
  | { readonly kind: 'newer'; readonly value: Raw; readonly version: number };

/** Reads a document's text: migrates, and lets each bad key fall back alone. Pure. */
export function recoverDocument(text: string | undefined, spec: DocumentSpec): Recovered {
  if (text === undefined) return { kind: 'new', value: defaults(spec) };
  const parsed = parseObject(text);
  if (typeof parsed === 'string') return { kind: 'corrupt', value: defaults(spec), reason: parsed };
  const repairs: string[] = [];
  const version = readVersion(parsed.version, spec, repairs);
  if (version > spec.version) return { kind: 'newer', value: readKeys(parsed, spec, []), version };
  const migrated = migrate(parsed, version, spec);
  if (typeof migrated === 'string') {
    return { kind: 'corrupt', value: defaults(spec), reason: migrated };
  }
  const value = readKeys(migrated, spec, repairs);
  return {
    kind: 'read',
    value,
    repairs,
    migratedFrom: version < spec.version ? version : undefined,
  };
}

/** Versions count from 1; a file without one is of today. */
function readVersion(version: unknown, spec: DocumentSpec, repairs: string[]): number {
  if (version === undefined) return spec.version;
  const parsed = z.int().min(1).safeParse(version);
  if (parsed.success) return parsed.data;
  repairs.push(
    `The format version was not valid, so the file was read as version ${spec.version}.`,
  );
  return spec.version;
}

/** Some editors put it in front of a file; JSON.parse refuses it. */
const BYTE_ORDER_MARK = /^\ufeff/;

function parseObject(text: string): Raw | string {
  if (text.trim() === '') return 'it is empty';
  try {
    const value: unknown = JSON.parse(text.replace(BYTE_ORDER_MARK, ''));
    const object = RawRecord.safeParse(value);
    return object.success ? object.data : 'it contains no object';
  } catch (error) {
    return error instanceof Error ? error.message : "it isn't JSON";
  }
}

/** The document in today's form, or why it could not be brought there. */
function migrate(raw: Raw, from: number, spec: DocumentSpec): Raw | string {
  let value = raw;
  for (let version = from; version < spec.version; version++) {
    const step = spec.migrations[version];
    if (!step) return `version ${version} can't be converted to ${version + 1}`;
    try {
      value = step(value);
    } catch (error) {
      const reason = messageOf(error);
      return `it couldn't be converted from version ${version} to ${version + 1}: ${reason}`;
    }
  }
  return value;
}

function defaults(spec: DocumentSpec): Raw {
  const entries = Object.entries(spec.keys);
  return Object.fromEntries(
    entries.map(([key, rule]) => [key, rule.kind === 'list' ? [] : rule.fallback()]),
  );
}

function readKeys(raw: Raw, spec: DocumentSpec, repairs: string[]): Raw {
  const value: Raw = {};
  for (const [key, rule] of Object.entries(spec.keys)) {
    value[key] =
      rule.kind === 'list'
        ? readList(raw[key], key, rule, repairs)
        : readValue(raw[key], key, rule, repairs);
  }
  return value;
}

function readValue(
  value: unknown,
  key: string,
  rule: Extract<KeySpec, { kind: 'value' }>,
  repairs: string[],
): unknown {
  if (value === undefined) return rule.fallback();
  const parsed = rule.schema.safeParse(value);
  if (parsed.success) return parsed.data;
  repairs.push(`${key} was not valid and was reset to its default.`);
  return rule.fallback();
}

function readList(
  value: unknown,
  key: string,
  rule: Extract<KeySpec, { kind: 'list' }>,
  repairs: string[],
): unknown[] {
  if (value === undefined) return [];
  if (!Array.isArray(value)) {
    repairs.push(`${key} was not a list and was emptied.`);
    return [];
  }
  const seen = new Set<unknown>();
  return value.flatMap((record: unknown, index) => {
    const entry = `Entry ${index + 1} of ${key}`;
    const kept = readRecord(record, entry, rule, repairs);
    if (kept === undefined || rule.uniqueBy === undefined) return kept === undefined ? [] : [kept];
    const identity = kept[rule.uniqueBy];
    if (seen.has(identity)) {
      const other = `another entry has the same ${rule.uniqueBy}`;
      repairs.push(`${rule.nameOf(kept)} (${entry}) was left out: ${other}.`);
      return [];
    }
    seen.add(identity);
    return [kept];
  });
}

/** The record, mended where its fields have defaults, or undefined when it has to be left out. */
function readRecord(
  record: unknown,
  entry: string,
  rule: Extract<KeySpec, { kind: 'list' }>,
  repairs: string[],
): Raw | undefined {
  const object = RawRecord.safeParse(record);
  if (!object.success) {
    repairs.push(`${entry} was left out because it isn't a record.`);
    return undefined;
  }
  const parsed = rule.item.safeParse(record);
  if (parsed.success) return RawRecord.parse(parsed.data);
  const bad = new Set(parsed.error.issues.map((issue) => String(issue.path[0] ?? 'the record')));
  const name = rule.nameOf(object.data);
  const fields = [...bad].join(', ');
  const canBeMended = [...bad].every((field) => Object.hasOwn(rule.fieldDefaults, field));
  const mended = { ...object.data };
  for (const field of bad) mended[field] = rule.fieldDefaults[field];
  const again = canBeMended ? rule.item.safeParse(mended) : undefined;
  if (!again?.success) {
    repairs.push(`${name} (${entry}) was left out: ${fields} can't be used.`);
    return undefined;
  }
  repairs.push(`${name}: ${fields} was reset to the default.`);
  return RawRecord.parse(again.data);
}
