import type { Conversation, Message, Tool } from '@gateway/conversation/conversation';
import { PrefixDoctor } from '@gateway/sessions/prefix-doctor';
import { prefixMend, prefixSentence } from '@shared/domain/prefix-cause';
import type { PrefixFinding } from '@shared/gateway/record';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { assistant, conversation, system, tool, toolResult, user } from './conversations';
import { READING_SPEED, ScriptedEngine } from './scripted-engine';

/** Text of about so many characters that no other has. */
function prose(name: string, length: number): string {
  const lines: string[] = [];
  for (let n = 0; lines.join('\n').length < length; n++) {
    lines.push(`Sentence ${String.fromCharCode(97 + (n % 26))} of ${name} goes on about it.`);
  }
  return lines.join('\n').slice(0, length);
}

const INSTRUCTIONS = prose('instructions', 12_000);
const TOOLS = ['read', 'write', 'search', 'run'].map((name) => tool(name));
const HISTORY: Message[] = [
  user(prose('question', 2000)),
  assistant(prose('answer', 1500)),
  toolResult(prose('file', 9000)),
  assistant(prose('second answer', 1500)),
];

/** A session's turns, with an engine behind it. */
class Script {
  readonly doctor = new PrefixDoctor();
  readonly engine: ScriptedEngine;
  #run = 1;

  constructor(engine = new ScriptedEngine()) {
    this.engine = engine;
  }

  restart(): void {
    this.engine.restart();
    this.#run++;
  }

