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
    };

/** A document's shape: its version, its keys, and the way from each older version to the next. */
export interface DocumentSpec {
  readonly name: string;
  readonly version: number;
  readonly keys: Readonly<Record<string, KeySpec>>;
  /** `migrations[1]` turns version 1 into version 2. */
  readonly migrations: Readonly<Record<number, (old: Raw) => Raw>>;
}

type Raw = Record<string, unknown>;

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
  const version = typeof parsed.version === 'number' ? parsed.version : spec.version;
  if (version > spec.version) return { kind: 'newer', value: readKeys(parsed, spec, []), version };
  const repairs: string[] = [];
  const value = readKeys(migrate(parsed, version, spec), spec, repairs);
  return {
    kind: 'read',
    value,
    repairs,
    migratedFrom: version < spec.version ? version : undefined,
  };
}

function parseObject(text: string): Raw | string {
  if (text.trim() === '') return 'it is empty';
  try {
    const value: unknown = JSON.parse(text);
    const object = z.record(z.string(), z.unknown()).safeParse(value);
    return object.success ? object.data : 'it holds no object';
  } catch (error) {
    return error instanceof Error ? error.message : 'it is no JSON';
  }
}

function migrate(raw: Raw, from: number, spec: DocumentSpec): Raw {
  let value = raw;
  for (let version = from; version < spec.version; version++) {
    value = spec.migrations[version]?.(value) ?? value;
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
  repairs.push(`${key} was not valid and fell back to its default.`);
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
    repairs.push(`${key} was not a list and is empty now.`);
    return [];
  }
  return value.flatMap((record: unknown, index) => {
    const kept = readRecord(record, rule, repairs);
    if (kept === undefined)
      repairs.push(`Entry ${index + 1} of ${key} could not be read and was left out.`);
    return kept === undefined ? [] : [kept];
  });
}

function readRecord(
  record: unknown,
  rule: Extract<KeySpec, { kind: 'list' }>,
  repairs: string[],
): unknown {
  const parsed = rule.item.safeParse(record);
  if (parsed.success) return parsed.data;
  const object = z.record(z.string(), z.unknown()).safeParse(record);
  if (!object.success) return undefined;
  const bad = new Set(parsed.error.issues.map((issue) => String(issue.path[0] ?? '')));
  if ([...bad].some((field) => !(field in rule.fieldDefaults))) return undefined;
  const mended = { ...object.data };
  for (const field of bad) mended[field] = rule.fieldDefaults[field];
  const again = rule.item.safeParse(mended);
  if (!again.success) return undefined;
  repairs.push(`${rule.nameOf(object.data)}: ${[...bad].join(', ')} fell back to the default.`);
  return again.data;
}
