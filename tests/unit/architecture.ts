import { builtinModules } from 'node:module';
import { posix } from 'node:path';

/** One file of src/, by its path from the root. */
export interface Source {
  readonly path: string;
  readonly text: string;
}

/** One `import`, `export ... from` or `import()`; type-only ones vanish when the program is built. */
export interface Import {
  readonly specifier: string;
  readonly typeOnly: boolean;
}

interface Layer {
  readonly folder: string;
  /** Whether `node:` modules may be used. */
  readonly node: boolean;
  readonly packages: readonly string[];
  /** Other layers that may be imported. */
  readonly layers: readonly string[];
  /** Layers of which only types may be imported. */
  readonly typesOf?: readonly string[];
}

/** The table of the architecture ("Layers, kept by a test"); a package ending in `*` stands for all that begin so. */
const LAYERS: Readonly<Record<string, Layer>> = {
  shared: { folder: 'src/shared', node: false, packages: ['zod'], layers: [] },
  core: {
    folder: 'src/main/core',
    node: true,
    packages: ['execa', 'p-map', 'pidusage', '@huggingface/hub', 'undici', 'zod', 'koffi'],
    layers: ['shared'],
  },
  // The gateway's data plane: a thread of its own.
  gateway: {
    folder: 'src/main/gateway',
    node: true,
    packages: ['undici', 'zod', '@huggingface/tokenizers', '@huggingface/jinja'],
    layers: ['shared'],
  },
  host: {
    folder: 'src/main/host',
    node: true,
    packages: ['zod', 'koffi'],
    layers: ['core', 'shared'],
  },
  shell: {
    folder: 'src/main/shell',
    node: true,
    packages: ['electron', 'electron-store', 'electron-updater'],
    layers: ['host', 'core', 'shared'],
  },
  headless: {
    folder: 'src/main/headless',
    node: true,
    packages: ['ws', 'zod'],
    layers: ['host', 'core', 'shared'],
  },
  cli: {
    folder: 'src/cli',
    node: true,
    packages: ['commander', 'zod'],
    layers: ['host', 'headless', 'shared'],
  },
  preload: {
    folder: 'src/preload',
    node: false,
    packages: ['electron'],
    layers: [],
    typesOf: ['shared'],
  },
  renderer: {
    folder: 'src/renderer',
    node: false,
    packages: [
      'react',
      'react/jsx-runtime',
      'react-dom',
      'react-dom/client',
      'zustand',
      'zustand/*',
      '@tanstack/*',
      'radix-ui',
      'lucide-react',
      'cmdk',
      'react-markdown',
      'remark-gfm',
    ],
    layers: [],
    typesOf: ['shared'],
  },
};

const ALIASES: Readonly<Record<string, string>> = {
  '@shared/': 'src/shared/',
  '@core/': 'src/main/core/',
  '@gateway/': 'src/main/gateway/',
  '@host/': 'src/main/host/',
  '@shell/': 'src/main/shell/',
  '@headless/': 'src/main/headless/',
  '@cli/': 'src/cli/',
  '@renderer/': 'src/renderer/',
};

/** Every breach of the layers, one sentence each; empty when all is well. */
export function findViolations(sources: readonly Source[]): string[] {
  const files = new Map(sources.map((source) => [source.path, source]));
  return sources.flatMap((source) => {
    const layerName = layerOf(source.path);
    if (layerName === undefined) return [`${source.path} belongs to no layer`];
    return importsOf(source.text).flatMap((found) => {
      const problem = judge(source.path, layerName, found, files);
      return problem === undefined ? [] : [`${source.path}: ${problem}`];
    });
  });
}

/** The layer of a file or folder by its path. */
export function layerOf(path: string): string | undefined {
  return Object.keys(LAYERS).find((name) => path.startsWith(`${LAYERS[name]?.folder}/`));
}

