/**
 * Changes of one view put together with what others changed meanwhile. Carries no zod, so that the screens
 * can use it.
 */

export type Fields = Readonly<Record<string, unknown>>;

/** One value that two views changed, each in its own way. */
export interface Clash {
  /** `port`, or `options.max-tokens` of a field that is merged by its keys. */
  readonly field: string;
  /** What it was when the change was begun; undefined where it was not set. */
  readonly base: unknown;
  /** What it is now. */
  readonly stored: unknown;
  /** What the change makes of it. */
  readonly given: unknown;
}

export interface Merged {
  /** The changed fields as they are to be stored; where there is a clash, as the change has them. */
  readonly changes: Record<string, unknown>;
  readonly clashes: readonly Clash[];
}

/** Fields that hold values of their own, which different views may change side by side. */
const BY_KEY: readonly string[] = ['options', 'env'];

/**
 * Applies changes to what is stored now. A value that is as it was in `base`, or that is what the change makes of it
 * already, is taken over; another one is a clash. A field that `base` does not name is replaced without a question.
 */
export function mergeChanges(stored: Fields, changes: Fields, base: Fields): Merged {
  const merged: Record<string, unknown> = {};
  const clashes: Clash[] = [];
  for (const [field, given] of Object.entries(changes)) {
    if (given === undefined) continue;
    if (!Object.hasOwn(base, field)) merged[field] = given;
    else if (BY_KEY.includes(field)) {
      const inner = mergeKeys(record(stored[field]), record(given), record(base[field]));
      merged[field] = inner.changes;
      clashes.push(
        ...inner.clashes.map((clash) => ({ ...clash, field: `${field}.${clash.field}` })),
      );
    } else {
      merged[field] = given;
      if (isClash(stored[field], given, base[field])) {
        clashes.push({ field, base: base[field], stored: stored[field], given });
      }
    }
  }
  return { changes: merged, clashes };
}

/** Only the keys that differ from `base` are changes; the others stay as they are stored. */
function mergeKeys(stored: Fields, given: Fields, base: Fields): Merged {
  const changes: Record<string, unknown> = { ...stored };
  const clashes: Clash[] = [];
  for (const key of new Set([...Object.keys(base), ...Object.keys(given)])) {
    const [now, mine, before] = [own(stored, key), own(given, key), own(base, key)];
    if (sameValue(mine, before)) continue;
    if (mine === undefined) delete changes[key];
    else changes[key] = mine;
    if (isClash(now, mine, before)) {
      clashes.push({ field: key, base: before, stored: now, given: mine });
    }
  }
  return { changes, clashes };
}

function isClash(stored: unknown, given: unknown, base: unknown): boolean {
  return !sameValue(stored, base) && !sameValue(stored, given);
}

/** Whether two values of a field are the same, in whatever order their keys stand. */
export function sameValue(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  if (Array.isArray(a) !== Array.isArray(b)) return false;
  const [left, right] = [record(a), record(b)];
  const keys = Object.keys(left);
  return (
    keys.length === Object.keys(right).length &&
    keys.every((key) => Object.hasOwn(right, key) && sameValue(left[key], right[key]))
  );
}

/**
 * A list that was changed by its members: what the change added and took away, on the list as it is now. Two views
 * that each switch another member on or off keep both.
 */
export function mergeList(
  stored: readonly unknown[],
  given: readonly unknown[],
  base: readonly unknown[],
): unknown[] {
  const gone = base.filter((one) => !given.includes(one));
  const come = given.filter((one) => !base.includes(one) && !stored.includes(one));
  return [...stored.filter((one) => !gone.includes(one)), ...come];
}

function own(values: Fields, key: string): unknown {
  return Object.hasOwn(values, key) ? values[key] : undefined;
}

function record(value: unknown): Fields {
  return typeof value === 'object' && value !== null ? (value as Fields) : {};
}
