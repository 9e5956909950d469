import { builtinModules } from 'node:module';
import { fileURLToPath } from 'node:url';
import tailwindcss from '@tailwindcss/vite';
import react from '@vitejs/plugin-react';
import type { Plugin, UserConfig } from 'vite';
import { defineConfig } from 'vitest/config';

const at = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

/** Path aliases, one per layer; tsconfig.json has the same list. */
const alias = {
  '@shared': at('src/shared'),
  '@core': at('src/main/core'),
  '@gateway': at('src/main/gateway'),
  '@host': at('src/main/host'),
  '@shell': at('src/main/shell'),
  '@headless': at('src/main/headless'),
  '@cli': at('src/cli'),
  '@renderer': at('src/renderer'),
  '@fixtures': at('tests/fixtures'),
};

/** `vite build --mode main`: the manager and the command line, ESM for Node 24, packages stay external. */
const main: UserConfig = {
  resolve: { alias },
  build: {
    ssr: true,
    outDir: 'dist/main',
    emptyOutDir: true,
    target: 'node24',
    minify: false,
    sourcemap: true,
    rollupOptions: {
      input: {
        cli: at('src/cli/index.ts'),
        shell: at('src/main/shell/index.ts'),
        // A thread of its own, started by its file's name beside the core's chunk (downloads/hasher.ts).
        'assets/hash-worker': at('src/main/core/downloads/hash-worker.ts'),
        // The gateway's data plane (core/gateway/data-plane-thread.ts).
        'assets/gateway-thread': at('src/main/gateway/thread.ts'),
        // The same for the gateway (context/counter.ts).
        'assets/counter-worker': at('src/main/gateway/context/counter-worker.ts'),
      },
      external: ['electron', ...builtinModules.flatMap((name) => [name, `node:${name}`])],
      output: { format: 'es', entryFileNames: '[name].js' },
    },
  },
};

/**
 * Writes every letter beyond ASCII as an escape: one alone makes V8 hold the whole text with two bytes per letter,
 * which every start of the executable would have to make anew.
 */
const asciiAlone: Plugin = {
  name: 'ascii-alone',
  // The last step: what is rendered is printed once more before it.
  generateBundle(_options, bundle) {
    for (const chunk of Object.values(bundle)) {
      if (chunk.type !== 'chunk') continue;
      // Behind a backslash an escape would be another one.
      const bad = /\\[^\0-\x7f]/.exec(chunk.code);
      if (bad) throw new Error(`A letter behind a backslash cannot be escaped: ${bad[0]}`);
      chunk.code = chunk.code.replace(
        /[^\0-\x7f]/g,
        (letter) => `\\u${letter.charCodeAt(0).toString(16).padStart(4, '0')}`,
      );
    }
  },
};

/**
 * `vite build --mode executable`: the command line and the manager without a desktop for the single executable
 * (scripts/executable.mjs). Its main script must be one CommonJS file, and a thread's text one more; koffi alone stays
 * outside, since a library of the system cannot be loaded from within a file.
 */
const executable = (name: string, input: string): UserConfig => ({
  resolve: { alias: { ...alias, koffi: at('src/main/host/koffi-outside.ts') } },
  ssr: { noExternal: true },
  plugins: [asciiAlone],
  build: {
    ssr: true,
    outDir: at('dist/executable'),
    emptyOutDir: false,
    target: 'node24',
    minify: false,
    sourcemap: false,
    rollupOptions: {
      input: { [name]: at(input) },
      output: { format: 'cjs', entryFileNames: '[name].cjs', codeSplitting: false },
    },
  },
});

/** `vite build --mode preload`: a sandboxed preload script must be one CommonJS file (docs/tutorial/sandbox). */
const preload: UserConfig = {
  resolve: { alias },
  build: {
    ssr: true,
    outDir: at('dist/preload'),
    emptyOutDir: true,
    target: 'node24',
    minify: true,
    sourcemap: false,
    rollupOptions: {
      input: { preload: at('src/preload/index.ts') },
      external: ['electron'],
      output: { format: 'cjs', entryFileNames: '[name].cjs' },
    },
  },
};

/** `vite build --mode renderer`: the screens, for a browser or the desktop window. */
const renderer: UserConfig = {
  root: at('src/renderer'),
  base: './',
  resolve: { alias },
  plugins: [react(), tailwindcss()],
  // One bundle of about 190 KB gzipped: the measure that counts is in the bench, not Vite's default.
  build: {
    outDir: at('dist/renderer'),
    emptyOutDir: true,
    target: 'es2024',
    chunkSizeWarningLimit: 900,
  },
};

/**
 * `vitest run --project NAME`: one project per level of tests. A limit only ends what would never end by itself: each
 * is many times what its slowest test takes, because a machine may be slow and may have much else to do.
 */
const level = (name: string, limitMs: number, workers?: number) => ({
  resolve: { alias },
  test: {
    name,
    include: [`tests/${name}/**/*.test.{ts,tsx}`],
    testTimeout: limitMs,
    hookTimeout: limitMs,
    expect: { poll: { timeout: limitMs / 2, interval: 20 } },
    pool: 'forks' as const,
    ...(workers === undefined ? {} : { maxWorkers: workers }),
    // Levels of another width run one after the other where one run has files of several.
    sequence: { groupOrder: workers ?? 0 },
  },
});

/** Files that mostly wait for processes: two at once, on whatever machine. */
const TWO = 2;

/**
 * The files of other levels that run the command line as a process, once more with the single executable
 * (tests/fixtures/command.ts), and what is true of it alone. Of the files of `headless`, `endings` lets its faults in by
 * NODE_OPTIONS, which have no effect here, as `cli/closed-output` does, and the others have their server in the test's own process.
 */
const executableLevel = () => {
  const { resolve, test } = level('executable', 180_000, TWO);
  const include = [
    ...test.include,
    'tests/integration/cli/**/*.test.ts',
    'tests/integration/headless/serve.test.ts',
    'tests/integration/engines/killed-manager.test.ts',
  ];
  const file = `dist/command/${process.platform}-${process.arch}/bin/mlx-manager`;
  const exclude = ['**/node_modules/**', 'tests/integration/cli/closed-output.test.ts'];
  return {
    resolve,
    test: { ...test, include, exclude, env: { MLX_MANAGER_EXECUTABLE: at(file) } },
  };
};

const test: UserConfig = {
  resolve: { alias },
  test: {
    projects: [
      level('unit', 60_000),
      level('integration', 180_000, TWO),
      level('contract', 120_000, TWO),
      level('real-engine', 600_000, 1),
      executableLevel(),
      level('e2e-browser', 240_000, TWO),
      level('e2e-electron', 240_000, TWO),
    ],
  },
};

const configs: Record<string, UserConfig> = {
  main,
  executable: executable('mlx-manager', 'src/cli/index.ts'),
  'executable-thread': executable('hash-worker', 'src/main/core/downloads/hash-worker.ts'),
  'executable-gateway': executable('gateway-thread', 'src/main/gateway/thread.ts'),
  'executable-counter': executable('counter-worker', 'src/main/gateway/context/counter-worker.ts'),
  preload,
  renderer,
  test,
  development: renderer,
};

export default defineConfig(({ mode }) => configs[mode] ?? renderer);
