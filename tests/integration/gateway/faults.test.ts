import { createGatewayHarness, DIALECTS, type GatewayHarness } from '@fixtures/gateway-harness';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';

/** A client that is not answered within this would wait for ever, ms. */
const HANGS_MS = 20_000;

let h: GatewayHarness;
beforeAll(async () => {
  h = await createGatewayHarness();
  await h.registerEngine();
});
afterEach(() => h.proveNothingLeft());
afterAll(() => h.close());

/** What the engine does, and what of it the client must hear. `words`: what came before, in a stream. */
const FAULTS: readonly {
  readonly fault: string;
  readonly switches: Parameters<GatewayHarness['profile']>[1];
  readonly says: RegExp;
  readonly words?: string;
}[] = [
  {
    fault: 'closes the connection in the middle',
    switches: { CUT_AFTER_TOKENS: 2 },
    says: /closed the connection/,
    words: 'Hello from',
  },
  {
    fault: 'dies in the middle',
    switches: { DIE_AFTER_TOKENS: 2 },
    says: /closed the connection/,
    words: 'Hello from',
  },
  {
    fault: 'closes the connection at once',
    switches: { CHAT_FAULT: 'closes-at-once' },
    says: /closed the connection/,
  },
  { fault: 'speaks no HTTP', switches: { CHAT_FAULT: 'no-http' }, says: /HTTP|connection/ },
  { fault: 'answers nothing', switches: { CHAT_FAULT: 'empty' }, says: /closed the connection/ },
  { fault: 'sends no JSON', switches: { CHAT_FAULT: 'no-json' }, says: /isn't a JSON object/ },
  { fault: 'sends a page', switches: { CHAT_FAULT: 'html' }, says: /closed the connection/ },
  {
    fault: 'sends random bytes',
    switches: { CHAT_FAULT: 'binary' },
    says: /closed the connection|JSON/,
    words: 'Hello',
  },
  { fault: 'sends one endless line', switches: { CHAT_FAULT: 'endless-line' }, says: /characters/ },
  {
    fault: 'ends in the middle of a letter',
    switches: { CHAT_FAULT: 'half-letter' },
    says: /closed the connection/,
    words: 'Hello',
  },
  {
    fault: 'says an error in its stream',
    switches: { CHAT_FAULT: 'error-object' },
    says: /The cache is full/,
  },
  {
    fault: 'says an error after a word',
    switches: { CHAT_FAULT: 'late-error' },
    says: /The cache is full/,
    words: 'Hello',
  },
  {
    fault: 'says an error as a whole answer with status 200',
    switches: { CHAT_FAULT: 'whole-error' },
    says: /The cache is full/,
  },
  {
    fault: 'answers 500',
    switches: { CHAT_FAULT: 'status-500' },
    says: /status 500: made to fail/,
  },
  {
    fault: 'answers 404',
    switches: { CHAT_FAULT: 'status-404' },
    says: /status 404: made to fail/,
  },
];

describe('what an engine does wrong, each dialect tells as its own failure', () => {
  it.each(FAULTS)('an engine that $fault', async ({ fault, switches, says, words = '' }) => {
    await h.profile(fault, switches);
    for (const dialect of DIALECTS) {
      const signal = AbortSignal.timeout(HANGS_MS);
      const streamed = await h.ask(dialect, fault, { signal });
      const seen = `${dialect.name}: ${streamed.status} ${streamed.text}`;
      expect(dialect.failureIn(streamed)?.message, seen).toMatch(says);
      expect(streamed.status === 200 && dialect.isComplete(streamed), seen).toBe(false);
      if (words === '') expect(streamed.status, seen).toBeGreaterThanOrEqual(500);
      else expect(dialect.wordsOf(streamed), seen).toBe(words);
      const whole = await h.ask(dialect, fault, { isStream: false, signal });
      expect(dialect.failureIn(whole)?.message, whole.text).toMatch(says);
      expect(whole.status, whole.text).toBeGreaterThanOrEqual(500);
    }
  });
});

describe('what an engine does in its own way is an answer all the same', () => {
  it.each([
    { way: 'never closes its connection', fault: 'never-closes', words: 'Hello' },
    { way: 'answers in one piece', fault: 'whole', words: 'Hello in one piece' },
  ])('an engine that $way', async ({ way, fault, words }) => {
    await h.profile(way, { CHAT_FAULT: fault });
    for (const dialect of DIALECTS) {
      for (const isStream of [true, false]) {
        const signal = AbortSignal.timeout(HANGS_MS);
        const answer = await h.ask(dialect, way, { isStream, signal });
        const seen = `${dialect.name}: ${answer.status} ${answer.text}`;
        expect(answer.status, seen).toBe(200);
        expect(dialect.wordsOf(answer), seen).toBe(words);
        expect(dialect.isComplete(answer), seen).toBe(true);
      }
    }
  });
});
