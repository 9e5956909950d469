import type { Head } from '@gateway/doors/head';
import type { Place } from '@gateway/doors/origin';
import type { Doors } from '@shared/gateway/target';

export const HERE: Place = {
  localPort: 6590,
  localAddress: '127.0.0.1',
  remoteAddress: '127.0.0.1',
};

export const AWAY: Place = {
  localPort: 6590,
  localAddress: '192.168.1.5',
  remoteAddress: '192.168.1.77',
};

export const NOON = Date.parse('2026-12-01T12:00:00Z');

export function doors(change: Partial<Doors> = {}): Doors {
  return { hosts: [], origins: [], requireKey: false, keys: [], ...change };
}

/** A chat request as clients send it. A header of undefined is left out; a list is sent once per value. */
export function aHead(
  headers: Readonly<Record<string, string | readonly string[] | undefined>> = {},
  { method = 'POST', url = '/v1/chat/completions' } = {},
): Head {
  const usual =
    method === 'POST' ? { 'Content-Type': 'application/json', 'Content-Length': '2' } : {};
  const all = new Map<string, string | readonly string[] | undefined>();
  for (const [name, value] of Object.entries({ Host: '127.0.0.1:6590', ...usual, ...headers })) {
    for (const known of all.keys())
      if (known.toLowerCase() === name.toLowerCase()) all.delete(known);
    all.set(name, value);
  }
  const rawHeaders = [...all].flatMap(([name, value]) =>
    (typeof value === 'string' ? [value] : (value ?? [])).flatMap((one) => [name, one]),
  );
  return { method, url, rawHeaders };
}
