import { join } from 'node:path';

import { type DesktopHarness, openPage, until } from '@fixtures/desktop-harness';
import { it, usesDesktopHarness } from '@fixtures/electron/it';
import { expect } from 'vitest';

let harness: DesktopHarness;
usesDesktopHarness((next) => {
  harness = next;
});

it('shows the folder of a model in the file manager', async () => {
  const desktop = await harness.launch();
  const page = await openPage(desktop);
  await page.getByRole('link', { name: 'Models' }).click();
  await page.getByRole('row', { name: 'Built-in test model' }).click();
  await page.getByRole('button', { name: 'Reveal', exact: true }).click();
  const opened = await until(
    async () => (await desktop.asked()).opened.at(-1),
    'the folder that is shown',
  );
  expect(opened).toBe(join(harness.home.paths.models, 'demo'));
});
