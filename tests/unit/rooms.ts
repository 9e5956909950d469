import { posix } from 'node:path';

import { importsOf, resolveOwn, type Source } from './architecture';
import { RENDERER_ROOMS } from './renderer-rooms';

/**
 * The rooms of src/: each folder with the other rooms of its layer that it may import, types included. Which
 * layer may import which other layer is the table in `architecture.ts`. A room stands above those it names, so
 * that no two rooms can need each other; a folder that is not listed is refused.
 */
export const ROOMS: Readonly<Record<string, readonly string[]>> = {
  // What the core asks of its host, and what everybody needs.
  'main/core/ports': [],
  'main/core/processes': ['ports'],
  'main/core/failures': ['ports'],
  'main/core/validation': [],
  'main/core/notices': ['ports'],
  'main/core/composition': ['notices', 'ports'],
  'main/core/storage': ['notices', 'ports', 'processes'],
  'main/core/logs': ['ports', 'storage'],
  'main/core/metrics': ['ports', 'processes'],
  'main/core/settings': ['notices', 'ports', 'storage', 'validation'],
  'main/core/parsers': [],
  'main/core/advice': ['ports'],

  // Engines: what each one is, what its options are, how it comes onto the disk.
  'main/core/engines/adapters': [],
  'main/core/engines/options': ['engines/adapters'],
  'main/core/engines/checks': ['ports'],
  'main/core/engines/tools': ['ports', 'processes', 'storage'],
  'main/core/engines/install': [
    'engines/adapters',
    'engines/checks',
    'engines/options',
    'engines/tools',
    'failures',
    'notices',
    'ports',
    'processes',
    'storage',
  ],
  'main/core/engines': [
    'composition',
    'engines/adapters',
    'engines/checks',
    'engines/install',
    'engines/options',
    'engines/tools',
    'notices',
    'ports',
    'processes',
    'storage',
  ],

  // Models: where they come from, what lies on the disk, what they need.
  'main/core/verdict': [],
  'main/core/hub': ['composition', 'parsers', 'ports', 'verdict'],
  'main/core/models': [
    'composition',
    'failures',
    'hub',
    'notices',
    'parsers',
    'ports',
    'storage',
    'verdict',
  ],
  'main/core/downloads': [
    'composition',
    'failures',
    'hub',
    'models',
    'notices',
    'ports',
    'processes',
    'storage',
    'verdict',
  ],
  'main/core/memory/architectures': [],
  'main/core/memory': [
    'composition',
    'engines/adapters',
    'engines/options',
    'memory/architectures',
    'metrics',
    'models',
    'notices',
    'ports',
    'storage',
    'verdict',
  ],

  // Profiles, and the servers that run them.
  'main/core/profiles': [
    'composition',
    'engines/adapters',
    'engines/options',
    'notices',
    'ports',
    'processes',
    'storage',
    'validation',
  ],
  'main/core/servers/launch': [
    'engines/adapters',
    'engines/options',
    'failures',
    'ports',
    'processes',
    'storage',
  ],
  'main/core/servers/health': [
    'engines/adapters',
    'engines/options',
    'failures',
    'metrics',
    'ports',
    'processes',
    'servers/launch',
  ],
  'main/core/servers/cluster': ['servers/launch'],
  'main/core/servers/supervision': [
    'engines/adapters',
    'engines/options',
    'failures',
    'ports',
    'servers/cluster',
    'servers/health',
    'servers/launch',
  ],
  'main/core/servers': [
    'composition',
    'engines',
    'engines/adapters',
    'engines/options',
    'failures',
    'logs',
    'memory',
    'models',
    'ports',
    'processes',
    'servers/cluster',
    'servers/health',
    'servers/launch',
    'servers/supervision',
  ],

  'main/core/gateway/demand': ['ports'],
  'main/core/gateway': [
    'composition',
    'gateway/demand',
    'gateway/records',
    'models',
    'notices',
    'ports',
    'processes',
    'servers',
    'storage',
    'validation',
  ],
  // The gateway's control plane.
  'main/core/gateway/records': ['composition', 'notices', 'ports'],

  'main/core/setup': [
    'composition',
    'downloads',
    'engines',
    'failures',
    'models',
    'notices',
    'ports',
    'profiles',
    'servers',
    'storage',
  ],

  // What looks at all of them, the contract's handlers, and what puts everything together.
  'main/core/data': [
    'downloads',
    'engines',
    'gateway',
    'gateway/records',
    'hub',
    'logs',
    'ports',
    'profiles',
    'servers',
    'settings',
  ],
  'main/core/doctor': ['failures', 'models', 'ports', 'processes', 'servers/launch'],
  'main/core/rpc': [
    'advice',
    'data',
    'doctor',
    'downloads',
    'engines',
    'gateway',
    'gateway/records',
    'hub',
    'logs',
    'memory',
    'metrics',
    'models',
    'notices',
    'parsers',
    'ports',
    'profiles',
    'servers',
    'servers/cluster',
    'servers/launch',
    'settings',
    'setup',
    'validation',
  ],
  'main/core': ['*'],

  'shared/errors': [],
  'shared/format': [],
  'shared/domain': ['errors', 'format'],
  'shared/gateway': ['domain'],
  'shared/contract': ['domain', 'gateway'],
  'shared/rpc': ['contract', 'errors'],
  'shared/live': ['.', 'contract', 'domain', 'rpc'],
  shared: ['domain', 'format'],

  'cli/terminal': [],
  'cli/manager': ['terminal'],
  'cli/commands': ['manager', 'terminal'],
  cli: ['commands', 'terminal'],

  // The gateway's data plane, from what a request is to the sockets.
  'main/gateway/conversation': [],
  'main/gateway/json': [],
  'main/gateway/doors': ['conversation'],
  'main/gateway/context': ['conversation'],
  'main/gateway/dialects/anthropic': ['conversation'],
  'main/gateway/dialects': ['conversation', 'json'],
  'main/gateway/dialects/chat': ['conversation', 'dialects', 'json'],
  'main/gateway/engines': ['conversation'],
  'main/gateway/names': [],
  'main/gateway/dialects/responses': ['conversation'],
  'main/gateway/sessions': ['conversation'],
  'main/gateway/speakers': [
    'conversation',
    'dialects/anthropic',
    'dialects/chat',
    'dialects/responses',
  ],
  'main/gateway/forward': ['conversation', 'doors'],
  'main/gateway/converse': ['conversation', 'dialects', 'dialects/chat', 'forward'],
  'main/gateway': ['*'],

  'main/host': [],
  'main/headless': [],
  'main/shell/menus': [],
  'main/shell': ['menus'],
  preload: [],

  ...RENDERER_ROOMS,
};

