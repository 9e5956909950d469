// Prints the Homebrew cask of this version: its number, and the checksum of the disk image in release/.
import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fail, root } from './node24.mjs';

/** The template with its two marks filled in; throws where a mark is missing or left. */
export function fillCask(template, { version, sha256 }) {
  if (!/^[0-9a-f]{64}$/.test(sha256)) throw new Error(`${sha256} is no SHA-256.`);
  const filled = template.replace('{{version}}', version).replace('{{sha256}}', sha256);
  if (filled.includes('{{')) throw new Error('The cask has a mark that nobody fills in.');
  if (!filled.includes(version) || !filled.includes(sha256))
    throw new Error('The cask has lost a mark.');
  // The line about how it is made belongs to the template.
  return filled.replace(/^#.*\n/, '');
}

async function main() {
  const { version } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'));
  const folder = join(root, 'release');
  const image = (await readdir(folder)).find((name) => name.endsWith(`-${version}-arm64.dmg`));
  if (image === undefined) throw new Error(`release/ has no disk image of version ${version}.`);
  const sha256 = createHash('sha256')
    .update(await readFile(join(folder, image)))
    .digest('hex');
  const template = await readFile(join(root, 'packaging', 'homebrew', 'mlx-manager.rb'), 'utf8');
  process.stdout.write(fillCask(template, { version, sha256 }));
}

if (process.argv[1] === import.meta.filename) main().catch(fail);
