import type { Tool, ToolChoice } from '../../conversation/conversation';
import { badField } from '../../conversation/refusal';
import {
  asFields,
  cut,
  type Fields,
  neededString,
  optionalArray,
  optionalBoolean,
  optionalFields,
  optionalString,
  shown,
  under,
} from './fields';
import { clientKey, flatNameOf, nameTools, type ToolNames, type ToolOrigin } from './tool-names';

/** The tools of a request. */
export interface ReadTools {
  readonly tools: readonly Tool[];
  readonly names: ToolNames;
  /** Those that the model is offered, as they came. */
  readonly kept: readonly Fields[];
  /** What was left out or cannot be kept, in words. */
  readonly changes: readonly string[];
}

/** Kinds that OpenAI carries out itself, by the beginnings of their names, some of which end in a date. */
const HOSTED = [
  'web_search',
  'file_search',
  'code_interpreter',
  'image_generation',
  'mcp',
  'computer',
  'tool_search',
];

/** OpenAI takes 128; beyond this a list of tools is no prompt for any model. */
const MOST_TOOLS = 1024;

interface Found {
  readonly origin: ToolOrigin;
  readonly at: string;
  readonly tool: Omit<Tool, 'name'>;
  readonly change?: string | undefined;
}

/**
 * Reads `tools`. A namespace becomes its tools, a custom tool a function with the one text parameter `input`; a tool
 * that runs at the provider is left out and named, since Codex sends one with its first hello.
 */
export function readTools(body: Fields): ReadTools {
  const list = (optionalArray(body, 'tools') ?? []).map((value, index) => {
    const at = `tools[${index}]`;
    return { at, fields: asFields(value, at) };
  });
  const kept: Fields[] = [];
  const changes: string[] = [];
  const found: Found[] = [];
  for (const { at, fields } of list) {
    const read = readEntry(fields, at);
    if (typeof read === 'string') changes.push(read);
    else {
      kept.push(fields);
      found.push(...read);
    }
  }
  if (found.length > MOST_TOOLS) {
    throw badField('tools', `tools must hold at most ${MOST_TOOLS} tools; got ${found.length}.`);
  }
  refuseTwins(found);
  const names = nameTools(found.map(({ origin }) => origin));
  return {
    tools: found.map(({ origin, tool }) => ({
      ...tool,
      name: flatNameOf(names, origin.name, origin.namespace),
    })),
    names,
    kept,
    changes: [...changes, ...found.flatMap(({ change }) => change ?? [])],
  };
}

/** The tools that an entry stands for, or why there are none. */
function readEntry(fields: Fields, at: string): readonly Found[] | string {
  const type = neededString(fields, 'type', at);
  if (type === 'function') return [readFunction(fields, at)];
  if (type === 'custom') return [readCustom(fields, at)];
  if (type !== 'namespace') return leftOut(type);
  const namespace = neededString(fields, 'name', at);
  return (optionalArray(fields, 'tools', at) ?? []).map((value, index) => {
    const inside = `${at}.tools[${index}]`;
    const nested = asFields(value, inside);
    const kind = neededString(nested, 'type', inside);
    if (kind === 'function') return readFunction(nested, inside, namespace);
    if (kind === 'custom') return readCustom(nested, inside, namespace);
    throw badField(
      under(inside, 'type'),
      `${inside}.type must be function or custom; got ${shown(kind)}.`,
    );
  });
}

function leftOut(type: string): string {
  const isHosted = HOSTED.some((kind) => type.startsWith(kind));
  return `tool ${cut(type)} (${isHosted ? 'runs at the provider' : 'no model here can call its kind'})`;
}

function readFunction(fields: Fields, at: string, namespace?: string): Found {
  return {
    origin: { kind: 'function', name: neededString(fields, 'name', at), namespace },
    at,
    tool: {
      description: optionalString(fields, 'description', at),
      parameters: optionalFields(fields, 'parameters', at) ?? { type: 'object', properties: {} },
      strict: optionalBoolean(fields, 'strict', at),
    },
  };
}