/** The longest base of a room's name, within which its table gives other rooms. */
const BASES = ['main/core', 'main/gateway', 'main/shell', 'shared', 'cli', 'renderer'];

/** Every import that crosses rooms of one layer without being in the table, and every folder that has no entry. */
export function findRoomViolations(
  sources: readonly Source[],
  rooms: Readonly<Record<string, readonly string[]>> = ROOMS,
): string[] {
  const files = new Set(sources.map(({ path }) => path));
  return sources.flatMap((source) => {
    const room = roomOf(source.path);
    const allowed = rooms[room];
    if (allowed === undefined) return [`${source.path}: its folder is not in the table of rooms`];
    return ownImports(source, files).flatMap((target) => {
      const other = roomOf(target);
      const base = BASES.find((name) => other === name || other.startsWith(`${name}/`));
      const isOneLayer =
        base !== undefined && (room === base || room.startsWith(`${base}/`)) && other !== room;
      if (!isOneLayer || allowed.includes('*')) return [];
      const name = other === base ? '.' : other.slice(base.length + 1);
      return allowed.includes(name) ? [] : [`${source.path}: ${room} must not import ${other}`];
    });
  });
}

/** Circles of files, types included: each as the paths that lead back to its beginning. */
export function findFileCircles(sources: readonly Source[]): string[][] {
  const files = new Set(sources.map(({ path }) => path));
  return circles(new Map(sources.map((source) => [source.path, ownImports(source, files)])));
}

/** Circles of folders, types included. */
export function findRoomCircles(sources: readonly Source[]): string[][] {
  const files = new Set(sources.map(({ path }) => path));
  const graph = new Map<string, string[]>();
  for (const source of sources) {
    const room = roomOf(source.path);
    const others = ownImports(source, files)
      .map(roomOf)
      .filter((other) => other !== room);
    graph.set(room, [...(graph.get(room) ?? []), ...others]);
  }
  return circles(graph);
}

const roomOf = (path: string): string => posix.dirname(path).replace(/^src\//, '');

/** The files of ours that a source imports. */
function ownImports({ path, text }: Source, files: ReadonlySet<string>): string[] {
  return importsOf(text).flatMap(({ specifier }) => {
    const target = resolveOwn(path, specifier);
    const found = ['', '.ts', '.tsx', '/index.ts']
      .map((ending) => `${target}${ending}`)
      .find((candidate) => files.has(candidate));
    return target === undefined || found === undefined ? [] : [found];
  });
}

/** One circle through each node that is in any, found by walking depth first. */
function circles(graph: ReadonlyMap<string, readonly string[]>): string[][] {
  const found: string[][] = [];
  const done = new Set<string>();
  const walk = (node: string, trail: readonly string[]): void => {
    const at = trail.indexOf(node);
    if (at !== -1) {
      found.push([...trail.slice(at), node]);
      return;
    }
    if (done.has(node)) return;
    for (const next of graph.get(node) ?? []) walk(next, [...trail, node]);
    done.add(node);
  };
  for (const node of graph.keys()) walk(node, []);
  return found;
}
