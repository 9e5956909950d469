import type { Listener } from '../ports/processes';

/**
 * Whether a connection to `host` (an address of IPv4, `::1`, or `localhost`, which is dialed as 127.0.0.1) ends
 * at this socket. A socket on `::` takes connections of IPv4 as well, unless it is set to IPv6 only (ipv6(7)).
 */
export function answersOn({ family, address, v6only }: Listener, host: string): boolean {
  const wanted = host === 'localhost' || host === '0.0.0.0' ? '127.0.0.1' : host;
  if (wanted.includes(':')) return family === 'tcp6' && (address === '::' || address === wanted);
  if (family === 'tcp6') return address === '::' && v6only !== true;
  return address === '0.0.0.0' || address === wanted;
}
