import { isFailureCode, troubleshootingUrl } from '@shared/errors/troubleshooting';

/** The part of the guide about a failure of a server; undefined for other errors. */
export function helpAddress(failure: unknown): string | undefined {
  const { code }: { code?: unknown } = Object(failure);
  return isFailureCode(code) ? troubleshootingUrl(code) : undefined;
}

/** A result in which every `failure` of a server has the address as `help`. */
export function withHelp(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withHelp);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [
      key,
      key === 'failure' ? helped(inner) : withHelp(inner),
    ]),
  );
}

/** The same for what is a failure itself. */
export function helped(failure: unknown): unknown {
  const help = helpAddress(failure);
  return help === undefined ? failure : { ...Object(failure), help };
}
