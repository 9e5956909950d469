import { photograph } from '@fixtures/browser';
import { eachTestOpens } from '@fixtures/browser-suite';
import { createDiscoverHarness } from '@fixtures/discover-harness';
import { modelRepo } from '@fixtures/download-harness';
import type { HubRepo } from '@fixtures/fake-hub/repos';
import { beforeAll, expect, it } from 'vitest';
import { z } from 'zod';

const NAMES = ['One', 'Two', 'Three', 'Four'] as const;
const ref = (name: string): string => `mlx-community/${name}-4bit`;
const Jobs = z.array(z.object({ ref: z.string(), state: z.string() }));

let repos: readonly HubRepo[];

beforeAll(async () => {
  repos = await Promise.all(
    NAMES.map((name, index) =>
      modelRepo(ref(name), { weights: 20_000_000, facts: { downloads: 100 - index } }),
    ),
  );
});
const harness = eachTestOpens(async (browser) => {
  const made = await createDiscoverHarness(browser, repos);
  made.hub.bytesPerSecond = 300_000;
  return made;
});

const order = async (): Promise<string[]> =>
  Jobs.parse(await harness().manager.json('downloads')).map((job) => job.ref);

async function startAll(): Promise<void> {
  await harness().open('Four-4bit');
  for (const name of NAMES) {
    await harness()
      .page.getByRole('button', { name: `Download ${ref(name)}`, exact: true })
      .click();
    await harness().row(name).getByRole('button', { name: 'Pause' }).waitFor();
  }
}

it('shows all downloads whatever the search says, and lets them change places', async () => {
  const { page, row } = harness();
  await startAll();
  await row('Four')
    .getByText(/^Queued/)
    .waitFor();
  await page.getByRole('searchbox', { name: 'Search models' }).fill('nothing like these');
  await row('One').waitFor({ state: 'detached' });
  await page.getByRole('button', { name: /^Downloads/ }).click();
  const list = page.getByRole('list', { name: 'Downloads' });
  await list.getByText('Four-4bit').waitFor();
  expect(await photograph(page, 'discover-downloads')).toEqual([]);
  await page.getByRole('button', { name: `Move ${ref('Four')} up` }).click();
  await list.getByRole('listitem').nth(2).getByText('Four-4bit').waitFor();
  expect(await order()).toEqual(['One', 'Two', 'Four', 'Three'].map(ref));
  await page.getByRole('button', { name: `Move ${ref('Three')} up` }).focus();
  await page.keyboard.press('Alt+ArrowUp');
  await list.getByRole('listitem').nth(2).getByText('Three-4bit').waitFor();
  await page.getByRole('button', { name: 'Pause all' }).click();
  const panel = page.getByRole('dialog', { name: 'Downloads' });
  await panel.getByText('4 paused').waitFor();
  await page.getByRole('button', { name: 'Resume all' }).click();
  await panel
    .getByText(/ downloading| queued/)
    .first()
    .waitFor();
  harness().hub.bytesPerSecond = undefined;
  await panel.getByText('4 done').waitFor();
  await page.getByRole('button', { name: 'Clear finished' }).click();
  await page.getByRole('button', { name: /^Downloads/ }).waitFor({ state: 'detached' });
});

it('shows a failure with what mends it, in the queue and in the details', async () => {
  const { page, row, inspector, hub } = harness();
  hub.bytesPerSecond = undefined;
  hub.plan = ({ kind, file }) =>
    kind === 'cdn' && file?.includes('00001') ? { kind: 'corrupt', at: 5_000_000 } : undefined;
  await harness().open('One-4bit');
  await page.getByRole('button', { name: `Download ${ref('One')}`, exact: true }).click();
  const details = inspector('One-4bit');
  await details
    .getByRole('alert')
    .getByText(/even on a second try/)
    .waitFor();
  await page.getByRole('button', { name: /^Downloads.*1 failed/ }).click();
  await page.getByRole('list', { name: 'Downloads' }).getByRole('alert').waitFor();
  expect(await photograph(page, 'discover-failed')).toEqual([]);
  await page.keyboard.press('Escape');
  hub.plan = () => undefined;
  await details.getByRole('button', { name: 'Try again' }).click();
  await row('One').getByText('On this machine').waitFor();
});

it('is paused, gone on with and cancelled from the details', async () => {
  const { page, inspector } = harness();
  await harness().open('One-4bit');
  await page.getByRole('button', { name: `Download ${ref('One')}`, exact: true }).click();
  const details = inspector('One-4bit');
  await details.getByText(/connections?$/).waitFor();
  await details
    .getByRole('table', { name: 'Files' })
    .getByText(/^\d+ %$/)
    .first()
    .waitFor();
  await details.getByRole('button', { name: 'Pause', exact: true }).click();
  await details.getByText('Paused').waitFor();
  await details.getByRole('button', { name: 'Resume', exact: true }).click();
  await details.getByRole('button', { name: 'Pause', exact: true }).waitFor();
  await details.getByRole('button', { name: 'Cancel…' }).click();
  await page.getByRole('button', { name: 'Cancel download' }).click();
  await details.getByRole('button', { name: 'Download One-4bit' }).waitFor();
  expect(await order()).toEqual([]);
});
