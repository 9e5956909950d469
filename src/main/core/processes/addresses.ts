import { SocketAddress } from 'node:net';

/** The four bytes of an address of IPv4, as a person writes it. */
export function ipv4Text(bytes: Uint8Array): string {
  return [...bytes.subarray(0, 4)].join('.');
}

/** The sixteen bytes of an address of IPv6, in the short form of inet_ntop(3). */
export function ipv6Text(bytes: Uint8Array): string {
  const groups = Array.from({ length: 8 }, (_, index) =>
    (((bytes[index * 2] ?? 0) << 8) | (bytes[index * 2 + 1] ?? 0)).toString(16),
  );
  return canonicalIpv6(groups.join(':'));
}

/** One spelling for each address of IPv6, whatever the source wrote. */
export function canonicalIpv6(text: string): string {
  return new SocketAddress({ address: text, family: 'ipv6' }).address;
}

/** Where an address of IPv6 only wraps one of IPv4 (::ffff:1.2.3.4), that one. */
export function mappedIpv4(ipv6: string): string | undefined {
  return /^::ffff:(\d+\.\d+\.\d+\.\d+)$/.exec(ipv6)?.[1];
}
