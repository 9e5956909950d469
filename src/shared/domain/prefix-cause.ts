/** Why an engine computed tokens again that it had computed for the session's last prompt. */
export const PREFIX_CAUSES = [
  /** Nothing was computed again that could have been reused. */
  'none',
  /** A line that holds a time, a date, a number or an id is another one each time. */
  'changing_line',
  /** The same tools in another order. */
  'tools_reordered',
  'tools_changed',
  /** A message was rewritten, moved or taken out. */
  'message_changed',
  /** A system message was put between the others. */
  'note_inserted',
  /** The client compacted or cut its history. */
  'history_cut',
  /** The server was started again, so that its cache was empty. */
  'restarted',
  /** Another request took the cache's place. */
  'evicted',
  /** Two kinds of requests take turns, and the cache holds one of them alone. */
  'cache_too_small',
  /** The prompt was the same and nobody was in between; the engine does not say why. */
  'not_reused',
] as const;
export type PrefixCause = (typeof PREFIX_CAUSES)[number];

/** What a sentence about a finding needs of it. */
interface Told {
  readonly cause: PrefixCause;
  readonly part?: number | undefined;
  readonly role?: string | undefined;
  readonly line?: number | undefined;
  readonly inBetween?: 'side_call' | 'session' | undefined;
}

const SENTENCES: Readonly<Record<PrefixCause, (told: Told) => string>> = {
  none: () => "The engine computed little or nothing of the session's last prompt again.",
  changing_line: (told) =>
    `${placeOf(told)} holds a value that changes with each request, such as the time or an id.`,
  tools_reordered: () => 'The client sent the same tools in another order.',
  tools_changed: () => 'The client sent other tools than in its last request.',
  message_changed: (told) =>
    `The client rewrote, moved or removed a message. The prompt differs from ${inSentence(placeOf(told))} on.`,
  note_inserted: ({ part }) =>
    `The client inserted a system message${part === undefined ? '' : ` (part ${part})`} before messages that it had already sent.`,
  history_cut: () => 'The client compacted or shortened its history.',
  restarted: () =>
    'The server was restarted since the last request, so its prompt cache was empty.',
  evicted: (told) =>
    `${rivalOf(told)} used the server in between and displaced this session from the prompt cache.`,
  cache_too_small: (told) =>
    `${rivalOf(told)} and this session take turns on the server, and the prompt cache holds only one of them.`,
  not_reused: () =>
    'The prompt begins like the last one, but the engine did not reuse it and does not say why.',
};

const clientSetting = (_: Told, client: string): string =>
  client.startsWith('claude-code')
    ? 'Start Claude Code with CLAUDE_CODE_ATTRIBUTION_HEADER=0 and CLAUDE_CODE_TOTAL_TOKENS_REMINDER=off.'
    : "Check the client's settings for one that turns this text off or moves it away from the prompt's beginning.";
const sameTools = (): string =>
  'Connect all tool servers before a session begins, and keep the same tools during it.';
const moreCache = ({ inBetween }: Told): string =>
  inBetween === 'side_call'
    ? "Increase the profile's prompt cache size, or give side calls such as titles a profile of their own."
    : "Increase the profile's prompt cache size, or give the other session a profile of its own.";

const MENDS: Readonly<Record<PrefixCause, (told: Told, client: string) => string | undefined>> = {
  none: () => undefined,
  changing_line: clientSetting,
  note_inserted: clientSetting,
  tools_reordered: sameTools,
  tools_changed: sameTools,
  message_changed: () =>
    "Check the client's settings for one that leaves earlier messages as they are, such as old tool results.",
  history_cut: () =>
    'Give the profile a longer context length, so that the client compacts less often.',
  restarted: () => 'Let the profile stay loaded longer, or pin it.',
  evicted: moreCache,
  cache_too_small: moreCache,
  not_reused: () => "Check that the profile's prompt cache is on and large enough for this prompt.",
};

/** What happened to the common beginning of two prompts, as a sentence. */
export function prefixSentence(told: Told): string {
  return SENTENCES[told.cause](told);
}

/**
 * What mends it and leaves the prompt as the client sent it; undefined where there is nothing to mend.
 * @param client as the records name it: of some it is known which of their settings helps.
 */
export function prefixMend(told: Told, client: string): string | undefined {
  return MENDS[told.cause](told, client);
}

function rivalOf({ inBetween }: Told): string {
  return inBetween === 'side_call' ? 'A side call, such as a title,' : 'Another session';
}

function placeOf({ part, role, line }: Told): string {
  const what = role === undefined ? 'The message' : `The ${role} message`;
  const where = part === undefined ? '' : ` (part ${part})`;
  return line === undefined ? `${what}${where}` : `Line ${line} of ${inSentence(what)}${where}`;
}

function inSentence(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}
