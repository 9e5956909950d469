// `npm start`: installs what is missing, builds what is stale, runs the application: its window where there is a
// desktop, otherwise (or with `--headless`) the same screens for a browser.
import { join } from 'node:path';
import { findElectron, openWindow, whyNoDesktop } from './electron.mjs';
import { ensureBuilt, ensureHooks, ensureInstalled } from './ensure.mjs';
import { envFor, fail, findNode, root, run } from './node24.mjs';

async function start(args) {
  const node = await findNode();
  await ensureInstalled();
  await ensureHooks();
  await ensureBuilt();
  const electron = args.includes('--headless')
    ? undefined
    : await electronOrWhy(node).catch((error) => sayWhy(error.message));
  return electron ? openWindow(electron, [root, ...args]) : serve(node, args);
}

async function electronOrWhy(node) {
  const why = whyNoDesktop();
  if (why !== undefined) throw new Error(why);
  return findElectron(node);
}

function sayWhy(reason) {
  console.error(`No window can be opened: ${reason}. The same screens are served for a browser.`);
}

function serve(node, args) {
  const cli = join(root, 'dist', 'main', 'cli.js');
  const given = args.filter((arg) => arg !== '--headless');
  const demo = given.includes('--demo') || given.includes('--no-demo') ? [] : ['--demo'];
  return run(node, [cli, 'serve', ...demo, ...given], { env: envFor(node) });
}

start(process.argv.slice(2)).then(({ code }) => process.exit(code), fail);
