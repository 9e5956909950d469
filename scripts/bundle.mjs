// Bundles programs of this checkout that are written in TypeScript and are not part of what ships: benchmarks and the
// check of a Mac. Packages stay outside, so the result must lie inside node_modules to find them.
import { rmSync } from 'node:fs';
import { mkdir, mkdtemp } from 'node:fs/promises';
import { join } from 'node:path';
import { root } from './node24.mjs';

/**
 * Runs `work` with a folder that holds each entry as NAME.js, and removes the folder afterwards.
 * @param inputs paths of the entries.
 */
export async function withBundles(name, inputs, work) {
  const cache = join(root, 'node_modules', '.cache');
  await mkdir(cache, { recursive: true });
  const out = await mkdtemp(join(cache, `${name}-`));
  const clean = () => rmSync(out, { recursive: true, force: true });
  // Also where the work ends the process, as at Ctrl-C.
  process.once('exit', clean);
  try {
    await bundle(inputs, out);
    return await work(out);
  } finally {
    clean();
    process.off('exit', clean);
  }
}

async function bundle(input, outDir) {
  const { build, loadConfigFromFile } = await import('vite');
  const own = await loadConfigFromFile(
    { mode: 'main', command: 'build' },
    join(root, 'vite.config.ts'),
  );
  await build({
    configFile: false,
    root,
    logLevel: 'warn',
    resolve: own.config.resolve,
    build: {
      ssr: true,
      outDir,
      emptyOutDir: true,
      target: 'node24',
      minify: false,
      rollupOptions: { input, output: { format: 'es', entryFileNames: '[name].js' } },
    },
  });
}
