// Narrows npm's list of everything installed (`npm sbom --sbom-format cyclonedx`, on standard input) to what is in the
// application: `--omit dev` would leave out the packages that Vite puts into the screens.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fail, root } from './node24.mjs';
import { packagesIn } from './third-party-notices.mjs';
import { versionOf } from './wheel.mjs';
import { pinnedNode } from './fetch-node.mjs';

/** The list with the components of `ids` (name@version), and `others` that npm did not install. */
export function narrow(list, ids, others) {
  const kept = new Set(ids);
  const components = list.components.filter((component) => kept.has(component['bom-ref']));
  const refs = new Set([...components, list.metadata.component].map((one) => one['bom-ref']));
  const dependencies = list.dependencies
    .filter(({ ref }) => refs.has(ref))
    .map((one) => ({ ...one, dependsOn: one.dependsOn.filter((ref) => refs.has(ref)) }));
  return { ...list, components: [...components, ...others], dependencies };
}

/** npm's own name of what is in a place of node_modules. */
function idOf(lock, path) {
  return `${path.split('node_modules/').at(-1)}@${lock.packages[path].version}`;
}

async function main() {
  const lock = JSON.parse(await readFile(join(root, 'package-lock.json'), 'utf8'));
  const uv = versionOf(
    'uv',
    await readFile(join(root, 'resources', 'engines', 'uv', 'all.txt'), 'utf8'),
  );
  const list = JSON.parse(await text(process.stdin));
  const others = [part('uv', uv, 'pypi'), part('node', await pinnedNode(), 'generic')];
  const ids = [...packagesIn(lock), 'node_modules/electron'].map((path) => idOf(lock, path));
  process.stdout.write(`${JSON.stringify(narrow(list, ids, others), null, 2)}\n`);
}

/** A program that npm knows nothing of. */
function part(name, version, registry) {
  const purl = `pkg:${registry}/${name}@${version}`;
  return { 'bom-ref': `${name}@${version}`, type: 'application', name, version, purl };
}

if (process.argv[1] === import.meta.filename) main().catch(fail);
