import { fileState, inOrderOfSize } from '@renderer/features/discover/file-list';
import {
  emptyTitle,
  emptyText,
  type Filters,
  searchCriteria,
  NO_FILTERS,
  withoutFilter,
} from '@renderer/features/discover/filters';
import { notWhole, pageFacts } from '@renderer/text/hub-model-text';
import {
  downloadParts,
  downloadSentence,
  downloadTone,
  overallLine,
  queuePlace,
} from '@renderer/text/download-text';
import { accountSentence, fixedBecause } from '@renderer/text/hub-account-text';
import { outageOf } from '@renderer/domain/hub/hub-problem';
import type { Download } from '@shared/domain/download';
import type { Failure } from '@shared/domain/failure';
import type { HubModelPage } from '@shared/domain/hub';
import { DomainError } from '@shared/errors';
import { describe, expect, it, test } from 'vitest';

const FOUR: Filters = { ...NO_FILTERS, underGb: 10, bits: 4, fits: true };

describe('the filters', () => {
  it('ask for what is set and nothing else', () => {
    expect(searchCriteria('qwen', 'likes', NO_FILTERS)).toEqual({
      query: 'qwen',
      sort: 'likes',
      fits: false,
    });
    expect(
      searchCriteria('', 'recent', { ...FOUR, kind: 'vision', author: 'a', architecture: 'b' }),
    ).toEqual({
      query: '',
      sort: 'recent',
      fits: true,
      kind: 'vision',
      maxBytes: 10e9,
      bits: 4,
      author: 'a',
      architecture: 'b',
    });
  });

  it('are named where nothing matches them', () => {
    expect(emptyTitle('qwen coder', FOUR)).toBe('No models match all four filters');
    expect(emptyText('qwen coder', FOUR)).toBe(
      '“qwen coder”, under 10 GB, 4-bit, fits this machine.',
    );
    expect(emptyTitle('x', NO_FILTERS)).toBe('No results for “x”');
    expect(emptyTitle('', { ...NO_FILTERS, bits: 3 })).toBe('No models match the filter');
    expect(emptyText('', { ...NO_FILTERS, kind: 'vision' })).toBe('Vision.');
  });

  it('go one by one', () => {
    expect(withoutFilter(FOUR, 'size')).toEqual({ ...FOUR, underGb: undefined });
    expect(withoutFilter(FOUR, 'fits')).toEqual({ ...FOUR, fits: false });
  });
});

const JOB: Download = {
  id: 'a',
  ref: 'org/name',
  revision: 'main',
  state: 'running',
  bytes: 10.5e9,
  total: 17.2e9,
  bytesPerSecond: 48.3e6,
  etaSeconds: 139,
  files: { total: 10, verified: 2 },
  addedAt: '2026-07-29T00:00:00.000Z',
};

const QUEUED: Download = { ...JOB, state: 'queued', bytesPerSecond: undefined };

describe('a download in words', () => {
  it('tells how far, how fast and how long', () => {
    expect(downloadParts(JOB)).toEqual({
      word: undefined,
      amount: '10.5 of 17.2 GB',
      speed: '48 MB/s',
      left: '2 min 19 s left',
      reason: undefined,
    });
    expect(downloadParts({ ...JOB, bytesPerSecond: 0 }).speed).toBeUndefined();
    expect(downloadParts({ ...JOB, bytes: 0, total: 0 })).toMatchObject({
      word: 'Preparing',
      amount: undefined,
      left: undefined,
    });
  });

  it('keeps the amount of one that waits or has failed, with its word and the reason', () => {
    const waiting = downloadParts({ ...JOB, waiting: { message: 'No network.' } });
    expect(waiting).toEqual({
      word: 'Waiting',
      amount: '10.5 of 17.2 GB',
      speed: undefined,
      left: undefined,
      reason: 'No network.',
    });
    const failure: Failure = { code: 'disk_full', message: 'The disk is full.', evidence: [] };
    const failed = downloadParts({ ...JOB, state: 'failed', failure });
    expect(failed).toMatchObject({ word: 'Failed: disk full', amount: '10.5 of 17.2 GB' });
    expect(downloadSentence(failed)).toBe('Failed: disk full, 10.5 of 17.2 GB. The disk is full.');
  });

  it('has the color of its state: only what comes looks as if it ran', () => {
    const failed = (code: 'disk_full' | 'bad_hash') =>
      downloadTone({ ...JOB, state: 'failed', failure: { code, message: '', evidence: [] } });
    expect(downloadTone(JOB)).toBe('working');
    expect(downloadTone({ ...JOB, state: 'verifying' })).toBe('working');
    expect(downloadTone({ ...JOB, state: 'paused' })).toBe('off');
    expect(downloadTone(QUEUED)).toBe('off');
    expect(downloadTone({ ...JOB, waiting: { message: 'No network.' } })).toBe('off');
    expect([failed('disk_full'), failed('bad_hash')]).toEqual(['warning', 'broken']);
  });

  it('tells who is next', () => {
    const all = [JOB, { ...QUEUED, id: 'b' }, { ...QUEUED, id: 'c' }] as const;
    expect(all.map(({ id }) => queuePlace(all, id))).toEqual([undefined, 0, 1]);
    expect(downloadParts(all[1], 0).word).toBe('Queued, next');
    expect(downloadParts(all[2], 1).word).toBe('Queued, 1 ahead');
    expect(overallLine(all)).toBe('1 downloading at 48 MB/s, 2 queued');
    expect(overallLine([{ ...JOB, state: 'failed' }])).toBe('1 failed');
  });
});

