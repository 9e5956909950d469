/** A tool as the client knows it. */
export interface ToolOrigin {
  /** `custom` is a tool that takes free text instead of an object. */
  readonly kind: 'function' | 'custom';
  readonly name: string;
  readonly namespace?: string | undefined;
}

/** What the tools of a request are called towards the model, which has one flat list of functions, and back. */
export interface ToolNames {
  /** From the model's name. */
  readonly origins: ReadonlyMap<string, ToolOrigin>;
  /** To the model's name, by `clientKey`. */
  readonly flat: ReadonlyMap<string, string>;
}

/** OpenAI's own limit for a function's name, which chat templates and engines were written for. */
const LONGEST_NAME = 64;

/** Gives each tool its name towards the model: its own, or that of its namespace and its own together. */
export function nameTools(tools: readonly ToolOrigin[]): ToolNames {
  const taken = new Set(
    tools.filter((tool) => tool.namespace === undefined).map(({ name }) => name),
  );
  const origins = new Map<string, ToolOrigin>();
  const flat = new Map<string, string>();
  for (const tool of tools) {
    const { name, namespace } = tool;
    const chosen = namespace === undefined ? name : unusedName(joined(name, namespace), taken);
    taken.add(chosen);
    origins.set(chosen, tool);
    flat.set(clientKey(name, namespace), chosen);
  }
  return { origins, flat };
}

/** What the client calls a tool that the model called; a name that was never offered stays what it is. */
export function originOf(names: ToolNames, flat: string): ToolOrigin {
  return names.origins.get(flat) ?? { kind: 'function', name: flat };
}

/** What the model calls a tool, also one that an earlier turn had and this one has not. */
export function flatNameOf(names: ToolNames, name: string, namespace?: string): string {
  const known = names.flat.get(clientKey(name, namespace));
  return known ?? (namespace === undefined ? name : joined(name, namespace));
}

/** One text for both names of a tool, whatever characters a client puts into them. */
export function clientKey(name: string, namespace?: string): string {
  return JSON.stringify([namespace ?? '', name]);
}

/** Namespaces of MCP servers end in the separator already. */
function joined(name: string, namespace: string): string {
  const separator = namespace.endsWith('__') ? '' : '__';
  return `${namespace}${separator}${name}`.replace(/[^\w-]/g, '_').slice(0, LONGEST_NAME);
}

function unusedName(wanted: string, taken: ReadonlySet<string>): string {
  let name = wanted;
  for (let number = 2; taken.has(name); number += 1) {
    const ending = `_${number}`;
    name = `${wanted.slice(0, LONGEST_NAME - ending.length)}${ending}`;
  }
  return name;
}
