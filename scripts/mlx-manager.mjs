#!/usr/bin/env node
// The command `mlx-manager`: runs the built command line under Node 24, where its caller stands.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { continueUnderNode24, fail, root } from './node24.mjs';

async function main() {
  const cli = join(root, 'dist', 'main', 'cli.js');
  if (!existsSync(cli)) {
    throw new Error(
      `The program is not built yet. Run "npm run build" (or "npm start") in ${root} first.`,
    );
  }
  await continueUnderNode24(import.meta.url);
  process.argv[1] = cli;
  await import(pathToFileURL(cli).href);
}

main().catch(fail);
