import { photograph } from '@fixtures/browser';
import { eachTestOpens } from '@fixtures/browser-suite';
import { createDiscoverHarness } from '@fixtures/discover-harness';
import { modelRepo } from '@fixtures/download-harness';
import { createPageHarness } from '@fixtures/page-harness';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';

describe('a deleted profile', () => {
  const harness = eachTestOpens(async (browser) => {
    const made = await createPageHarness(browser);
    await made.manager.registerEngine();
    return made;
  });

  const heading = (name: string) => harness().page.getByRole('heading', { name, level: 2 });

  async function deleteProfile(name: string): Promise<void> {
    const { page, serverRow } = harness();
    await serverRow(name).getByRole('button').first().click();
    await heading(name).waitFor();
    await page.getByRole('button', { name: `More for ${name}` }).click();
    await page.getByRole('menuitem', { name: 'Delete…' }).click();
    await page.getByRole('button', { name: `Delete ${name}` }).click();
    await serverRow(name).waitFor({ state: 'hidden' });
  }

  it('leaves its place to its neighbor, and comes back whole', async () => {
    const { page, manager, serverRow } = harness();
    const Profiles = z.array(z.object({ name: z.string() }));
    for (const name of ['Amber', 'Birch', 'Cedar']) {
      await harness().createProfile(name, { LOAD_MS: 7 });
    }
    await harness().logIn();
    const before = await manager.json('profile', 'show', 'Birch');
    await deleteProfile('Birch');
    await heading('Cedar').waitFor();
    await deleteProfile('Cedar');
    await heading('Amber').waitFor();
    expect(await photograph(page, 'profile-deleted')).toEqual([]);
    await page.getByRole('button', { name: 'Undo: Deleted Birch' }).click();
    await heading('Birch').waitFor();
    await serverRow('Birch').waitFor();
    expect(await manager.json('profile', 'show', 'Birch')).toEqual(before);
    const left = Profiles.parse(await manager.json('profile', 'list')).map(({ name }) => name);
    expect(left).toEqual(['Amber', 'Birch']);
  });

  it('is not replaced by another one when its address is opened', async () => {
    const { page, manager } = harness();
    await harness().createProfile('Amber');
    await harness().logIn();
    await page.goto(`${manager.url}/#/servers/nosuchprofile`);
    await page.getByText('This profile doesn’t exist').waitFor();
    expect(await heading('Amber').count()).toBe(0);
    await page.getByRole('button', { name: 'Show the first profile' }).click();
    await heading('Amber').waitFor();
  });
});

describe('a model that is not on the disk', () => {
  const REF = 'mlx-community/Gone-4bit';
  const withHub = eachTestOpens(async (browser) => {
    const made = await createDiscoverHarness(browser, [
      await modelRepo(REF, { weights: 20_000_000 }),
    ]);
    made.hub.bytesPerSecond = 300_000;
    await made.manager.registerEngine();
    return made;
  });

  it('can be downloaded again where its absence is said', async () => {
    const { page, manager } = withHub();
    await manager.json('profile', 'create', 'Gone', '--model', REF);
    await withHub().logIn();
    await page.getByRole('button', { name: 'Start', exact: true }).click();
    const failure = page.getByRole('alert').filter({ hasText: `${REF} isn't on this machine` });
    await failure.getByRole('button', { name: 'Download again' }).waitFor();
    expect(await photograph(page, 'model-missing')).toEqual([]);
    await failure.getByRole('button', { name: 'Download again' }).click();
    await page.getByRole('region', { name: 'Model Gone-4bit' }).waitFor();
    expect(JSON.stringify(await manager.json('downloads'))).toContain(REF);
  });
});
