import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';

import { launchBrowser, photograph } from '@fixtures/browser';
import { writeHashedModel } from '@fixtures/hashed-model';
import { safetensorsFile } from '@fixtures/model-files';
import { createModelsWorld, type ModelsWorld } from '@fixtures/models-world';
import type { Browser } from 'playwright';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';

const TRASH = '.mlx-manager-trash';

let browser: Browser;
let world: ModelsWorld;
let folders: Record<string, string>;

beforeAll(async () => {
  browser = await launchBrowser();
});
afterAll(() => browser.close());

beforeEach(async () => {
  folders = {};
  world = await createModelsWorld(browser, async ({ cache }) => {
    for (const [index, name] of ['Alpha-4bit', 'Beta-4bit', 'Gamma-4bit'].entries()) {
      const weights = { 'model.safetensors': safetensorsFile(200_000 + index) };
      folders[name] = (await writeHashedModel(cache, `org/${name}`, weights)).folder;
    }
  });
});
afterEach(async () => {
  expect(await world.close()).toBe(0);
});

const exists = (file: string | undefined) =>
  stat(file ?? '').then(
    () => true,
    () => false,
  );
const toast = (name: string) =>
  world.visitor.page.getByRole('button', { name: new RegExp(`^Undo: Deleted ${name}`) });

it('deletes at once, and the undo brings it back as it was', async () => {
  const { page, problems } = world.visitor;
  await world.show();
  await world.row('Beta-4bit').click();
  await page.getByRole('button', { name: 'Delete', exact: true }).click();
  await world.row('Beta-4bit').waitFor({ state: 'detached' });
  await toast('Beta-4bit').waitFor();
  expect(await page.getByRole('dialog').count()).toBe(0);
  expect(await exists(folders['Beta-4bit'])).toBe(false);
  // What stood below takes its place.
  await world.inspector('Built-in test model').waitFor();
  await page.getByRole('status').getByText('Deleted Beta-4bit, 200 KB').waitFor();
  // Being pointed at, it stays for as long as the pictures take.
  await toast('Beta-4bit').hover();
  expect(await photograph(page, 'models-undo')).toEqual([]);
  await toast('Beta-4bit').click();
  await world.row('Beta-4bit').getByText('Complete').waitFor();
  await toast('Beta-4bit').waitFor({ state: 'detached' });
  expect(await exists(join(folders['Beta-4bit'] ?? '', 'refs', 'main'))).toBe(true);
  expect(await readdir(world.cache)).not.toContain(TRASH);
  expect(problems).toEqual([]);
});

it('by keys alone: several in a row have their undo each, and Ctrl-Z takes back the newest', async () => {
  const { page } = world.visitor;
  await world.show();
  await page.getByRole('grid', { name: 'Models' }).focus();
  await page.keyboard.press('End');
  await page.keyboard.press('Home');
  await world.inspector('Alpha-4bit').waitFor();
  await page.keyboard.press('Delete');
  await toast('Alpha-4bit').waitFor();
  await world.inspector('Beta-4bit').waitFor();
  await page.keyboard.press('Delete');
  await toast('Beta-4bit').waitFor();
  expect(await toast('').count()).toBe(2);
  await page.keyboard.press('ControlOrMeta+z');
  await world.row('Beta-4bit').waitFor();
  await toast('Beta-4bit').waitFor({ state: 'detached' });
  await toast('Alpha-4bit').focus();
  await page.keyboard.press('Enter');
  await world.row('Alpha-4bit').waitFor();
  await toast('Alpha-4bit').waitFor({ state: 'detached' });
  const grid = page.getByRole('grid', { name: 'Models' });
  expect(await grid.evaluate((element) => element === document.activeElement)).toBe(true);
});

it('the undo waits while it is pointed at; then the files are gone from the disk', async () => {
  const { page } = world.visitor;
  await world.show();
  await world.row('Beta-4bit').click();
  // Of a key that is held down only the first is a wish.
  for (const _ of [1, 2, 3]) await page.keyboard.press('Delete');
  await toast('Beta-4bit').hover();
  await page.waitForTimeout(12_000);
  expect(await readdir(join(world.cache, TRASH))).toHaveLength(1);
  expect(await toast('Beta-4bit').isVisible()).toBe(true);
  await page.mouse.move(5, 5);
  // From now on it has its whole time again.
  await page.waitForTimeout(5000);
  expect(await toast('Beta-4bit').isVisible()).toBe(true);
  await toast('Beta-4bit').waitFor({ state: 'detached' });
  await expect.poll(() => readdir(world.cache), { timeout: 5000 }).not.toContain(TRASH);
  expect(await exists(folders['Beta-4bit'])).toBe(false);
});