describe('files', () => {
  const file = (path: string, sizeBytes: number, wanted = true) => ({ path, sizeBytes, wanted });

  it('stand with the largest first, what is left out last', () => {
    const files = [file('b', 5), file('huge.bin', 99, false), file('a', 5), file('c', 7)];
    expect(inOrderOfSize(files).map(({ path }) => path)).toEqual(['c', 'a', 'b', 'huge.bin']);
  });

  it('say how far they are', () => {
    const one = file('a', 200);
    const state = { path: 'a', sizeBytes: 200, bytes: 194, state: 'running' } as const;
    expect(fileState(one, state).label).toBe('97 %');
    expect(fileState(one, { ...state, state: 'verified' }).label).toBe('Verified');
    expect(fileState(one, { ...state, sizeBytes: 0, bytes: 0 }).label).toBe('100 %');
    expect(fileState({ ...one, wanted: false }, undefined).label).toBe('Not needed');
    expect(fileState(one, undefined).label).toBe('');
  });
});

it('the facts of a page leave out what is not known', () => {
  const page = {
    model: { bits: 4 },
    facts: { sizeBytes: 1, parameters: 30.5e9, activeParameters: 3.3e9, groupSize: 64 },
    template: { toolCalls: true, reasoning: 'none' },
    engines: ['mlx-lm', 'vllm-mlx'],
  } as HubModelPage;
  expect(pageFacts(page)).toEqual([
    { label: 'Parameters', value: '30.5 B, 3.3 B active' },
    { label: 'Quantization', value: '4-bit, group size 64' },
    { label: 'Chat template', value: 'Tool calls, no reasoning' },
    { label: 'Engines', value: 'mlx-lm, vllm-mlx' },
  ]);
});

it('the account is told with where its token comes from', () => {
  const kept = { endpoint: 'https://huggingface.co', token: 'kept', place: 'keychain' } as const;
  expect(accountSentence({ ...kept, user: 'mara' }, true)).toBe(
    'User mara, stored in the keychain',
  );
  expect(accountSentence({ ...kept, token: 'environment', user: 'mara' }, true)).toBe(
    'User mara, from HF_TOKEN',
  );
  expect(accountSentence({ ...kept, problem: 'It was revoked.' }, true)).toBe('It was revoked.');
  expect(fixedBecause(kept)).toBeUndefined();
  expect(fixedBecause({ ...kept, token: 'environment' })).toMatch(/HF_TOKEN/);
});

it('silence is told from an answer that is bad', () => {
  const since = '2026-07-29T13:58:00.000Z';
  const silent = new DomainError('offline', 'x', { data: { host: 'h', since, noNetwork: true } });
  expect(outageOf(silent)).toEqual({ host: 'h', since, noNetwork: true });
  expect(outageOf(new DomainError('offline', 'x', { data: { status: 503 } }))).toBeUndefined();
  expect(outageOf(new Error('x'))).toBeUndefined();
});

test('a repository that lacks something itself is said to, with the first of it', () => {
  expect(notWhole(['a.safetensors is missing'])).toBe(
    'The repository is incomplete: a.safetensors is missing.',
  );
  expect(notWhole(['a is missing', 'b is missing', 'c is missing'])).toMatch(
    /a is missing and 2 more\.$/,
  );
});
