import { Cluster, machinesOf, ranksOf, SshTarget } from '@shared/domain/cluster';
import { describe, expect, test } from 'vitest';

const mini = { name: 'This Mac', ssh: null, addresses: ['10.0.5.1'] };
const studio = { name: 'Studio', ssh: 'mara@studio.local', addresses: ['10.0.5.2'] };

const problems = (value: unknown): string[] => {
  const result = Cluster.safeParse(value);
  if (result.success) return [];
  return result.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`);
};

describe('an ssh target', () => {
  test.each(['studio', 'mara@studio.local', 'mara@10.0.5.2', 'a_b-c', 'mara@fe80::1%en0'])(
    'may be %s',
    (target) => expect(SshTarget.safeParse(target).success).toBe(true),
  );

  test.each([
    '',
    '-oProxyCommand=id',
    'mara@-oProxyCommand=id',
    'two words',
    'a\nb',
    'a\u0000b',
    "studio'; id; '",
    '$(id)',
    'a;b',
    '127.0.0.1',
    'ssh://studio',
    'x'.repeat(256),
  ])('must not be %j', (target) => expect(SshTarget.safeParse(target).success).toBe(false));
});

describe('a cluster', () => {
  test('is several machines, tensor over ring unless told', () => {
    expect(Cluster.parse({ hosts: [mini, studio] })).toMatchObject({
      backend: 'ring',
      sharding: 'tensor',
    });
  });

  test('or several ranks on this machine', () => {
    const cluster = Cluster.parse({ ranks: 2 });
    expect(ranksOf(cluster)).toEqual([
      { rank: 0, name: 'this machine', ssh: null },
      { rank: 1, name: 'this machine', ssh: null },
    ]);
    expect(machinesOf(cluster)).toEqual([{ name: 'this machine', ssh: null }]);
  });

  test('its ranks are the machines in order', () => {
    const cluster = Cluster.parse({ hosts: [mini, studio] });
    expect(ranksOf(cluster)[1]).toEqual({ rank: 1, name: 'Studio', ssh: 'mara@studio.local' });
    expect(machinesOf(cluster)).toHaveLength(2);
  });

  test.each([
    ['nothing at all', {}, 'hosts: name the machines'],
    ['one machine', { hosts: [mini] }, 'hosts: name at least one other'],
    ['one rank', { ranks: 1 }, 'ranks: ranks must be'],
    ['machines and ranks', { hosts: [mini, studio], ranks: 2 }, 'ranks: ranks is for one machine'],
    ['another machine first', { hosts: [studio, mini] }, 'hosts.0.ssh: the first machine'],
    ['no way in', { hosts: [mini, { ...studio, ssh: null }] }, 'hosts.1.ssh: Studio needs'],
    ['a name twice', { hosts: [mini, { ...studio, name: 'This Mac' }] }, 'hosts.1.name: two'],
    [
      'an address twice',
      { hosts: [mini, { ...studio, addresses: ['10.0.5.1'] }] },
      'hosts.1.addresses: Studio has the address',
    ],
    [
      'no address for ring',
      { hosts: [mini, { ...studio, addresses: [] }] },
      'hosts.1.addresses: Studio needs an address',
    ],
    [
      'a host name as address',
      { hosts: [mini, { ...studio, addresses: ['studio.local'] }] },
      'hosts.1.addresses.0: an address for data must be an IPv4 address',
    ],
    ['jaccl alone', { ranks: 2, backend: 'jaccl' }, 'backend: jaccl needs several'],
    ['jaccl without rdma', { hosts: [mini, studio], backend: 'jaccl' }, 'hosts.0.rdma: jaccl'],
    ['an unknown field', { ranks: 2, port: 1 }, ': Unrecognized key'],
  ])('must not be %s', (_, value, message) => {
    expect(problems(value).join('\n')).toContain(message);
  });

  test('jaccl names the device to each other machine', () => {
    const hosts = [
      { ...mini, rdma: [null, 'rdma_en5'] },
      { ...studio, rdma: ['rdma_en5', null] },
    ];
    expect(problems({ hosts, backend: 'jaccl' })).toEqual([]);
  });

  test('mpi needs no addresses', () => {
    const hosts = [mini, studio].map((host) => ({ ...host, addresses: [] }));
    expect(problems({ hosts, backend: 'mpi' })).toEqual([]);
  });

  test('at most 32 machines', () => {
    const more = Array.from({ length: 32 }, (_, index) => ({
      name: `Mac ${index}`,
      ssh: `mac${index}`,
      addresses: [`10.0.6.${index}`],
    }));
    expect(problems({ hosts: [mini, ...more] }).join()).toContain('at most 32 machines');
    expect(problems({ hosts: [mini, ...more.slice(1)] })).toEqual([]);
  });
});