it('asks where a profile would miss it, with GB and names', async () => {
  const { page } = world.visitor;
  const port = String(await world.home.freePort());
  const create = ['profile', 'create', 'Writer', '--model', 'org/Gamma-4bit', '--port', port];
  await world.manager.json(...create);
  await world.show();
  await world.row('Gamma-4bit').click();
  await page.getByRole('button', { name: 'Delete…' }).click();
  const dialog = page.getByRole('dialog', {
    name: 'Delete Gamma-4bit: 200 KB, used by 1 profile',
  });
  await dialog.getByText('Without it Writer misses a model and cannot be started.').waitFor();
  expect(await photograph(page, 'models-delete-asks')).toEqual([]);
  await dialog.getByRole('button', { name: 'Cancel' }).click();
  await world.row('Gamma-4bit').waitFor();
  expect(await exists(folders['Gamma-4bit'])).toBe(true);
  await page.getByRole('button', { name: 'Delete…' }).click();
  await dialog.getByRole('button', { name: 'Delete Gamma-4bit' }).click();
  await world.row('Gamma-4bit').waitFor({ state: 'detached' });
  await toast('Gamma-4bit').waitFor();
});

it('refuses while a server uses its files, and says which', async () => {
  const { page } = world.visitor;
  await world.manager.registerEngine();
  const port = String(await world.home.freePort());
  await world.manager.json(
    'profile',
    'create',
    'Writer',
    '--model',
    'org/Alpha-4bit',
    '--port',
    port,
  );
  await world.manager.json('start', 'Writer', '--wait');
  await world.show();
  await world.row('Alpha-4bit').getByText('now').waitFor();
  await world.row('Alpha-4bit').click();
  const inspector = world.inspector('Alpha-4bit');
  const button = inspector.getByRole('button', { name: 'Delete…' });
  expect(await button.getAttribute('aria-disabled')).toBe('true');
  const reason = 'To delete it, stop Writer first: it uses these files.';
  await inspector.getByText(reason).waitFor();
  await inspector.getByRole('list', { name: 'Profiles that use it' }).getByText('Ready').waitFor();
  expect(await photograph(page, 'models-in-use')).toEqual([]);
  await page.getByRole('grid', { name: 'Models' }).press('Delete');
  await page.keyboard.press('ControlOrMeta+k');
  const palette = page.getByRole('dialog', { name: 'Command palette' });
  await palette.getByRole('combobox').fill('delete alpha');
  await palette.getByText('To delete it, stop Writer first').waitFor();
  await page.keyboard.press('Escape');
  expect(await exists(folders['Alpha-4bit'])).toBe(true);
  await world.manager.json('stop', 'Writer');
  await inspector.getByText(reason).waitFor({ state: 'detached' });
});

it('an undo that finds its place taken says so and stays until it is read', async () => {
  const { page } = world.visitor;
  await world.show();
  await world.row('Beta-4bit').click();
  await page.keyboard.press('Delete');
  await toast('Beta-4bit').waitFor();
  const weights = { 'model.safetensors': safetensorsFile(10_000) };
  await writeHashedModel(world.cache, 'org/Beta-4bit', weights);
  await world.row('Beta-4bit').waitFor();
  await toast('Beta-4bit').click();
  await page
    .getByRole('alert')
    .getByText('is there again; the deleted one is not put back')
    .waitFor();
  expect(await photograph(page, 'models-undo-refused')).toEqual([]);
  await page.getByRole('button', { name: 'Close', exact: true }).click();
  await page.getByRole('alert').waitFor({ state: 'detached' });
});

it('follows the disk and the command line', async () => {
  const { page } = world.visitor;
  await world.show();
  await world.row('Beta-4bit').waitFor();
  await world.manager.json('model', 'delete', 'org/Beta-4bit');
  await world.row('Beta-4bit').waitFor({ state: 'detached' });
  await writeHashedModel(world.cache, 'org/Delta-4bit', {
    'model.safetensors': safetensorsFile(50_000),
  });
  await world.row('Delta-4bit').getByText('Complete').waitFor();
  await page.getByText('Delta-4bit: new, complete').waitFor({ state: 'attached' });
});
