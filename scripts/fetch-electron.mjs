// Fetches the Electron binary that node_modules/electron names into its cache, saying how far it is, then lets the
// package's own installer unpack it. Run by electron.mjs under Node 24; its last line on stderr is why it failed.
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { root, run } from './node24.mjs';

const PACKAGE = join(root, 'node_modules', 'electron');
/** A line each time so many percent more have come. */
const STEP = 10;

async function main() {
  const require = createRequire(join(PACKAGE, 'index.js'));
  const { downloadArtifact } = await import(pathToFileURL(require.resolve('@electron/get')).href);
  const { version } = JSON.parse(await readFile(join(PACKAGE, 'package.json'), 'utf8'));
  let said = 0;
  await downloadArtifact({
    ...{ version, artifactName: 'electron', platform: process.platform, arch: process.arch },
    cacheRoot: process.env.electron_config_cache,
    checksums: JSON.parse(await readFile(join(PACKAGE, 'checksums.json'), 'utf8')),
    downloadOptions: {
      quiet: true,
      async getProgressCallback({ percent, transferred, total }) {
        const now = Math.floor((percent * 100) / STEP) * STEP;
        if (now <= said) return;
        said = now;
        const of = total ? ` of ${Math.round(total / 1e6)}` : '';
        console.error(`  ${now} %, ${Math.round(transferred / 1e6)}${of} MB`);
      },
    },
  });
  const { code } = await run(process.execPath, [join(PACKAGE, 'install.js')]);
  if (code !== 0) throw new Error('it could not be unpacked');
}

/** The innermost reason: what fetch throws says only that it failed. */
function reasonOf(error) {
  const code = error.cause?.code ?? error.code;
  const message = error.cause?.message ?? error.message;
  return code && !message.includes(code) ? `${code}: ${message}` : message;
}

main().catch((error) => {
  console.error(reasonOf(error).split('\n')[0]);
  process.exit(1);
});