/** The grammar goes into the description: a model that reads it mostly keeps to it, but nothing makes it. */
function readCustom(fields: Fields, at: string, namespace?: string): Found {
  const name = neededString(fields, 'name', at);
  const format = optionalFields(fields, 'format', at);
  const isGrammar = format !== undefined && format.type === 'grammar';
  const inFormat = under(at, 'format');
  const grammar = isGrammar
    ? `The input must follow this ${neededString(format, 'syntax', inFormat)} grammar:\n${neededString(format, 'definition', inFormat)}`
    : undefined;
  const description = [optionalString(fields, 'description', at), grammar];
  return {
    origin: { kind: 'custom', name, namespace },
    at,
    tool: {
      description: description.filter((text) => text !== undefined).join('\n\n') || undefined,
      parameters: {
        type: 'object',
        properties: {
          input: { type: 'string', description: 'The whole input of the tool, as text.' },
        },
        required: ['input'],
        additionalProperties: false,
      },
    },
    change: isGrammar ? `tool ${cut(name)} (its grammar is described, not enforced)` : undefined,
  };
}

function refuseTwins(found: readonly Found[]): void {
  const first = new Map<string, string>();
  for (const { origin, at } of found) {
    const key = clientKey(origin.name, origin.namespace);
    const other = first.get(key);
    if (other !== undefined) {
      throw badField(
        `${at}.name`,
        `${at}.name must differ from that of ${other}; both are ${shown(origin.name)}.`,
      );
    }
    first.set(key, at);
  }
}

/** How `tool_choice` is kept: the choice, and the tools where it allows only some of them. */
export interface ReadChoice {
  readonly choice?: ToolChoice | undefined;
  readonly tools: readonly Tool[];
}

/**
 * Reads `tool_choice`: `auto`, `none`, `required`, one function or custom tool, or `allowed_tools`. A choice that
 * cannot be kept is refused: an answer without the tool would be another one than was asked for.
 */
export function readToolChoice(body: Fields, { tools, names }: ReadTools): ReadChoice {
  const value = body.tool_choice ?? undefined;
  if (value === undefined) return { tools };
  if (value === 'auto' || value === 'none' || value === 'required') {
    return { choice: askable(value, tools), tools };
  }
  const fields = typeof value === 'string' ? undefined : asFields(value, 'tool_choice');
  if (fields?.type === 'allowed_tools') return readAllowed(fields, tools, names);
  if (fields?.type === 'function' || fields?.type === 'custom') {
    const name = offered(fields, 'tool_choice', tools, names);
    return { choice: { name }, tools };
  }
  const got = fields === undefined ? shown(value) : `type ${shown(fields.type)}`;
  throw badField(
    'tool_choice',
    `tool_choice must be auto, none, required, or an object of type function, custom or allowed_tools; got ${got}.`,
  );
}

function readAllowed(fields: Fields, tools: readonly Tool[], names: ToolNames): ReadChoice {
  const mode = fields.mode ?? 'auto';
  if (mode !== 'auto' && mode !== 'required') {
    throw badField(
      'tool_choice.mode',
      `tool_choice.mode must be auto or required; got ${shown(mode)}.`,
    );
  }
  const allowed = new Set<string>();
  for (const [index, value] of (optionalArray(fields, 'tools', 'tool_choice') ?? []).entries()) {
    const at = `tool_choice.tools[${index}]`;
    const entry = asFields(value, at);
    const type = neededString(entry, 'type', at);
    // What was left out of `tools` has been named already.
    if (type === 'function' || type === 'custom') allowed.add(offered(entry, at, tools, names));
  }
  const some = tools.filter(({ name }) => allowed.has(name));
  return { choice: askable(mode, some), tools: some };
}

/** The model's name of a tool that a choice names. */
function offered(fields: Fields, at: string, tools: readonly Tool[], names: ToolNames): string {
  const name = neededString(fields, 'name', at);
  const flat = flatNameOf(names, name, optionalString(fields, 'namespace', at));
  if (tools.some((tool) => tool.name === flat)) return flat;
  throw badField(`${at}.name`, `${at}.name must be the name of one of tools; got ${shown(name)}.`);
}

/** Engines refuse a choice among no tools. */
function askable(
  choice: 'auto' | 'none' | 'required',
  tools: readonly Tool[],
): ToolChoice | undefined {
  if (tools.length > 0) return choice;
  if (choice !== 'required') return undefined;
  throw badField(
    'tool_choice',
    'tool_choice is required, but the request has no tool that a model here can call.',
  );
}
