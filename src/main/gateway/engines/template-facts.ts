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

/** A call that refuses the conversation, with its sentence. */
const REFUSALS = /raise_exception\(\s*(?:'([^']*)'|"([^"]*)")/g;
/** Where the messages are gone through. */
const LOOP = /\{%-?\s*for\s+(?:\w+\s*,\s*)?(\w+)\s+in\s+[^%]*messages/;

/** @param text - the template in Jinja; undefined where there is none */
export function templateFacts(text: string | undefined): TemplateFacts {
  if (text === undefined || text === '')
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
  return /\{%-?\s*(?:el)?if\b[^%]*(?<![.\w'"<[])thinking(?![\w'">])/.test(text)
    ? 'thinking'
    : undefined;
}

/** Whether the loop over the messages writes a system message, and does not only note it for elsewhere. */
function writesLateSystem(text: string): boolean {
  const loop = LOOP.exec(text);
  const name = loop?.[1];
  if (loop === null || name === undefined) return false;
  const body = text.slice(loop.index + loop[0].length);
  const role = `${name}(?:\\.role|\\[['"]role['"]\\])`;
  // A branch for it that begins with text or an expression, not with an assignment or another branch.
  const branch = new RegExp(`${role}\\s*==\\s*['"]system['"][^%]*%\\}\\s*(?:\\{\\{|[^{\\s])`);
  if (branch.test(body)) return true;
  // Or every role is written by its name, and no branch makes a difference between users and others.
  const written = new RegExp(`\\{\\{[^}]*${role}`);
  return written.test(body) && !new RegExp(`${role}\\s*[!=]=\\s*['"]user`).test(body);
}
