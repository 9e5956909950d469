// `npm run sentences`: prints every sentence of the source that a person may read, with its place.
import { ensureInstalled } from './ensure.mjs';
import { continueUnderNode24, fail } from './node24.mjs';

async function main() {
  await ensureInstalled();
  await continueUnderNode24(import.meta.url);
  // Node 24 reads TypeScript by leaving its types out.
  const { sentencesOf } = await import('../tests/fixtures/sentences.ts');
  for (const { file, line, text } of await sentencesOf()) console.log(`${file}:${line}: ${text}`);
}

main().catch(fail);