/** All imports of a TypeScript source; comments do not count. */
export function importsOf(text: string): Import[] {
  const code = withoutComments(text);
  const statements = code.matchAll(
    /^[ \t]*(?:import|export)\s+(type\s+)?((?:[\w*$\s{},]|\bas\b)*?)\s*from\s*['"]([^'"\n]+)['"]/gm,
  );
  const bare = code.matchAll(/^[ \t]*import\s*['"]([^'"\n]+)['"]/gm);
  const dynamic = code.matchAll(/\b(?:import|require)\s*\(\s*['"]([^'"\n]+)['"]/g);
  return [
    ...[...statements].map(([, type, names, specifier]) => ({
      specifier: specifier ?? '',
      typeOnly: type !== undefined || onlyTypes(names ?? ''),
    })),
    ...[...bare, ...dynamic].map(([, specifier]) => ({
      specifier: specifier ?? '',
      typeOnly: false,
    })),
  ];
}

/** `{ type A, type B }` imports nothing at run time once it is built. */
function onlyTypes(names: string): boolean {
  const inner = /^\{([^}]*)\}$/.exec(names.trim())?.[1];
  const parts = inner?.split(',').filter((part) => part.trim() !== '') ?? [];
  return parts.length > 0 && parts.every((part) => part.trim().startsWith('type '));
}

function withoutComments(text: string): string {
  return text.replace(/^\s*\/\*[\s\S]*?\*\//gm, '').replace(/^\s*\/\/.*$/gm, '');
}

function judge(
  path: string,
  layerName: string,
  { specifier, typeOnly }: Import,
  files: ReadonlyMap<string, Source>,
): string | undefined {
  const layer = LAYERS[layerName];
  if (layer === undefined) return `unknown layer ${layerName}`;
  const target = resolveOwn(path, specifier);
  if (target === undefined) return judgePackage(layerName, layer, specifier);
  // The version that the program tells is the package's own.
  if (target === 'package.json' && layer.node) return undefined;
  const targetLayer = layerOf(target);
  if (targetLayer === undefined) return `imports ${specifier}, which is in no layer`;
  if (targetLayer === layerName || layer.layers.includes(targetLayer)) return undefined;
  const typesAllowed = layer.typesOf?.includes(targetLayer) === true;
  if (typesAllowed && (typeOnly || layerName === 'renderer')) {
    return typeOnly ? undefined : judgePure(target, specifier, files);
  }
  return `${layerName} must not import ${typeOnly ? 'types of ' : ''}${targetLayer} (${specifier})`;
}

/** A path of our own, without an extension to be sure of; undefined for a package. */
export function resolveOwn(path: string, specifier: string): string | undefined {
  const clean = specifier.replace(/\?.*$/, '');
  if (clean.startsWith('.')) return posix.join(posix.dirname(path), clean);
  const alias = Object.keys(ALIASES).find((prefix) => clean.startsWith(prefix));
  return alias === undefined ? undefined : `${ALIASES[alias]}${clean.slice(alias.length)}`;
}

function judgePackage(layerName: string, layer: Layer, specifier: string): string | undefined {
  if (specifier.startsWith('node:') || builtinModules.includes(specifier)) {
    return layer.node ? undefined : `${layerName} must not import ${specifier}`;
  }
  const allowed = layer.packages.some((name) =>
    name.endsWith('*') ? specifier.startsWith(name.slice(0, -1)) : specifier === name,
  );
  return allowed ? undefined : `${layerName} must not import the package ${specifier}`;
}

/** The renderer may run what of shared carries no zod, itself or through what it imports. */
function judgePure(
  target: string,
  specifier: string,
  files: ReadonlyMap<string, Source>,
): string | undefined {
  const chain = chainToZod(target, files, new Set());
  if (chain === undefined) return undefined;
  return `renderer must not run ${specifier}, which carries zod (${chain.join(' -> ')})`;
}

function chainToZod(
  target: string,
  files: ReadonlyMap<string, Source>,
  seen: Set<string>,
): string[] | undefined {
  const file = [target, `${target}.ts`, `${target}.tsx`, `${target}/index.ts`]
    .map((path) => files.get(path))
    .find((found) => found !== undefined);
  if (file === undefined) return [target, 'not found'];
  if (seen.has(file.path)) return undefined;
  seen.add(file.path);
  for (const { specifier, typeOnly } of importsOf(file.text)) {
    if (typeOnly) continue;
    if (specifier === 'zod') return [file.path];
    const next = resolveOwn(file.path, specifier);
    const rest = next === undefined ? undefined : chainToZod(next, files, seen);
    if (rest !== undefined) return [file.path, ...rest];
  }
  return undefined;
}
