import { lastHour, speedOf } from '@renderer/domain/gateway/speed';
import { phasesOf } from '@renderer/features/gateway/requests/phases';
import {
  filteredRequests,
  heldRequests,
  REQUEST_FILTERS,
} from '@renderer/features/gateway/requests/request-filter';
import { withNewer } from '@renderer/queries/requests-feed';
import { endingOf, gatewayState, operationText, reusedText } from '@renderer/text/gateway-text';
import { describe, expect, it } from 'vitest';

import { aRequest } from './a-request';

const NOW = Date.parse('2026-11-23T10:30:00.000Z');
const ids = (requests: readonly { readonly id: string }[]): string[] =>
  requests.map(({ id }) => id);

describe('requests that have just ended', () => {
  const known = [aRequest('b'), aRequest('a')];

  it('come in front of those that are known, the newest first, each once', () => {
    const ended = [aRequest('b'), aRequest('c'), aRequest('d')];
    expect(ids(withNewer(known, ended, {}))).toEqual(['d', 'c', 'b', 'a']);
  });

  it('are those that were asked for, and no more than that', () => {
    const ended = [
      aRequest('c', { profileId: 'phi' }),
      aRequest('d', { session: 'other' }),
      aRequest('e', { keyId: 'key' }),
    ];
    expect(ids(withNewer(known, ended, { profileId: 'qwen' }))).toEqual(['e', 'd', 'b', 'a']);
    expect(ids(withNewer(known, ended, { sessionId: 'other' }))).toEqual(['d', 'b', 'a']);
    expect(ids(withNewer(known, ended, { keyId: 'key' }))).toEqual(['e', 'b', 'a']);
    expect(ids(withNewer(known, ended, { limit: 3 }))).toEqual(['e', 'd', 'c']);
    const many = Array.from({ length: 80 }, (_, index) => aRequest(`m${index}`));
    expect(withNewer(known, many, {})).toHaveLength(50);
  });
});

describe('what is shown of them', () => {
  const requests = [
    aRequest('answered'),
    aRequest('failed', { ending: 'failed', status: 503, client: 'batch.py' }),
    aRequest('refused', { ending: 'refused', status: 404 }),
    aRequest('aborted', { ending: 'aborted', status: 499 }),
    aRequest('slow', { queueMs: 4000, loadMs: 5000, firstTokenMs: 1500 }),
  ];

  it.each([
    ['all', ['answered', 'failed', 'refused', 'aborted', 'slow']],
    ['answered', ['answered', 'slow']],
    ['failed', ['failed']],
    ['refused', ['refused']],
    ['canceled', ['aborted']],
    ['slow', ['slow']],
  ] as const)('%s', (filter, shown) => {
    expect(ids(filteredRequests(requests, filter, ''))).toEqual(shown);
  });

  it('has a filter for every ending', () => {
    expect(REQUEST_FILTERS.map(({ value }) => value)).toHaveLength(6);
  });

  it('is found by its program, in any case', () => {
    expect(ids(filteredRequests(requests, 'all', ' BATCH '))).toEqual(['failed']);
  });

  it('stays where it is while a person looks, and says how many came since', () => {
    expect(heldRequests(requests, undefined)).toEqual({ shown: requests, newer: 0 });
    const { shown, newer } = heldRequests(requests, 'refused');
    expect([ids(shown), newer]).toEqual([['refused', 'aborted', 'slow'], 2]);
    // What it was held at is gone: nothing is hidden.
    expect(heldRequests(requests, 'gone').newer).toBe(0);
  });
});

describe('the phases of a request', () => {
  it('follow each other, with the first token after queue, load and prefill', () => {
    const { parts, total, firstToken } = phasesOf(
      aRequest('a', { queueMs: 1220, loadMs: 2040, firstTokenMs: 1860, totalMs: 9480 }),
    );
    expect(parts.map(({ label, start, ms }) => [label, start, ms])).toEqual([
      ['Queue', 0, 1220],
      ['Load', 1220, 2040],
      ['Prefill', 3260, 1860],
      ['Decode', 5120, 4360],
    ]);
    expect([total, firstToken]).toEqual([9480, 5120]);
  });

  it('are left out where they did not happen', () => {
    expect(phasesOf(aRequest('a', { totalMs: 3 }))).toEqual({
      parts: [],
      total: 3,
      firstToken: undefined,
    });
  });
});

describe('the speed of a profile', () => {
  const requests = [
    aRequest('new', { time: '2026-11-23T10:29:00.000Z', tokensPerSecond: 50 }),
    aRequest('none', { time: '2026-11-23T10:28:00.000Z' }),
    aRequest('other', { profileId: 'phi', tokensPerSecond: 10 }),
    aRequest('middle', { tokensPerSecond: 80 }),
    aRequest('last', { tokensPerSecond: 90 }),
    aRequest('old', { time: '2026-11-23T09:29:00.000Z', tokensPerSecond: 1 }),
  ];

  it('is the last one and the middle of the last hour', () => {
    expect(speedOf(requests, NOW, 'qwen')).toEqual({ last: 50, median: 80 });
    expect(speedOf(requests, NOW, 'nobody')).toBeUndefined();
    expect(speedOf(requests, NOW + 3_600_000, 'qwen')).toBeUndefined();
  });

  it('is part of what went through in the last hour', () => {
    const told = [
      aRequest('a', { promptTokens: 100, cachedTokens: 50 }),
      aRequest('b', { promptTokens: 100, ending: 'failed' }),
      ...requests,
    ];
    const { reuse, requests: count, failed, isMore } = lastHour(told, NOW, 500);
    expect({ reuse, count, failed, isMore }).toEqual({
      reuse: 0.5,
      count: 7,
      failed: 1,
      isMore: false,
    });
    expect(lastHour([], NOW, 500).reuse).toBeUndefined();
    expect(lastHour(told, NOW, 7).isMore).toBe(true);
  });
});

describe('the words for a request and for the gateway', () => {
  it('say how it ended', () => {
    const labels = (['answered', 'aborted', 'refused', 'failed'] as const).map(
      (ending) => endingOf(aRequest('a', { ending, status: 503 })).label,
    );
    expect(labels).toEqual(['503', 'Canceled', '503 Refused', '503 Failed']);
  });

  it('say what it was, also of a kind that is new', () => {
    expect(operationText(aRequest('a', { sideCall: true }))).toBe(
      'OpenAI chat completion, streamed, side call',
    );
    expect(operationText(aRequest('a', { dialect: 'new', operation: 'odd', stream: false }))).toBe(
      'new odd',
    );
  });

  it('say what was reused only where the engine did', () => {
    expect(reusedText(aRequest('a', { promptTokens: 13_204, cachedTokens: 12_148 }))).toBe(
      '12,148 of 13,204 tokens reused',
    );
    expect(reusedText(aRequest('a', { promptTokens: 13_204 }))).toBeUndefined();
  });

  it('say why the gateway does not listen', () => {
    const failed = { state: 'failed', url: null, port: 1 } as const;
    expect(gatewayState(failed).label).toBe('Not listening');
    expect(gatewayState({ ...failed, failure: { code: 'port_in_use', message: '' } }).label).toBe(
      'Port in use',
    );
  });
});
