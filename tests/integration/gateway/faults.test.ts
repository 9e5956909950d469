import {
  createGatewayHarness,
  DIALECTS,
  type GatewayHarness,
  openSocket,
} from '@fixtures/gateway-harness';
import { until } from '@fixtures/until';
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

describe.each(DIALECTS)('an engine that dies in the middle ($name)', (dialect) => {
  // A profile for each: what is asked of one that has just died meets it at another moment each time.
  it.each([true, false])('of an answer, streamed: %s', async (isStream) => {
    const name = `Dies ${dialect.name} ${isStream}`;
    await h.profile(name, { DIE_AFTER_TOKENS: 2 });
    const answer = await h.ask(dialect, name, { isStream, signal: AbortSignal.timeout(HANGS_MS) });
    const seen = `${answer.status} ${answer.text}`;
    expect(dialect.failureIn(answer)?.message, seen).toMatch(/closed the connection/);
    if (isStream) expect(dialect.wordsOf(answer), seen).toBe('Hello from');
    else expect(answer.status, seen).toBe(502);
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

/** From the client's end to the end of the engine's connection, ms. */
const GONE_WITHIN_MS = 50;

describe.each(DIALECTS)('a client that goes away ($name)', (dialect) => {
  it('in the middle of an answer: the engine hears of it at once', async () => {
    const name = `Slow ${dialect.name}`;
    const words = JSON.stringify(Array.from({ length: 400 }, (_, index) => ` ${index}`));
    await h.profile(name, { TOKEN_MS: 20, WORDS: words, EVENTS_FILE: h.eventsFile(name) });
    const took: number[] = [];
    for (let round = 0; round < 6; round += 1) {
      const { leftAt = 0 } = await h.ask(dialect, name, { leaveAfter: 3 });
      const closed = await until(async () => {
        const events = await h.engineEvents(name);
        const open = events.filter(({ event }) => event === 'begun').length * 2 - events.length;
        return open === 0 && events.at(-1);
      }, 'the connection to the engine to close');
      took.push(closed.at - leftAt);
    }
    console.log(`${dialect.name}: the engine's connection closed after ${took.join(', ')} ms`);
    // The median: the machine does other things too.
    expect(took.toSorted((a, b) => a - b)[3]).toBeLessThan(GONE_WITHIN_MS);
  });

  it('while its engine reads the prompt', async () => {
    const name = `Reads ${dialect.name}`;
    await h.profile(name, { CHAT_FAULT: 'only-head', EVENTS_FILE: h.eventsFile(name) });
    const took: number[] = [];
    for (let round = 0; round < 3; round += 1) {
      const gone = new AbortController();
      const asked = h.ask(dialect, name, { signal: gone.signal }).catch(() => undefined);
      const events = (): ReturnType<typeof h.engineEvents> => h.engineEvents(name);
      const isRead = async (): Promise<boolean> =>
        h.books().underWay === 1 && (await events()).at(-1)?.event === 'begun';
      await until(isRead, 'the engine to have the request');
      const leftAt = Date.now();
      gone.abort();
      await asked;
      const closed = await until(async () => {
        const last = (await events()).at(-1);
        return last?.event === 'closed' && last;
      }, 'the connection to the engine to close');
      took.push(closed.at - leftAt);
    }
    expect(Math.min(...took), took.join()).toBeLessThan(GONE_WITHIN_MS);
  });

  it('while its server loads: it leaves the queue, and the server is there for the next one', async () => {
    const name = `Loads ${dialect.name}`;
    const { id } = await h.profile(name, { LOAD_MS: 3000, EVENTS_FILE: h.eventsFile(name) });
    const gone = new AbortController();
    const asked = h.ask(dialect, name, { signal: gone.signal }).catch(() => undefined);
    await h.waitFor(id, 'loading');
    expect(h.books()).toEqual({ waiting: 1, underWay: 0 });
    gone.abort();
    await asked;
    await until(() => h.books().waiting === 0, 'the client to leave the queue', 1000);
    await h.waitFor(id, 'ready');
    const answer = await h.ask(dialect, name, { signal: AbortSignal.timeout(HANGS_MS) });
    expect(dialect.wordsOf(answer)).toContain('Hello');
  });

  it('before its body is complete', async () => {
    const socket = await openSocket(h.port);
    socket.write(
      `POST ${dialect.path} HTTP/1.1\r\nHost: 127.0.0.1:${h.port}\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{"model":`,
    );
    socket.destroy();
    const list = await h.ask({ ...dialect, path: dialect.path }, 'nobody', { isStream: false });
    expect(list.status).toBe(404);
  });
});

describe.each(DIALECTS)('a server that does not come ($name)', (dialect) => {
  it('fails to start: its sentence reaches the client, and again without a new try', async () => {
    const name = `Fails ${dialect.name}`;
    const { id } = await h.profile(name, { FAIL: 'unsupported_architecture' });
    const signal = AbortSignal.timeout(HANGS_MS);
    const streamed = await h.ask(dialect, name, { signal });
    const failed = await h.waitFor(id, 'failed');
    const sentence = failed.failure?.message ?? 'no sentence';
    expect(dialect.failureIn(streamed)?.message, streamed.text).toContain(sentence);
    const again = await h.ask(dialect, name, { isStream: false, signal });
    expect(again.status).toBe(503);
    expect(dialect.failureIn(again)?.message).toContain(sentence);
    expect(Number(again.headers['retry-after'])).toBeGreaterThan(0);
    const starts = h.seen.filter(({ profileId, state }) => profileId === id && state === 'queued');
    expect(new Set(starts.map(({ since }) => since)).size).toBe(1);
  });

  it('is started by hand alone: 503 with how to start it', async () => {
    const name = `Manual ${dialect.name}`;
    await h.profile(name, {}, { start: 'manual' });
    const answer = await h.ask(dialect, name);
    expect(answer.status).toBe(503);
    expect(dialect.failureIn(answer)?.message).toContain(`mlx-manager start '${name}'`);
    expect(answer.headers['x-should-retry']).toBe('false');
  });

  it('does not exist: 404 with what does', async () => {
    const answer = await h.ask(dialect, 'No such model', { isStream: false });
    expect(answer.status).toBe(404);
    expect(dialect.failureIn(answer)?.message).toMatch(/no model "No such model"\. Models: /);
  });

  it('has a full queue: 429, the others are answered', async () => {
    const name = `Full ${dialect.name}`;
    const { id } = await h.profile(name, { LOAD_MS: 4000 });
    const signal = AbortSignal.timeout(HANGS_MS * 2);
    const asked = Array.from({ length: 105 }, () => h.ask(dialect, name, { signal }));
    await h.waitFor(id, 'loading');
    const answers = await Promise.all(asked);
    const refused = answers.filter(({ status }) => status === 429);
    expect(refused).toHaveLength(5);
    expect(refused.map((one) => one.headers['retry-after'])).toEqual(Array(5).fill('5'));
    for (const one of refused) expect(dialect.failureIn(one)?.message).toContain('already wait');
    const answered = answers.filter((one) => dialect.wordsOf(one).includes('Hello'));
    expect(answered).toHaveLength(100);
    expect(answered.every(dialect.isComplete)).toBe(true);
  });
});
