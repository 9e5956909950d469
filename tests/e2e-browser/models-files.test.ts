import { readdir, readFile, readlink, realpath, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';

import { photograph } from '@fixtures/browser';
import { eachTestOpens } from '@fixtures/browser-suite';
import { modelRepo } from '@fixtures/download-harness';
import type { HubRepo } from '@fixtures/fake-hub/repos';
import { createModelsHarness, writeBigModel } from '@fixtures/models-harness';
import { beforeAll, expect, it } from 'vitest';

const REF = 'mlx-community/Qwen3-Small-4bit';
const NAME = 'Qwen3-Small-4bit';
const SECOND = 'model-00002-of-00003.safetensors';

let repo: HubRepo;
let snapshot: string;

beforeAll(async () => {
  repo = await modelRepo(REF, { weights: 9_000_000, shards: 3 });
});

const harness = eachTestOpens(async (browser) => {
  const made = await createModelsHarness(browser, undefined, [repo]);
  await made.manager.json('pull', REF);
  const folder = path.join(made.cache, `models--${REF.replace('/', '--')}`, 'snapshots');
  snapshot = path.join(folder, (await readdir(folder))[0] ?? '');
  made.hub.forget();
  return made;
});

/** Names of large files that were fetched since the last look. */
/** Weights that came: small files are also read to tell what a model needs. */
const fetched = () =>
  [...harness().hub.sent.keys()].filter((name) => name.endsWith('.safetensors'));

it('finds a changed byte, fetches that file alone, and the model is whole again', async () => {
  const { page, problems } = harness();
  await harness().show();
  await harness().row(NAME).click();
  const inspector = harness().inspector(NAME);
  await inspector.getByText('Not verified yet').waitFor();
  await inspector.getByRole('button', { name: `Verify: ${NAME}` }).click();
  await inspector.getByText(/^\d of \d verified, /).waitFor();
  const blob = await realpath(path.join(snapshot, SECOND));
  const bytes = await readFile(blob);
  bytes.writeUInt8(bytes.readUInt8(1_000_000) ^ 1, 1_000_000);
  await writeFile(blob, bytes);
  await inspector.getByRole('button', { name: `Verify again: ${NAME}` }).click();
  await harness().row(NAME).getByText('Damaged').waitFor();
  const wrong = inspector.getByRole('list', { name: 'What is wrong with its files' });
  await wrong.getByText(new RegExp(`^${SECOND}`)).waitFor();
  // Whichever of the two comes last is what a screen reader was told last.
  await page.getByText(/: (?:Damaged|1 damaged file)$/).waitFor({ state: 'attached' });
  expect(await photograph(page, 'models-damaged')).toEqual([]);
  const repair = harness()
    .row(NAME)
    .getByRole('button', { name: `Repair 3.0 MB of ${NAME}` });
  await repair.click();
  await harness().row(NAME).getByText('Complete').waitFor();
  expect(fetched()).toEqual([SECOND]);
  expect(await readFile(await realpath(path.join(snapshot, SECOND)))).not.toEqual(bytes);
  expect(problems).toEqual([]);
});

it('goes on with an incomplete one, shows how far it is, and can pause', async () => {
  const { page } = harness();
  const blob = path.resolve(snapshot, await readlink(path.join(snapshot, SECOND)));
  await rm(blob);
  await rm(path.join(snapshot, SECOND));
  harness().hub.bytesPerSecond = 300_000;
  await harness().show();
  await harness().row(NAME).getByText('Incomplete').waitFor();
  await harness().row(NAME).click();
  expect(await photograph(page, 'models-incomplete')).toEqual([]);
  await harness()
    .row(NAME)
    .getByRole('button', { name: `Resume ${NAME}` })
    .click();
  const bar = harness()
    .row(NAME)
    .getByRole('progressbar', { name: `Download of ${REF}` });
  await bar.waitFor();
  await harness()
    .row(NAME)
    .getByRole('button', { name: `Pause ${REF}` })
    .click();
  await harness()
    .row(NAME)
    .getByText(/^Paused at/)
    .waitFor();
  await harness()
    .inspector(NAME)
    .getByText('Cancel the download before deleting this model.')
    .waitFor();
  expect(await photograph(page, 'models-downloading')).toEqual([]);
  harness().hub.bytesPerSecond = undefined;
  await harness()
    .row(NAME)
    .getByRole('button', { name: `Resume ${REF}` })
    .click();
  await harness().row(NAME).getByText('Complete').waitFor();
  expect(fetched()).toEqual([SECOND]);
});

it('says how far a verification is, and ends it when it is told to', async () => {
  const { page } = harness();
  await writeBigModel(harness().cache, 'org/Large-4bit', { bytes: 12e9 });
  await harness().show();
  await harness().row('Large-4bit').click();
  const inspector = harness().inspector('Large-4bit');
  await inspector.getByRole('button', { name: 'Verify: Large-4bit' }).click();
  const bar = harness().row('Large-4bit').getByRole('progressbar');
  await bar.waitFor();
  await harness()
    .row('Large-4bit')
    .getByText(/^Verifying, .* of 12\.0 GB/)
    .waitFor();
  await inspector.getByText('Cancel the verification before deleting this model.').waitFor();
  await page.screenshot({ path: 'test-results/screens/models-verifying.png' });
  await harness()
    .row('Large-4bit')
    .getByRole('button', { name: 'Cancel the verification of org/Large-4bit' })
    .click();
  await harness().row('Large-4bit').getByText('Complete').waitFor();
  await page.getByText('verification canceled').waitFor({ state: 'attached' });
});

it('the palette acts on the model in front', async () => {
  const { page } = harness();
  await harness().show();
  await harness().row(NAME).click();
  const palette = page.getByRole('dialog', { name: 'Command palette' });
  const run = async (text: string): Promise<void> => {
    await page.keyboard.press('ControlOrMeta+k');
    await palette.getByRole('combobox').fill(text);
    await page.keyboard.press('Enter');
    await palette.waitFor({ state: 'detached' });
  };
  await run(`verify ${NAME}`);
  await harness()
    .inspector(NAME)
    .getByText(/^\d of \d verified, /)
    .waitFor();
  await page.keyboard.press('ControlOrMeta+k');
  await palette.getByRole('combobox').fill('reveal');
  const reveal = palette.getByRole('option', { name: `Reveal ${NAME}` });
  expect(await reveal.getAttribute('aria-disabled')).toBe('true');
  await reveal.getByText(/desktop app/).waitFor();
  await page.keyboard.press('Escape');
  await run(`delete ${NAME}`);
  await harness().row(NAME).waitFor({ state: 'detached' });
  await page.getByRole('button', { name: /^Undo/ }).click();
  await harness().row(NAME).click();
  await run(`new profile with ${NAME}`);
  await page.getByLabel('Model', { exact: true }).waitFor();
  expect(page.url()).toContain(encodeURIComponent(REF));
});