  turn(
    asked: Conversation,
    { session = 'main', isSideCall = false, tellsCached = true } = {},
  ): { finding: PrefixFinding | undefined; computed: number; promptTokens: number } {
    const look = this.doctor.look({
      ...{ session, isSideCall, run: this.#run },
      profileId: 'p',
      conversation: asked,
    });
    const { cachedTokens, ...told } = this.engine.ask(asked);
    const record = this.doctor.answered(look, { ...told, ...(tellsCached && { cachedTokens }) });
    const computed = told.promptTokens - cachedTokens;
    return { finding: record.prefix, computed, promptTokens: told.promptTokens };
  }
}

const asked = (messages: readonly Message[], tools: readonly Tool[] = TOOLS): Conversation =>
  conversation(messages, tools);

interface Case {
  readonly name: string;
  readonly before: Conversation;
  readonly after: Conversation;
  /** Characters of the second prompt that the first did not hold in any place. */
  readonly fresh: number;
  readonly finding: Partial<PrefixFinding>;
}

const NEW = user(prose('new question', 800));

const BREAKS: Case[] = [
  {
    name: 'a line with the time',
    before: asked([
      system(`You help.\nIt is 2026-11-30 09:14:07 UTC.\n${INSTRUCTIONS}`),
      ...HISTORY,
    ]),
    after: asked([
      system(`You help.\nIt is 2026-11-30 09:15:31 UTC.\n${INSTRUCTIONS}`),
      ...HISTORY,
      NEW,
    ]),
    fresh: 830,
    finding: { cause: 'changing_line', part: 1, role: 'system', line: 2 },
  },
  {
    name: 'a line with a date in words and an id',
    before: asked([
      system(`Today is Monday, Nov 30. Request 8f3a-77be9.\n${INSTRUCTIONS}`),
      ...HISTORY,
    ]),
    after: asked([
      system(`Today is Tuesday, Dec 1. Request 01bc-d9e44.\n${INSTRUCTIONS}`),
      ...HISTORY,
      NEW,
    ]),
    fresh: 850,
    finding: { cause: 'changing_line', part: 1, line: 1 },
  },
  {
    name: 'tools in another order',
    before: asked([system('You help.'), ...HISTORY]),
    after: asked([system('You help.'), ...HISTORY, NEW], TOOLS.toReversed()),
    fresh: 830,
    finding: { cause: 'tools_reordered', part: 2, role: 'tools' },
  },
  {
    name: 'another tool',
    before: asked([system('You help.'), ...HISTORY]),
    after: asked([system('You help.'), ...HISTORY, NEW], [tool('new'), ...TOOLS]),
    fresh: 1400,
    finding: { cause: 'tools_changed', part: 2, role: 'tools' },
  },
  {
    name: 'fewer tools',
    before: asked([system('You help.'), ...HISTORY]),
    after: asked([system('You help.'), ...HISTORY, NEW], TOOLS.slice(0, 1)),
    fresh: 830,
    finding: { cause: 'tools_changed', part: 3, role: 'tools' },
  },
  {
    name: 'an old tool result that was taken out',
    before: asked([system(INSTRUCTIONS), ...HISTORY, ...HISTORY]),
    after: asked([
      system(INSTRUCTIONS),
      ...HISTORY.map((message) => (message.role === 'tool' ? toolResult('[removed]') : message)),
      ...HISTORY,
      NEW,
    ]),
    fresh: 850,
    finding: { cause: 'message_changed', part: 8, role: 'tool', line: 1 },
  },
  {
    name: 'a note that moved to the end',
    before: asked([system(INSTRUCTIONS), user('Start.'), system('A note.'), ...HISTORY]),
    after: asked([system(INSTRUCTIONS), user('Start.'), ...HISTORY, system('A note.'), NEW]),
    fresh: 830,
    finding: { cause: 'message_changed', part: 7 },
  },
  {
    name: 'a system note between messages',
    before: asked([system(INSTRUCTIONS), ...HISTORY]),
    after: asked([system(INSTRUCTIONS), system(prose('note', 900)), ...HISTORY, NEW], TOOLS),
    fresh: 1760,
    finding: { cause: 'note_inserted', part: 2, role: 'system' },
  },
  {
    name: 'the first turns left out',
    before: asked([system(INSTRUCTIONS), ...HISTORY, user('Go on.'), ...HISTORY.slice(1)]),
    after: asked([
      system(INSTRUCTIONS),
      ...HISTORY.slice(2),
      user('Go on.'),
      ...HISTORY.slice(1),
      NEW,
    ]),
    fresh: 830,
    finding: { cause: 'history_cut', part: 6 },
  },
];

describe('PrefixDoctor', () => {
  it.each(BREAKS)('finds $name', ({ before, after, fresh, finding }) => {
    const script = new Script();
    expect(script.turn(before).finding).toBeUndefined();
    const { finding: found, computed } = script.turn(after);
    expect(found).toMatchObject({ ...finding, isEstimate: false });
    const again = computed - fresh / 4;
    near(found?.tokensAgain, again);
    near(found?.secondsAgain, again / READING_SPEED);
    if (found) {
      expect(prefixSentence(found)).toMatch(/^[A-Z].*\.$/);
      expect(prefixMend(found, 'claude-code 2.1')).toMatch(/^[A-Z].*\.$/);
    }
  });

  it('finds nothing wrong while a session only grows', () => {
    const script = new Script(new ScriptedEngine({ block: 64 }));
    const messages: Message[] = [system(INSTRUCTIONS)];
    for (let turn = 0; turn < 6; turn++) {
      messages.push(user(prose(`question ${turn}`, 1500)));
      const { finding } = script.turn(asked(messages));
      if (turn > 0) expect(finding).toMatchObject({ cause: 'none' });
      messages.push(assistant(prose(`answer ${turn}`, 900)));
    }
  });

  it('finds nothing wrong with a turn that is asked once more, or taken back', () => {
    const script = new Script();
    script.turn(asked([system(INSTRUCTIONS), ...HISTORY]));
    for (const again of [HISTORY, HISTORY.slice(0, 2), [...HISTORY.slice(0, 2), NEW]]) {
      const { finding } = script.turn(asked([system(INSTRUCTIONS), ...again]));
      expect(finding).toMatchObject({ cause: 'none' });
    }
  });

  it('finds that a history was compacted', () => {
    const script = new Script();
    const long = Array.from({ length: 10 }, (_, n) => [
      user(prose(`question ${n}`, 1000)),
      assistant(prose(`answer ${n}`, 3000)),
    ]).flat();
    script.turn(asked([system('You help.'), ...long]));
    const { finding } = script.turn(
      asked([system('You help.'), user(prose('summary', 3000)), ...long.slice(-4)]),
    );
    expect(finding).toMatchObject({ cause: 'history_cut', part: 6 });
    // What was kept of the turns is read once more: 8,000 characters.
    near(finding?.tokensAgain, 2000);
  });

  it('finds that the server was restarted', () => {
    const script = new Script();
    script.turn(asked([system(INSTRUCTIONS), ...HISTORY]));
    script.restart();
    const { finding, promptTokens } = script.turn(asked([system(INSTRUCTIONS), ...HISTORY, NEW]));
    expect(finding).toMatchObject({ cause: 'restarted', isEstimate: false });
    near(finding?.tokensAgain, promptTokens - 830 / 4);
  });

  it('tells a restart from a changed line by what cost more', () => {
    const script = new Script();
    const head = (time: string): Message => system(`Time: ${time}\n${INSTRUCTIONS}`);
    script.turn(asked([head('10:01'), ...HISTORY]));
    script.restart();
    expect(script.turn(asked([head('10:02'), ...HISTORY])).finding).toMatchObject({
      cause: 'changing_line',
    });
  });

  it('tells it from a message that was rewritten at the end', () => {
    const script = new Script();
    script.turn(asked([system(INSTRUCTIONS), ...HISTORY, user(prose('draft', 2000)), NEW]));
    script.restart();
    const { finding } = script.turn(
      asked([system(INSTRUCTIONS), ...HISTORY, user(prose('better', 2000)), NEW]),
    );
    expect(finding).toMatchObject({ cause: 'restarted' });
    expect(finding?.part).toBeUndefined();
  });

  it('finds who took the cache, and that it will go on like that', () => {
    const script = new Script(new ScriptedEngine({ slots: 1 }));
    const title = conversation([system('You are a title generator.'), user(prose('talk', 4000))]);
    const messages: Message[] = [system(INSTRUCTIONS), ...HISTORY];
    script.turn(asked(messages));
    script.turn(title, { isSideCall: true });
    messages.push(NEW);
    const first = script.turn(asked(messages));
    expect(first.finding).toMatchObject({ cause: 'evicted', inBetween: 'side_call' });
    near(first.finding?.tokensAgain, first.promptTokens - 830 / 4);
    script.turn(title, { isSideCall: true });
    messages.push(assistant('Yes.'), user('And now?'));
    expect(script.turn(asked(messages)).finding).toMatchObject({
      cause: 'cache_too_small',
      inBetween: 'side_call',
    });
  });

  it('tells another session from a side call', () => {
    const script = new Script(new ScriptedEngine({ slots: 1 }));
    script.turn(asked([system(INSTRUCTIONS), ...HISTORY]));
    script.turn(asked([system('Other'), user('hi')]), { session: 'other' });
    const { finding } = script.turn(asked([system(INSTRUCTIONS), ...HISTORY, NEW]));
    expect(finding).toMatchObject({ cause: 'evicted', inBetween: 'session' });
  });

  it('does not mind who was in between where the cache holds both', () => {
    const script = new Script(new ScriptedEngine({ slots: 2 }));
    script.turn(asked([system(INSTRUCTIONS), ...HISTORY]));
    script.turn(asked([system('Other'), user('hi')]), { session: 'other' });
    const { finding } = script.turn(asked([system(INSTRUCTIONS), ...HISTORY, NEW]));
    expect(finding).toMatchObject({ cause: 'none' });
  });

  it('says that it does not know why an engine reused nothing', () => {
    const script = new Script(new ScriptedEngine({ slots: 0 }));
    script.turn(asked([system(INSTRUCTIONS), ...HISTORY]));
    const { finding } = script.turn(asked([system(INSTRUCTIONS), ...HISTORY, NEW]));
    expect(finding).toMatchObject({ cause: 'not_reused' });
  });

  it('reckons where the engine does not tell', () => {
    const script = new Script();
    const head = (time: string): Message => system(`Time: ${time}\n${INSTRUCTIONS}`);
    script.turn(asked([head('10:01'), ...HISTORY]), { tellsCached: false });
    const { finding, computed } = script.turn(asked([head('10:02'), ...HISTORY]), {
      tellsCached: false,
    });
    expect(finding).toMatchObject({ cause: 'changing_line', isEstimate: true });
    expect(finding?.secondsAgain).toBeUndefined();
    near(finding?.tokensAgain, computed);
  });

  it('calls a line changing that is another one for the second time', () => {
    const script = new Script();
    const branch = (name: string): Conversation =>
      asked([system(`Branch: ${name}\n${INSTRUCTIONS}`), ...HISTORY]);
    script.turn(branch('main'));
    expect(script.turn(branch('fix')).finding).toMatchObject({ cause: 'message_changed', line: 1 });
    expect(script.turn(branch('docs')).finding).toMatchObject({ cause: 'changing_line', line: 1 });
  });

  it('never counts more than the engine computed, whatever follows whatever', () => {
    const message = fc.oneof(
      ...[system, user, assistant, toolResult].map((make) =>
        fc.constantFrom('', 'a', prose('b', 900), prose('c', 3000), 'It is 10:01\nnow').map(make),
      ),
    );
    const turn = fc.record({
      messages: fc.array(message, { maxLength: 8 }),
      tools: fc.subarray(TOOLS).chain((some) => fc.shuffledSubarray(some)),
      isSideCall: fc.boolean(),
      session: fc.constantFrom('main', 'other'),
      tellsCached: fc.boolean(),
      restarts: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(turn, { maxLength: 12 }), fc.nat(2), (turns, slots) => {
        const script = new Script(new ScriptedEngine({ slots }));
        for (const { messages, tools, restarts, ...how } of turns) {
          if (restarts) script.restart();
          const { finding, computed, promptTokens } = script.turn(asked(messages, tools), how);
          if (!finding) continue;
          expect(finding.tokensAgain).toBeGreaterThanOrEqual(0);
          expect(finding.tokensAgain).toBeLessThanOrEqual(
            how.tellsCached ? computed : promptTokens,
          );
          expect(prefixSentence(finding)).not.toContain('undefined');
        }
      }),
    );
  });

  it('records hashes and lengths, and no text', () => {
    const doctor = new PrefixDoctor();
    const look = doctor.look({
      ...{ session: 's', isSideCall: false, profileId: 'p', run: 1 },
      conversation: asked([system('a secret'), user('another secret')]),
    });
    const record = doctor.answered(look, {});
    expect(record.prompt).toHaveLength(2 + TOOLS.length);
    expect(JSON.stringify(record)).not.toContain('secret');
  });
});

/** Within 10 %. */
function near(found: number | undefined, expected: number): void {
  expect(found, `about ${expected}`).toBeGreaterThan(expected * 0.9);
  expect(found, `about ${expected}`).toBeLessThan(expected * 1.1);
}
