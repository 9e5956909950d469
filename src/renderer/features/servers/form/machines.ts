import type { Cluster } from '@shared/domain/cluster';

/** How a profile is spread: alone, tried with ranks on this machine, or over several. */
export type Spread = 'alone' | 'ranks' | 'hosts';

export function spreadOf(cluster: Cluster | null): Spread {
  if (cluster === null) return 'alone';
  return cluster.ranks === undefined ? 'hosts' : 'ranks';
}

const HERE = { name: 'This machine', ssh: null, addresses: [] };

/** The cluster for another way of spreading; what both have is kept. */
export function withSpread(cluster: Cluster | null, spread: Spread): Cluster | null {
  if (spread === 'alone') return null;
  const { backend, sharding } = cluster ?? {
    backend: 'ring' as const,
    sharding: 'tensor' as const,
  };
  if (spread === 'ranks') return { hosts: [], ranks: 2, backend, sharding };
  return { hosts: [HERE, { name: '', ssh: '', addresses: [] }], backend, sharding };
}

/** Addresses as typed, apart by commas or spaces. */
export function parseAddresses(text: string): string[] {
  return text.split(/[\s,]+/).filter((part) => part !== '');
}
