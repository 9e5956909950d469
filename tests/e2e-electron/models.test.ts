import { join } from 'node:path';

import { openPage } from '@fixtures/desktop-harness';
import { until } from '@fixtures/until';
import { eachTestOpensDesktop, it } from '@fixtures/electron/it';
import { expect } from 'vitest';

const harness = eachTestOpensDesktop();

it('shows the folder of a model in the file manager', async () => {
  const desktop = await harness().launch();
  const page = await openPage(desktop);
  await page.getByRole('link', { name: 'Models' }).click();
  await page.getByRole('row', { name: 'Built-in test model' }).click();
  await page.getByRole('button', { name: 'Reveal', exact: true }).click();
  const opened = await until(
    async () => (await desktop.asked()).opened.at(-1),
    'the folder that is shown',
  );
  expect(opened).toBe(join(harness().home.paths.models, 'demo'));
});
