import { photograph } from '@fixtures/browser';
import { eachTestOpens } from '@fixtures/browser-suite';
import { startManager } from '@fixtures/manager-process';
import { createPageHarness } from '@fixtures/page-harness';
import { describe, expect, it } from 'vitest';

const REASON = 'Not connected to MLX Manager';

const harness = eachTestOpens(async (browser) => {
  const made = await createPageHarness(browser);
  await made.manager.registerEngine();
  await made.createProfile('Amber');
  await made.logIn();
  return made;
});

describe('while the manager does not answer', () => {
  it('what would change something is off and says why, and nothing that was clicked is done later', async () => {
    const h = harness();
    const { page, manager } = h;
    const nothingDone = () =>
      page.getByText('Not connected to MLX Manager, so nothing was changed.');
    const row = h.serverRow('Amber');
    await row.getByRole('button', { name: 'Start Amber' }).waitFor();
    await page.getByRole('button', { name: 'More for Amber' }).click();
    await page.getByRole('menuitem', { name: 'Delete…' }).click();
    const confirm = page.getByRole('button', { name: 'Delete Amber' });
    await confirm.waitFor();
    const place = await row.boundingBox();
    await manager.kill();
    await page.getByText('Lost connection to MLX Manager. Reconnecting…').waitFor();
    // The message moves nothing.
    expect(await row.boundingBox()).toEqual(place);

    await expect.poll(() => confirm.getAttribute('aria-description')).toBe(REASON);
    await confirm.click({ force: true });
    await page.getByRole('button', { name: 'Cancel' }).click();
    const start = row.getByRole('button', { name: 'Start Amber' });
    expect(await start.getAttribute('aria-description')).toBe(REASON);
    await start.click({ force: true });
    await page.getByRole('button', { name: 'More for Amber' }).click();
    const duplicate = page.getByRole('menuitem', { name: 'Duplicate' });
    expect(await duplicate.textContent()).toContain(REASON);
    expect(await duplicate.getAttribute('aria-disabled')).toBe('true');
    await page.keyboard.press('Escape');
    expect(await photograph(page, 'not-connected')).toEqual([]);
    const bar = await page.getByText('Lost connection to MLX Manager. Reconnecting…').boundingBox();
    const foot = await page.getByRole('img', { name: /^Memory: servers/ }).boundingBox();
    if (!bar || !foot) throw new Error('The foot of the window is not there.');
    expect(foot.y + foot.height, 'nothing is covered').toBeLessThan(bar.y);

    // The palette and the shortcuts have no control to be off.
    await page.keyboard.press('ControlOrMeta+k');
    const palette = page.getByRole('dialog', { name: 'Command palette' });
    await palette.getByRole('combobox').fill('start amber');
    await palette
      .getByRole('option', { name: /^Start Amber/ })
      .getByText(REASON)
      .waitFor();
    await page.keyboard.press('Enter');
    await page.keyboard.press('Escape');
    await page.keyboard.press('Alt+r');
    await nothingDone().waitFor();

    await page.getByRole('link', { name: /^Settings/ }).click();
    const dark = page.getByRole('radio', { name: 'Dark' });
    expect(await dark.isDisabled()).toBe(true);
    expect(await dark.getAttribute('title')).toBe(REASON);
    const grace = page.getByRole('textbox', { name: 'Force-quit after' });
    await grace.fill('33');
    await grace.press('Enter');
    await nothingDone().waitFor();
    expect(await photograph(page, 'not-connected-settings')).toEqual([]);

    h.manager = await startManager({
      home: manager.home,
      port: Number(new URL(manager.url).port),
      offline: true,
    });
    await page
      .getByText('Lost connection to MLX Manager. Reconnecting…')
      .waitFor({ state: 'hidden' });
    await expect.poll(() => dark.isDisabled()).toBe(false);
    expect(await grace.inputValue()).toBe('33');
    const after = await h.manager.json('status');
    expect(after).toMatchObject({ servers: [{ name: 'Amber', state: 'stopped' }] });
    expect(await h.manager.json('settings', 'get', 'stopGraceSeconds')).toBe(10);
  });

  it('of one that hangs nothing is asked that it would carry out when it goes on', async () => {
    const h = harness();
    const { page, manager } = h;
    const start = h.serverRow('Amber').getByRole('button', { name: 'Start Amber' });
    await start.waitFor();
    process.kill(manager.pid, 'SIGSTOP');
    try {
      await start.click();
      await page.getByText(/^MLX Manager isn't responding\. Nothing can be changed/).waitFor();
      expect(await start.getAttribute('aria-description')).toBe("MLX Manager isn't responding");
      await start.click({ force: true });
      await page.keyboard.press('Alt+r');
    } finally {
      process.kill(manager.pid, 'SIGCONT');
    }
    await page.getByText(/^MLX Manager isn't responding\. Nothing/).waitFor({ state: 'hidden' });
    await expect.poll(() => start.getAttribute('aria-description')).toBe(null);
    expect(await manager.json('status')).toMatchObject({
      servers: [{ name: 'Amber', state: 'stopped' }],
    });
    // From now on it does as it is told.
    await start.click();
    await h.serverRow('Amber').getByText('Ready').waitFor();
  });
});
