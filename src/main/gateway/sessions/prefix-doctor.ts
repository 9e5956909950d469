import type { PrefixFinding, RequestRecord } from '@shared/gateway/record';
import type { Conversation } from '../conversation/conversation';
import { findCause } from './prefix-cause';
import { type PrefixComparison, PrefixMemory, type SentPrompt } from './prefix-memory';
import { promptParts, type TextPart, withoutText } from './prompt-parts';
import { ReadingSpeed } from './reading-speed';
import { ServerUsers } from './server-users';

export interface PromptFacts {
  readonly session: string;
  readonly isSideCall: boolean;
  readonly profileId: string;
  /** Number of the server's run that gets it. */
  readonly run: number;
  readonly conversation: Conversation;
}

/** What an engine told with its answer. */
export interface AnswerFacts {
  readonly promptTokens?: number | undefined;
  readonly cachedTokens?: number | undefined;
  /** Of the engine alone, without queue and load. */
  readonly firstTokenMs?: number | undefined;
}

/** A prompt between its way to the engine and the engine's answer. */
export interface PromptLook {
  readonly profileId: string;
  readonly parts: readonly TextPart[];
  readonly sent: SentPrompt;
  readonly comparison?: PrefixComparison | undefined;
  readonly isOtherRun: boolean;
  readonly inBetween?: 'side_call' | 'session' | undefined;
}

type PromptRecord = Pick<RequestRecord, 'prompt' | 'commonCharacters' | 'prefix'>;

/**
 * Follows each session's prompts: how much of one is the same as in the last, how much of that the engine could use
 * again, and why it was not more.
 */
export class PrefixDoctor {
  readonly #memory: PrefixMemory;
  readonly #users = new ServerUsers();
  readonly #speed = new ReadingSpeed();
  readonly #findings = new WeakMap<SentPrompt, PrefixFinding>();

  constructor(memory: PrefixMemory = new PrefixMemory()) {
    this.#memory = memory;
  }

  /** Called when a prompt is sent to its engine. */
  look({ session, isSideCall, profileId, run, conversation }: PromptFacts): PromptLook {
    const parts = promptParts(conversation);
    // A title shares its session's id and nothing of its prompt.
    const lane = `${profileId}\n${session}${isSideCall ? '\nside' : ''}`;
    const inBetween = this.#users.take(profileId, lane, isSideCall);
    const { sent, comparison } = this.#memory.take(lane, parts, run);
    const isOtherRun = comparison !== undefined && comparison.previous.run !== run;
    return { profileId, parts, sent, comparison, isOtherRun, inBetween };
  }

  /** Called with the end of its answer: what the record tells of the prompt. */
  answered(look: PromptLook, answer: AnswerFacts): PromptRecord {
    const { promptTokens, cachedTokens } = answer;
    look.sent.promptTokens = promptTokens;
    this.#speed.learn(look.profileId, answer);
    const prompt = look.parts.map(withoutText);
    if (!look.comparison) return { prompt };
    const { previous, commonCharacters } = look.comparison;
    const prefix = findCause({
      comparison: look.comparison,
      next: look.parts,
      last: this.#findings.get(previous),
      isOtherRun: look.isOtherRun,
      inBetween: look.inBetween,
      promptTokens,
      cachedTokens,
      readingSpeed: this.#speed.of(look.profileId),
    });
    this.#findings.set(look.sent, prefix);
    return { prompt, commonCharacters, prefix };
  }
}
