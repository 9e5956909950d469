import { clusterFailures, findClusterFailure } from '@core/engines/adapters/rank-log';
import { rankOfLine } from '@shared/rank-of-line';
import { mlxLm } from '@core/engines/adapters/mlx-lm';
import { Cluster } from '@shared/domain/cluster';
import type { LogLine } from '@shared/domain/log';
import { describe, expect, test } from 'vitest';

const hosts = Cluster.parse({
  hosts: [
    { name: 'This Mac', ssh: null, addresses: ['10.0.5.1'] },
    { name: 'Studio', ssh: 'mara@studio.local', addresses: ['10.0.5.2'] },
  ],
});
const local = Cluster.parse({ ranks: 2 });

/** The log's lines as they are after their colours were taken off. */
const log = (...texts: string[]): LogLine[] =>
  texts.map((text, n) => ({ n, time: '', source: 'engine', text }));
const find = (cluster: Cluster, ...texts: string[]) =>
  findClusterFailure(cluster, mlxLm.failures, log(...texts));

const HTTPD = '2026-11-23 15:02:26,588 - INFO - Starting httpd at 127.0.0.1 on port 18181...';
const CLOSED = '[ring] Socket 4 was closed by the peer';
const DIED =
  '2026-11-23 15:02:33,214 - ERROR - mlx_lm.server generation thread died: [ring] connection to a peer was lost';
const LOST = 'RuntimeError: [ring] connection to a peer was lost';
const ended = (rank: number, code: number): string =>
  `[WARN] Node with rank ${rank} exited with code ${code} `;

/** Recorded from mlx 0.32.4 and mlx-lm 0.32.2, two ranks on one machine or on two. */
describe('the cause of an end', () => {
  test('a rank here was killed: named before what the others say of it', () => {
    const found = find(local, HTTPD, ended(1, -9), CLOSED, DIED, LOST, ended(0, -15));
    expect(found).toMatchObject({ code: 'exited', fatal: true, line: { text: ended(1, -9) } });
    expect(found?.message).toContain('Rank 1 on this machine was killed');
  });

  test('a rank there was killed: ssh says 255', () => {
    const found = find(hosts, HTTPD, CLOSED, DIED, LOST, ended(1, 255), ended(0, -15));
    expect(found?.message).toBe('Rank 1 on Studio ended, or the ssh connection to it broke.');
  });

  test('ssh never got there', () => {
    const found = find(hosts, ended(1, 255), ended(0, -15));
    expect(found?.message).toBe("Couldn't reach Studio over ssh to start rank 1.");
  });

  test('the ssh of a rank was killed', () => {
    const found = find(hosts, HTTPD, ended(1, -9), ended(0, -15));
    expect(found?.message).toBe('The ssh connection to rank 1 on Studio was ended by signal 9.');
  });

  test('the program is missing, the line torn apart by another thread', () => {
    const found = find(
      hosts,
      '[WARN]/bin/bash: line 1: /e/bin/mlx_lm.server: No such file or directory',
      ' Node with rank 1 exited with code 127 ',
    );
    expect(found).toMatchObject({ code: 'engine_missing' });
    expect(found?.message).toContain('missing on Studio');
  });

  test.each([
    [98, 'port_in_use'],
    [99, 'bad_option'],
    [48, 'port_in_use'],
    [49, 'bad_option'],
  ])('a socket for data that cannot be bound (%i), with the machine', (errno, code) => {
    const bind = `RuntimeError: [ring] Couldn't bind socket (error: ${errno})`;
    const found = find(hosts, bind, HTTPD, ended(1, 1), CLOSED, LOST, ended(0, -15));
    expect(found?.code).toBe(code);
    expect(found?.message).toContain('This happened in rank 1 on Studio.');
  });

  test('an engine’s own text wins over what follows from it', () => {
    const missing = "FileNotFoundError: [Errno 2] No such file or directory: '/m/config.json'";
    const found = find(hosts, missing, HTTPD, CLOSED, DIED, LOST);
    expect(found).toMatchObject({ code: 'model_incomplete', line: { text: missing } });
  });

  test.each([
    [
      'ValueError: The model does not support pipelining but a pipeline_group was provided',
      'tensor',
    ],
    [
      `FileNotFoundError: [Errno 2] No such file or directory: "/it's/model.safetensors.index.json"`,
      'weight index',
    ],
    ['ValueError: [reshape] Cannot infer the shape of an empty array', 'fewer ranks'],
    [
      'ValueError: Loading with adapters or draft models not supported in distributed mode',
      'draft model',
    ],
    [
      'mlx.launch: error: The hostfile is malformed: RDMA device of self should be null',
      'RDMA device of self should be null',
    ],
  ])('%s', (text, words) => {
    const found = find(local, text, ended(1, -6), ended(0, -15));
    expect(found).toMatchObject({ code: 'bad_option' });
    expect(found?.message).toContain(words);
  });

  test('mpi without Open MPI', () => {
    const text =
      "subprocess.CalledProcessError: Command '['which', 'mpirun']' returned non-zero exit status 1.";
    expect(find(local, text)).toMatchObject({ code: 'engine_missing' });
  });

  test('nobody is named when only the connection is known to be lost', () => {
    expect(find(hosts, HTTPD, CLOSED, DIED, LOST)?.message).toContain('lost contact');
  });

  test('a healthy log, a rank that the launcher ended, and our own notes are no failure', () => {
    expect(find(hosts, HTTPD, '"POST /v1/chat/completions HTTP/1.1" 200 -')).toBeUndefined();
    expect(find(hosts, '[WARN] Node with rank 1 was killed ')).toBeUndefined();
    const note: LogLine = { n: 0, time: '', source: 'manager', text: ended(1, -9) };
    expect(findClusterFailure(hosts, [], [note])).toBeUndefined();
  });
});

describe('the patterns for the watch', () => {
  const fatal = (text: string): boolean =>
    clusterFailures(hosts).some((pattern) => pattern.fatal && pattern.pattern.test(text));

  test('know each rank, but not the launcher’s own SIGTERM', () => {
    expect(fatal(ended(1, 255))).toBe(true);
    expect(fatal(ended(0, -9))).toBe(true);
    expect(fatal(ended(0, -15))).toBe(false);
    expect(fatal(LOST)).toBe(true);
    expect(fatal(HTTPD)).toBe(false);
    expect(fatal('[ring] Rank 0 accepting')).toBe(false);
  });
});

describe('the rank of a line', () => {
  test.each([
    [ended(1, -9), 1],
    ['[ring] Rank 12 accepting', 12],
    [HTTPD, 0],
    ['127.0.0.1 - - [23/Nov/2026 15:02:32] "POST /v1/chat/completions HTTP/1.1" 200 -', 0],
    [CLOSED, undefined],
    ['Traceback (most recent call last):', undefined],
  ])('%s', (text, rank) => expect(rankOfLine(text)).toBe(rank));
});
