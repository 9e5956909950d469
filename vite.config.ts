import { builtinModules } from 'node:module';
import { fileURLToPath } from 'node:url';
import tailwindcss from '@tailwindcss/vite';
import react from '@vitejs/plugin-react';
import type { UserConfig } from 'vite';
import { defineConfig } from 'vitest/config';

const at = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

/** Path aliases, one per layer; tsconfig.json has the same list. */
const alias = {
  '@shared': at('src/shared'),
  '@core': at('src/main/core'),
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
      },
      external: ['electron', ...builtinModules.flatMap((name) => [name, `node:${name}`])],
      output: { format: 'es', entryFileNames: '[name].js' },
    },
  },
};

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

/** `vitest run --project NAME`: one project per level of tests. */
const level = (name: string, timeoutMs: number, parallel: boolean) => ({
  resolve: { alias },
  test: {
    name,
    include: [`tests/${name}/**/*.test.{ts,tsx}`],
    testTimeout: timeoutMs,
    hookTimeout: timeoutMs,
    fileParallelism: parallel,
    pool: 'forks' as const,
  },
});

const test: UserConfig = {
  resolve: { alias },
  test: {
    projects: [
      level('unit', 10_000, true),
      level('integration', 60_000, false),
      level('contract', 30_000, false),
      level('real-engine', 300_000, false),
      level('e2e-browser', 120_000, false),
      level('e2e-electron', 120_000, false),
    ],
  },
};

const configs: Record<string, UserConfig> = {
  main,
  preload,
  renderer,
  test,
  development: renderer,
};

export default defineConfig(({ mode }) => configs[mode] ?? renderer);
