import type { LoginItem } from '@shared/domain/desktop';

import { type Finding, notOk, ok } from './check';

/** `sw_vers`: `ProductVersion:` and `BuildVersion:`, with tabs or spaces behind the colon. */
export function parseSwVers(text: string): { version: string; build: string } | undefined {
  const value = (name: string): string | undefined =>
    new RegExp(`^${name}:\\s*(\\S+)`, 'm').exec(text)?.[1];
  const [version, build] = [value('ProductVersion'), value('BuildVersion')];
  return version && build ? { version, build } : undefined;
}

/** The signature of a bundle as `codesign -dvv` prints it, on stderr. */
export interface Signature {
  readonly identifier: string | undefined;
  /** `ad hoc`: for this Mac alone, by nobody. */
  readonly by: 'Developer ID' | 'Apple Development' | 'ad hoc' | 'other';
  readonly isHardened: boolean;
  readonly hasTimestamp: boolean;
}

/** Undefined for what is not signed at all. */
export function parseCodesign(text: string): Signature | undefined {
  const flags = /^CodeDirectory .*\bflags=0x[0-9a-f]+\(([^)]*)\)/m.exec(text)?.[1];
  if (flags === undefined) return undefined;
  return {
    identifier: /^Identifier=(.+)$/m.exec(text)?.[1],
    by: signer(text, flags.split(',')),
    isHardened: flags.split(',').includes('runtime'),
    hasTimestamp: /^Timestamp=\S/m.test(text),
  };
}

function signer(text: string, flags: readonly string[]): Signature['by'] {
  if (flags.includes('adhoc') || /^Signature=adhoc$/m.test(text)) return 'ad hoc';
  if (/^Authority=Developer ID Application:/m.test(text)) return 'Developer ID';
  return /^Authority=Apple Development:/m.test(text) ? 'Apple Development' : 'other';
}

/** What `spctl -a -vv` prints on stderr: Gatekeeper's verdict and where it has it from. */
export function parseSpctl(text: string): { accepted: boolean; source: string } | undefined {
  const verdict = /: (accepted|rejected)/.exec(text)?.[1];
  if (verdict === undefined) return undefined;
  const source = /^source=(.+)$/m.exec(text)?.[1] ?? 'no source';
  return { accepted: verdict === 'accepted', source };
}

/** Letters behind sizes of `top` and words of `footprint`; both count in powers of 1024. */
const UNITS: Readonly<Record<string, number>> = {
  B: 1,
  K: 1024,
  M: 1024 ** 2,
  G: 1024 ** 3,
  T: 1024 ** 4,
};

/**
 * The MEM of a process in `top -l 1 -stats pid,mem`, bytes: its footprint, rounded to a unit, with a `+` or `-`
 * behind it where it changed.
 */
export function parseTop(text: string, pid: number): number | undefined {
  const [, size, unit = 'B'] =
    new RegExp(`^\\s*${pid}\\*?\\s+([\\d.]+)([BKMGT])?[+-]?\\s*$`, 'm').exec(text) ?? [];
  return size === undefined ? undefined : Number(size) * (UNITS[unit] ?? Number.NaN);
}

/** `phys_footprint` of the one process in `footprint -p PID`, bytes; with `-f bytes` to the byte. */
export function parseFootprint(text: string): number | undefined {
  const [, size, unit = ''] = /^\s*phys_footprint:\s+([\d.]+) ([KMGT]?B)\s*$/m.exec(text) ?? [];
  return size === undefined ? undefined : Number(size) * (UNITS[unit[0] ?? ''] ?? Number.NaN);
}

/** Kinds of system settings for a proxy that `scutil --proxy` names, without addresses. */
export function proxyKinds(text: string): string[] {
  const names = { HTTPEnable: 'HTTP', HTTPSEnable: 'HTTPS', SOCKSEnable: 'SOCKS' };
  const scripts = {
    ProxyAutoConfigEnable: 'a script (PAC)',
    ProxyAutoDiscoveryEnable: 'discovery',
  };
  return Object.entries({ ...names, ...scripts })
    .filter(([key]) => new RegExp(`^\\s*${key} : 1$`, 'm').test(text))
    .map(([, word]) => word);
}

/** What the application says of its login item: every state of a packaged one is fine. */
export function judgeLoginItem({ status, reason }: LoginItem): Finding {
  switch (status) {
    case 'enabled':
      return ok('enabled: it opens at login');
    case 'requires-approval':
      return ok('registered, and switched off in System Settings, Login Items');
    case 'not-registered':
      return ok('not registered: it does not open at login');
    case 'unsupported':
      return notOk(reason ?? 'the application says that it has none');
  }
}
