/** The tools of a request: those that the client runs itself are kept, all others are left out and named. */
import type { Conversation, Tool, ToolChoice } from '../../conversation/conversation';
import { badField } from '../../conversation/refusal';
import {
  clipped,
  type Fields,
  isGiven,
  type Note,
  optional,
  readArray,
  readBoolean,
  readName,
  readObject,
  readString,
  shown,
} from './fields';

/** What a conversation says of its tools on the way, in order. */
export type ToolChange =
  | { readonly kind: 'added' | 'removed'; readonly name: string }
  | { readonly kind: 'defined'; readonly definition: Fields; readonly at: string };

/** Tools that Anthropic defines and a client carries out: their schemas are in no request, only its models know them. */
const WITHOUT_SCHEMA = /^(bash|browser|computer|memory|text_editor)_(toolset_)?\d/;

/** Its search finds what is deferred; it runs at the provider. */
const HOSTED_SEARCH = /^tool_search_tool/;

/** Names in one change of a record, at most. */
const MAX_NAMES = 10;

/**
 * The tools that the model is offered now. A deferred tool (`defer_loading`) is offered once the conversation has
 * loaded it, or where the search that would load it runs at the provider and so never will. Loaded ones stand behind
 * the others: Claude Code lists them among those, which would change a prompt from its first tools on.
 */
export function readTools(
  value: unknown,
  changes: readonly ToolChange[],
  note: Note,
): readonly Tool[] {
  const entries = (optional(value, (list) => readArray(list, 'tools')) ?? []).map((entry, index) =>
    readObject(entry, `tools.${index}`),
  );
  const tools = new Map<string, Tool>();
  const offered = new Set<string>();
  const isSearchHosted = entries.some(({ type }) => HOSTED_SEARCH.test(String(type)));
  for (const [index, entry] of entries.entries()) {
    const at = `tools.${index}`;
    if (!isGiven(entry.input_schema)) {
      note(leftOut(entry));
      continue;
    }
    const tool = readTool(entry, at);
    if (tools.has(tool.name)) {
      throw badField(
        `${at}.name`,
        `${at}.name ${shown(tool.name)} is the name of another tool too.`,
      );
    }
    tools.set(tool.name, tool);
    if (entry.defer_loading !== true || isSearchHosted) offered.add(tool.name);
  }
  for (const change of changes) apply(change, tools, offered, note);
  const removed = new Set(changes.flatMap((one) => (one.kind === 'removed' ? [one.name] : [])));
  noteDeferred(
    [...tools.keys()].filter((name) => !offered.has(name) && !removed.has(name)),
    note,
  );
  return [...offered].flatMap((name) => tools.get(name) ?? []);
}

/** Which tool is to be called, and whether several may be. One that cannot be kept to is refused. */
export function readToolChoice(
  value: unknown,
  tools: readonly Tool[],
): Pick<Conversation, 'toolChoice' | 'parallelTools'> {
  if (!isGiven(value)) return {};
  const choice = readObject(value, 'tool_choice');
  const isSingle = optional(choice.disable_parallel_tool_use, (given) =>
    readBoolean(given, 'tool_choice.disable_parallel_tool_use'),
  );
  const toolChoice = readChoice(choice, tools);
  return {
    toolChoice: tools.length === 0 ? undefined : toolChoice,
    parallelTools: isSingle === undefined ? undefined : !isSingle,
  };
}

function readChoice(choice: Fields, tools: readonly Tool[]): ToolChoice {
  switch (choice.type) {
    case 'auto':
    case 'none':
      return choice.type;
    case 'any':
      if (tools.length > 0) return 'required';
      throw badField('tool_choice', 'tool_choice.type "any" needs a tool that can be called here.');
    case 'tool': {
      const name = readName(choice.name, 'tool_choice.name');
      if (tools.some((tool) => tool.name === name)) return { name };
      const names = tools.slice(0, MAX_NAMES).map((tool) => clipped(tool.name));
      throw badField(
        'tool_choice.name',
        `tool_choice.name ${shown(name)} is none of the tools that can be called here${names.length === 0 ? '' : `: ${names.join(', ')}`}.`,
      );
    }
    default:
      throw badField(
        'tool_choice.type',
        `tool_choice.type must be auto, any, tool or none, not ${shown(choice.type)}.`,
      );
  }
}

function readTool(entry: Fields, at: string): Tool {
  return {
    name: readName(entry.name, `${at}.name`),
    description: optional(entry.description, (text) => readString(text, `${at}.description`)),
    parameters: readObject(entry.input_schema, `${at}.input_schema`),
    strict: optional(entry.strict, (given) => readBoolean(given, `${at}.strict`)),
  };
}

function apply(
  change: ToolChange,
  tools: Map<string, Tool>,
  offered: Set<string>,
  note: Note,
): void {
  if (change.kind === 'removed') {
    offered.delete(change.name);
    return;
  }
  if (change.kind === 'defined') {
    if (!isGiven(change.definition.input_schema)) {
      note(leftOut(change.definition));
      return;
    }
    const tool = readTool(change.definition, change.at);
    tools.set(tool.name, tool);
    offered.add(tool.name);
    return;
  }
  offered.add(change.name);
}

function leftOut(entry: Fields): string {
  const type = typeof entry.type === 'string' ? entry.type : '';
  const name = [entry.name, entry.mcp_server_name, type].find(
    (word) => typeof word === 'string' && word !== '',
  );
  return `tool ${clipped(String(name ?? 'without a name'))} (${whyLeftOut(type)})`;
}

function whyLeftOut(type: string): string {
  if (type === '' || type === 'custom') return 'has no input_schema';
  return WITHOUT_SCHEMA.test(type)
    ? `${clipped(type)}: only models of Anthropic know its schema`
    : 'runs at the provider';
}

function noteDeferred(names: readonly string[], note: Note): void {
  if (names.length === 0) return;
  const first = names.slice(0, MAX_NAMES).map(clipped).join(', ');
  const more = names.length > MAX_NAMES ? ` and ${names.length - MAX_NAMES} more` : '';
  note(`${names.length === 1 ? 'tool' : 'tools'} ${first}${more} (deferred until loaded)`);
}
