import dns from 'node:dns';
import net from 'node:net';

/** Addresses that are not on the public internet (IANA special-purpose registries). */
const CLOSED = new net.BlockList();
for (const [address, bits] of [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 4],
  ['240.0.0.0', 4],
] as const) {
  CLOSED.addSubnet(address, bits, 'ipv4');
}
for (const [address, bits] of [
  ['::', 96],
  ['64:ff9b:1::', 48],
  ['100::', 64],
  ['2001::', 32],
  ['2001:db8::', 32],
  ['2002::', 16],
  ['fc00::', 7],
  ['fe80::', 10],
  ['fec0::', 10],
  ['ff00::', 8],
] as const) {
  CLOSED.addSubnet(address, bits, 'ipv6');
}

/** Whether an IP address can be that of a server on the internet. */
export function isPublicAddress(address: string): boolean {
  const family = net.isIP(address);
  if (family === 0) return false;
  if (family === 4) return !CLOSED.check(address, 'ipv4');
  const mapped = mappedIpv4(address);
  return mapped === undefined ? !CLOSED.check(address, 'ipv6') : !CLOSED.check(mapped, 'ipv4');
}

/** The IPv4 address within `::ffff:a.b.c.d` or, behind NAT64, `64:ff9b::a.b.c.d`, in any way of writing it. */
function mappedIpv4(address: string): string | undefined {
  const canonical = new URL(`http://[${address.split('%')[0]}]`).hostname.slice(1, -1);
  const words = /^(?:::ffff|64:ff9b:):([\da-f]{1,4}):([\da-f]{1,4})$/.exec(canonical);
  if (!words) return undefined;
  const [high = 0, low = 0] = words.slice(1).map((word) => Number.parseInt(word, 16));
  return [high >> 8, high & 255, low >> 8, low & 255].join('.');
}

/** Refused because of where a name leads. */
export class ClosedAddressError extends Error {
  constructor(host: string, address: string) {
    super(`${host} leads to ${address}, which is not on the internet`);
    this.name = 'ClosedAddressError';
  }
}

/** As `dns.lookup`, but a name that leads into the person's own network is refused, also on a second look. */
export const publicLookup: net.LookupFunction = (hostname, options, callback) => {
  dns.lookup(hostname, { ...options, all: true }, (error, addresses) => {
    if (error) return callback(error, '', 0);
    const closed = addresses.find(({ address }) => !isPublicAddress(address));
    if (closed) return callback(new ClosedAddressError(hostname, closed.address), '', 0);
    if (options.all) return callback(null, addresses);
    const [first] = addresses;
    return callback(null, first?.address ?? '', first?.family);
  });
};
