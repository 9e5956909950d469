// `npm run guide-pictures`: makes docs/guide/pictures/*.png from the built program with the stand-in engine, so that the
// guide shows the screens as they are. Look at them before committing them.
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { withBundles } from './bundle.mjs';
import { ensureBuilt, ensureInstalled } from './ensure.mjs';
import { continueUnderNode24, fail, root } from './node24.mjs';

async function main() {
  await ensureInstalled();
  await continueUnderNode24(import.meta.url);
  await ensureBuilt();
  const input = join(root, 'tests', 'fixtures', 'guide-pictures.ts');
  await withBundles('guide-pictures', [input], async (out) => {
    const { takePictures } = await import(pathToFileURL(join(out, 'guide-pictures.js')).href);
    const folder = join(root, 'docs', 'guide', 'pictures');
    for (const name of await takePictures(folder)) console.log(`docs/guide/pictures/${name}.png`);
  });
}

main().catch(fail);
