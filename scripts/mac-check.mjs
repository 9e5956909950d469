// `npm run mac-check [-- --app PATH] [--out FILE] [NAME ...]`: runs what can be checked on a Mac without hands and
// prints one report; on other systems what they have of it. The checks are in scripts/mac-check/;
// docs/first-run-on-a-mac.md says what a person looks at.
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { withBundles } from './bundle.mjs';
import { ensureBuilt, ensureInstalled } from './ensure.mjs';
import { continueUnderNode24, fail, root } from './node24.mjs';

/** The one of this checkout, else the one that is installed. */
const APPS = [
  join(root, 'release', 'mac-arm64', 'MLX Manager.app'),
  '/Applications/MLX Manager.app',
];

async function main() {
  const { values, positionals } = parseArgs({
    options: { app: { type: 'string' }, out: { type: 'string' } },
    allowPositionals: true,
  });
  await ensureInstalled();
  await continueUnderNode24(import.meta.url);
  await ensureBuilt();
  const caller = process.cwd();
  const options = {
    root: resolve(root),
    app:
      values.app === undefined ? (APPS.find(existsSync) ?? APPS[0]) : resolve(caller, values.app),
    out: values.out === undefined ? undefined : resolve(caller, values.out),
    only: positionals,
  };
  // Stand-ins are found from the root.
  process.chdir(root);
  const entry = join(root, 'scripts', 'mac-check', 'index.ts');
  process.exitCode = await withBundles('mac-check', [entry], async (folder) => {
    const { runMacCheck } = await import(pathToFileURL(join(folder, 'index.js')).href);
    return runMacCheck(options);
  });
}

main().catch(fail);
