import { DomainError } from '@shared/errors';
import { makeAction } from '@shared/errors/action';
import { CERTIFICATE_STORE } from '../../ports/certificate-store';

/** Texts of uv 0.13 and pip that name a cause; the first that is found decides. */
const CAUSES: readonly {
  readonly code: 'disk_full' | 'offline' | 'untrusted' | 'permission';
  readonly pattern: RegExp;
}[] = [
  {
    code: 'disk_full',
    pattern: /No space left on device|ENOSPC|os error (?:28|122)\b|Disk quota/i,
  },
  // Before the next: a connection that ends for this reason names both.
  {
    code: 'untrusted',
    pattern:
      /UnknownIssuer|invalid peer certificate|CERTIFICATE_VERIFY_FAILED|self[- ]signed certificate|unable to get local issuer/i,
  },
  {
    code: 'offline',
    pattern:
      /dns error|failed to lookup address|Could not resolve host|Name or service not known|nodename nor servname|Temporary failure in name resolution|Network is unreachable|No route to host|Connection refused|tcp connect error|client error \(Connect\)|NewConnectionError|ConnectTimeoutError|operation timed out|tunnel error|network was disabled|Network connectivity is disabled/i,
  },
  { code: 'permission', pattern: /Permission denied|os error 13\b|Read-only file system/i },
];

/** What was being done, for the sentence: `Installing mlx-lm 0.32.2`. */
export function installFailure(doing: string, output: string): DomainError {
  const cause = CAUSES.find(({ pattern }) => pattern.test(output));
  const data = { output: withoutCredentials(output).trim().split('\n').slice(-20) };
  if (cause?.code === 'disk_full') {
    return new DomainError('disk_full', `${doing} failed: the disk is full.`, {
      action: makeAction('free_space'),
      data,
    });
  }
  if (cause?.code === 'offline') {
    const sentence = `${doing} failed: can't reach the package index (${connectionLine(output)}). Check the network or the proxy.`;
    return new DomainError('offline', sentence, {
      action: makeAction('retry'),
      data,
    });
  }
  if (cause?.code === 'untrusted') {
    const sentence = `${doing} failed: this machine doesn't trust the package index's certificate (${tellingLine(output)}). If your company uses a proxy, add its certificate to ${CERTIFICATE_STORE} and try again.`;
    return new DomainError('offline', sentence, { action: makeAction('retry'), data });
  }
  if (cause?.code === 'permission') {
    const sentence = `${doing} failed: the system denied access (${tellingLine(output)}).`;
    return new DomainError('permission', sentence, { data });
  }
  return otherFailure(doing, output, data);
}

function otherFailure(doing: string, output: string, data: unknown): DomainError {
  const missing =
    /there (?:is|are) no versions? of ([^\s,]+)/.exec(output)?.[1] ??
    /No matching distribution found for (\S+)/.exec(output)?.[1] ??
    /Because (\S+) was not found in the package registry/.exec(output)?.[1];
  if (missing !== undefined) {
    const sentence = `${doing} failed: the package index has no ${missing}.`;
    return new DomainError('not_found', sentence, { data });
  }
  return new DomainError('engine_broken', `${doing} failed: ${tellingLine(output)}.`, {
    action: makeAction('retry'),
    data,
  });
}

/** uv names the address it tried first and the cause below it. */
function connectionLine(output: string): string {
  const address = /https?:\/\/[^\s)'"]+/.exec(withoutCredentials(output))?.[0];
  const host = address === undefined ? undefined : hostOf(address);
  const causes = output.split('\n').filter((line) => /^\s*cause:|error:/i.test(line));
  const last = withoutCredentials(causes.at(-1) ?? '').replace(/^\s*cause:\s*|^error:\s*/i, '');
  return (
    [host, last].filter((part) => part !== undefined && part !== '').join(': ') || 'no response'
  );
}

function hostOf(address: string): string | undefined {
  return URL.canParse(address) ? new URL(address).host : undefined;
}

/** The line that says most: the last that begins with `error`, else the last one. */
function tellingLine(output: string): string {
  const lines = withoutCredentials(output)
    .split('\n')
    .filter((line) => line.trim() !== '');
  const telling = lines.findLast((line) => /^\s*(?:error|ERROR)\b/.test(line)) ?? lines.at(-1);
  const text = (telling ?? 'no output').trim().replace(/^error:\s*/i, '');
  return text.replace(/\.$/, '').slice(0, 300);
}

/** Addresses of private indexes carry a password, which no message or log may show. */
export function withoutCredentials(text: string): string {
  // Bounded, so that a long word costs no more than its length.
  return text.replace(/(\b[a-z][a-z0-9+.-]{0,20}:\/\/)[^/\s@]{1,512}@/gi, '$1');
}
