import type { EngineOption } from '@shared/domain/engine';
import type { OptionValue } from '@shared/domain/profile';

import type { EngineAdapter } from '../adapters/adapter';
import { COMMON_OPTIONS, type CommonOptionName, commonOption } from '../adapters/common-options';
import type { OptionHint } from '../adapters/option-hint';
import {
  commonNameOf,
  isLocalOption,
  normaliseOptionKey,
  optionHint,
} from '../adapters/option-key';

/** Environment for a `--help` that is read by a program: one line per option, no colours. */
export const HELP_ENV = {
  COLUMNS: '10000',
  NO_COLOR: '1',
  PYTHON_COLORS: '0',
  TERM: 'dumb',
} as const;

/** An entry of argparse's help before it is interpreted. */
interface HelpEntry {
  readonly invocation: string;
  readonly help: string;
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: colour codes begin with ESC
const COLOUR = /\u001b\[[0-9;]*m/g;

/** Everything in the `--help` of argparse or click that takes part in a command, sorted: common ones first. */
export function parseOptions(help: string, adapter: EngineAdapter): EngineOption[] {
  const options = helpEntries(help).flatMap((entry) => {
    const option = readEntry(entry, adapter);
    return option ? [option] : [];
  });
  const order = Object.keys(COMMON_OPTIONS);
  const rank = ({ key }: EngineOption): number =>
    order.includes(key) ? order.indexOf(key) : order.length;
  return options
    .filter((option, index) => options.findIndex(({ key }) => key === option.key) === index)
    .sort((a, b) => rank(a) - rank(b));
}

/** An entry begins two spaces in with a dash; its help follows after two spaces or on deeper lines. */
function helpEntries(help: string): HelpEntry[] {
  const entries: { invocation: string; help: string }[] = [];
  let open = false;
  for (const line of help.replace(COLOUR, '').split(/\r?\n/)) {
    const start = /^ {1,4}(-\S.*?)(?: {2,}(\S.*))?$/.exec(line);
    if (start) {
      entries.push({ invocation: start[1] ?? '', help: start[2] ?? '' });
      open = true;
    } else if (open && /^ {5,}\S/.test(line)) {
      const last = entries.at(-1);
      if (last) last.help = `${last.help} ${line.trim()}`.trim();
    } else open = false;
  }
  return entries;
}

function readEntry(entry: HelpEntry, adapter: EngineAdapter): EngineOption | undefined {
  const flag = /(?:^|[\s,])(--[A-Za-z0-9][\w-]*)/.exec(entry.invocation)?.[1];
  if (flag === undefined || flag === '--help' || flag === '--version') return undefined;
  const flagKey = normaliseOptionKey(flag);
  const name = commonNameOf(flagKey, adapter);
  const common = name && commonOption(name);
  const hint = optionHint(flagKey, adapter);
  const choices = choicesOf(entry.invocation);
  const stated = statedDefault(entry.help);
  const type = hint.type ?? inferType(flagKey, entry, choices, stated);
  const fallback = hint.default ?? typedDefault(type, stated, choices);
  return {
    key: name ?? flagKey,
    flag,
    type,
    ...(choices ? { choices } : {}),
    ...(fallback === undefined ? {} : { default: fallback }),
    help: name ? commonHelp(name, hint, adapter) : entry.help,
    group: common ? 'common' : 'advanced',
    label: common?.label ?? flagKey,
    ...(common?.unit === undefined ? {} : { unit: common.unit }),
    localOnly: isLocalOption(name ?? flagKey, adapter) || type === 'path',
    reserved: adapter.reserved.includes(flagKey),
  };
}

/** What a common option does, first in general, then on this engine; its range comes last. */
function commonHelp(name: CommonOptionName, hint: OptionHint, adapter: EngineAdapter): string {
  const { help } = commonOption(name);
  return [help, adapter.common[name]?.note, rangeText(hint)].filter(Boolean).join(' ');
}

/** Nothing is said of what everybody expects, such as a count of at least one. */
function rangeText({ type, min, max }: OptionHint): string {
  if (type !== 'integer' && type !== 'number') return '';
  if (min !== undefined && max !== undefined) return `${min} to ${max}.`;
  return min !== undefined && min > 1 ? `At least ${min}.` : '';
}

/** `(default: 512)`, `(default: 0, disables top-k)`, `Default: 5` or `Default is 5`. */
function statedDefault(help: string): string | undefined {
  const match = /\(default:\s*([^)]*)\)/i.exec(help) ?? /\bdefault(?::| is)\s*(\S+)/i.exec(help);
  const text = match?.[1]?.split(',')[0]?.trim().replace(/[.;]$/, '');
  return text === undefined || text === '' || text === 'None' ? undefined : text;
}

/** `{a,b}` as argparse writes choices, `[a|b]` as click does. */
function choicesOf(invocation: string): string[] | undefined {
  const list =
    /\{([^{}]+)\}/.exec(invocation)?.[1] ?? / \[([^\]\s]+\|[^\]\s]+)\]/.exec(invocation)?.[1];
  return list?.split(/[,|]/).map((choice) => choice.trim());
}

/** How click names the kinds of values (argparse repeats the option's own name). */
const CLICK_TYPES: Readonly<Record<string, EngineOption['type']>> = {
  INTEGER: 'integer',
  FLOAT: 'number',
  PATH: 'path',
  DIRECTORY: 'path',
  FILE: 'path',
};

function inferType(
  key: string,
  { invocation, help }: HelpEntry,
  choices: readonly string[] | undefined,
  stated: string | undefined,
): EngineOption['type'] {
  if (choices) return 'choice';
  if (!/(?<![\w-])--[\w-]{1,100}[ =]\[?[A-Za-z{<]/.test(invocation)) return 'flag';
  const click = CLICK_TYPES[/ ([A-Z]+)$/.exec(invocation)?.[1] ?? ''];
  if (click) return click;
  if (/\bjson\b/i.test(help)) return 'json';
  if (/-(?:path|dir|folder|file)$/.test(key)) return 'path';
  if (stated !== undefined && /^-?\d+$/.test(stated)) return 'integer';
  if (stated !== undefined && /^-?\d*\.\d+$/.test(stated)) return 'number';
  if (/\.\.\.\]?$/.test(invocation)) return 'list';
  if (/^(?:num|max)-|-(?:size|concurrency|tokens|bits|start|steps|seqs)$|^seed$/.test(key)) {
    return 'integer';
  }
  if (/(?:^temp|-p$|penalty|probability|threshold|scale)/.test(key)) return 'number';
  return 'text';
}

/** The default as a value; words that only describe it (`auto-detected`) are none. */
function typedDefault(
  type: EngineOption['type'],
  stated: string | undefined,
  choices: readonly string[] | undefined,
): OptionValue | undefined {
  if (type === 'flag') return false;
  if (stated === undefined || type === 'path') return undefined;
  if (type === 'choice' && !choices?.includes(stated)) return undefined;
  if (type !== 'integer' && type !== 'number') return stated;
  const value = Number(stated);
  return Number.isFinite(value) ? value : undefined;
}
