/**
 * What a chat template does with a conversation, found by reading its text. What cannot be seen there counts as not
 * done, because what is then done instead works with every template.
 */

export interface TemplateFacts {
  /** Whether the text was there to be read. */
  readonly isKnown: boolean;
  /** Whether it has a place for a system message at the beginning. */
  readonly system: boolean;
  /** Whether a system message in the middle is written where it stands. */
  readonly lateSystem: boolean;
  /** Whether it refuses two user messages in a row. */
  readonly alternation: boolean;
  readonly tools: boolean;
  /** Whether it reads `reasoning_content` of earlier answers. */
  readonly reasoning: boolean;
  /** The argument that switches thinking on and off. */
  readonly thinkingSwitch: 'enable_thinking' | 'thinking' | undefined;
  /** Whether it reads `reasoning_effort`. */
  readonly effort: boolean;
}

/** Characters of a template at most: the longest of those known has a tenth. A model's author wrote it, not we. */
const LONGEST = 256 * 1024;
/** Loops, and places in each at which a role is read, that are looked at. */
const MOST_LOOPS = 12;
const MOST_PLACES = 200;

// What may be between two marks is bounded in each pattern, so that no template makes a search slow.
/** A call that refuses the conversation, with its sentence. */
const REFUSALS = /raise_exception\(\s{0,40}(?:'([^']{0,400})'|"([^"]{0,400})")/g;
/** Where the messages are gone through. */
const LOOPS =
  /\{%-?\s{0,40}for\s{1,40}(?:\w{1,40}\s{0,40},\s{0,40})?(\w{1,40})\s{1,40}in\s{1,40}[^%]{0,400}?messages/g;
/** What follows the role in a branch for the system that begins with text or an expression: it is written there. */
const SYSTEM_BRANCH = /^\s{0,40}==\s{0,40}['"]system['"][^%]{0,400}%\}\s{0,400}(?:\{\{|[^{\s])/;

/** @param text - the template in Jinja; undefined where there is none */
export function templateFacts(text: string | undefined): TemplateFacts {
  if (text === undefined || text === '' || text.length > LONGEST)
    return {
      isKnown: false,
      system: true,
      lateSystem: false,
      alternation: false,
      tools: false,
      reasoning: false,
      thinkingSwitch: undefined,
      effort: false,
    };
  const refusals = [...text.matchAll(REFUSALS)].map((match) => match[1] ?? match[2] ?? '');
  const alternation = refusals.some((sentence) => /alternat/i.test(sentence));
  return {
    isKnown: true,
    system: !refusals.some((sentence) => /system role not supported/i.test(sentence)),
    lateSystem: !alternation && !refusals.some(refusesSystem) && writesLateSystem(text),
    alternation,
    tools: /\btools\b/.test(text),
    reasoning: text.includes('reasoning_content'),
    thinkingSwitch: thinkingSwitchOf(text),
    effort: text.includes('reasoning_effort'),
  };
}

/** "System message must be at the beginning.", "Only user and assistant roles are supported" and the like. */
function refusesSystem(sentence: string): boolean {
  return /system/i.test(sentence) || /only .*roles/i.test(sentence);
}

function thinkingSwitchOf(text: string): TemplateFacts['thinkingSwitch'] {
  if (text.includes('enable_thinking')) return 'enable_thinking';
  // A variable of its own, neither `message.thinking` nor a word of a text.
  return /\{%-?\s{0,40}(?:el)?if\b[^%]{0,400}(?<![.\w'"<[])thinking(?![\w'">])/.test(text)
    ? 'thinking'
    : undefined;
}

/** Whether a loop over the messages writes a system message, and does not only note it for elsewhere. */
function writesLateSystem(text: string): boolean {
  return [...text.matchAll(LOOPS)].slice(0, MOST_LOOPS).some((loop) => {
    const start = loop.index + loop[0].length;
    const role = new RegExp(`\\b${loop[1]}(?:\\.role|\\[['"]role['"]\\])`, 'g');
    const places = [...text.slice(start, start + LONGEST).matchAll(role)].slice(0, MOST_PLACES);
    const around = places.map(({ index, 0: { length } }) => ({
      before: text.slice(Math.max(0, start + index - 400), start + index),
      after: text.slice(start + index + length, start + index + length + 1000),
    }));
    if (around.some(({ after }) => SYSTEM_BRANCH.test(after))) return true;
    // Or every role is written by its name, and no branch makes a difference between users and others.
    const isWritten = around.some(
      ({ before }) => before.lastIndexOf('{{') > before.lastIndexOf('}'),
    );
    return isWritten && !around.some(({ after }) => /^\s{0,40}[!=]=\s{0,40}['"]user/.test(after));
  });
}
