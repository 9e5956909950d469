// `node scripts/run.mjs NAME ...`: runs a program of node_modules under Node 24.
import { existsSync, realpathSync } from 'node:fs';
import { join } from 'node:path';
import { ensureInstalled } from './ensure.mjs';
import { envFor, fail, findNode, root, run } from './node24.mjs';

async function runLocal([name, ...args]) {
  if (name === undefined) throw new Error('Say which program: node scripts/run.mjs NAME ...');
  await ensureInstalled();
  const link = join(root, 'node_modules', '.bin', name);
  if (!existsSync(link)) throw new Error(`No installed package has a program named ${name}.`);
  const node = await findNode();
  return run(node, [realpathSync(link), ...args], { env: envFor(node) });
}

runLocal(process.argv.slice(2)).then(({ code }) => process.exit(code), fail);
