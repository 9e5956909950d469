// `npm start`: installs what is missing, builds what is stale, runs the application.
import { join } from 'node:path';
import { ensureBuilt, ensureHooks, ensureInstalled } from './ensure.mjs';
import { envFor, fail, findNode, root, run } from './node24.mjs';

async function start(args) {
  const node = await findNode();
  await ensureInstalled();
  await ensureHooks();
  await ensureBuilt();
  console.error(
    'The desktop window is not part of this version: the same screens are served for a browser.',
  );
  const cli = join(root, 'dist', 'main', 'cli.js');
  const demo = args.includes('--demo') || args.includes('--no-demo') ? [] : ['--demo'];
  return run(node, [cli, 'serve', ...demo, ...args], { env: envFor(node) });
}

start(process.argv.slice(2)).then(({ code }) => process.exit(code), fail);
