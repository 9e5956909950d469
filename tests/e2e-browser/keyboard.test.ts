import { eachTestOpens } from '@fixtures/browser-suite';
import { createPageHarness } from '@fixtures/page-harness';
import { describe, expect, it } from 'vitest';

const harness = eachTestOpens(createPageHarness);

/** What has the focus, as a screen reader would begin to say it, and whether that can be seen; undefined past the end. */
function focused(): Promise<{ name: string; visible: boolean } | undefined> {
  return harness().page.evaluate(() => {
    const element = document.activeElement;
    if (!(element instanceof HTMLElement) || element === document.body) return undefined;
    const box = element.getBoundingClientRect();
    const style = getComputedStyle(element);
    const ring = style.outlineStyle !== 'none' && Number.parseFloat(style.outlineWidth) > 0;
    const around = element.closest(':focus-within[class*="focus-within"]') !== null;
    return {
      name: element.getAttribute('aria-label') ?? element.textContent?.trim() ?? '',
      visible: box.width > 0 && (ring || style.boxShadow !== 'none' || around),
    };
  });
}

describe('the keyboard alone', () => {
  it('logs in, reaches everything on the servers screen, and shows where it is', async () => {
    const { page, manager } = harness();
    await manager.registerEngine();
    const port = await manager.home.freePort();
    await manager.json('profile', 'create', 'One', '--model', 'demo', '--port', String(port));
    await page.goto(manager.url);
    await page.getByLabel('Token', { exact: true }).waitFor();
    await page.keyboard.type(manager.token);
    await page.keyboard.press('Enter');
    await page.getByRole('navigation', { name: 'Screens' }).waitFor();
    const seen: string[] = [];
    for (let presses = 0; presses < 60; presses += 1) {
      await page.keyboard.press('Tab');
      const now = await focused();
      if (now === undefined) break;
      seen.push(now.name);
      expect(now).toEqual({ name: now.name, visible: true });
    }
    const all = seen.join('\n');
    for (const wanted of ['Servers', 'Models', 'Engines', 'Settings', 'New profile', 'Start One']) {
      expect(all).toContain(wanted);
    }
  });

  it('moves between screens and starts and stops a server', async () => {
    const { page, manager } = harness();
    await manager.registerEngine();
    const port = await manager.home.freePort();
    await manager.json('profile', 'create', 'One', '--model', 'demo', '--port', String(port));
    await harness().logIn();
    const list = page.getByRole('list', { name: 'Profiles' });
    await list.getByRole('button', { name: 'Start One' }).focus();
    await page.keyboard.press('Enter');
    await list.getByText('Ready').first().waitFor();
    await list.getByRole('button', { name: 'Stop One' }).focus();
    await page.keyboard.press('Space');
    await list.getByText('Stopped').first().waitFor();
    await page.keyboard.press('ControlOrMeta+k');
    await page.getByRole('dialog').getByRole('combobox').fill('engines');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'Engines', level: 1 }).waitFor();
    await page.keyboard.press('ControlOrMeta+k');
    await page.getByRole('dialog').waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'hidden' });
  });

  it('stops once at a list, whose rows are reached by the arrows, Home and End', async () => {
    const { page } = harness();
    for (const name of ['One', 'Two', 'Three']) await harness().createProfile(name);
    await harness().logIn();
    const list = page.getByRole('list', { name: 'Profiles' });
    const rowOf = (name: string) => list.locator('[data-row]').filter({ hasText: name });
    const stops = await list
      .locator('button')
      .evaluateAll((buttons) =>
        buttons
          .filter((button) => (button as HTMLElement).tabIndex >= 0)
          .map((button) => button.getAttribute('aria-label') ?? 'row'),
      );
    expect(stops).toEqual(['row', 'Start One']);
    await rowOf('One').focus();
    for (const [key, name] of [
      ['ArrowDown', 'Two'],
      ['End', 'Three'],
      ['ArrowUp', 'Two'],
      ['Home', 'One'],
    ] as const) {
      await page.keyboard.press(key);
      await page.getByRole('heading', { name, level: 2 }).waitFor();
      expect(await rowOf(name).evaluate((row) => row === document.activeElement)).toBe(true);
      expect(await rowOf(name).getAttribute('tabindex')).toBe('0');
    }
  });
});

describe('a zoomed window, which has no room for a list and its detail', () => {
  it('shows one of them, and leads from each to the other', async () => {
    const { page } = harness();
    for (const name of ['One', 'Two']) await harness().createProfile(name);
    await harness().logIn();
    await page.setViewportSize({ width: 720, height: 450 });
    const list = page.getByRole('list', { name: 'Profiles' });
    const rowOf = (name: string) => list.locator('[data-row]').filter({ hasText: name });
    await rowOf('One').focus();
    await page.keyboard.press('ArrowDown');
    expect(await page.getByRole('tablist').count()).toBe(0);
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'Two', level: 2 }).waitFor();
    expect(await list.count()).toBe(0);
    await page.getByRole('button', { name: 'Show the list' }).click();
    expect(await rowOf('Two').evaluate((row) => row === document.activeElement)).toBe(true);
    expect(await page.getByRole('tablist').count()).toBe(0);
    await page.getByRole('searchbox', { name: 'Search servers' }).fill('One');
    await rowOf('Two').waitFor({ state: 'detached' });
    await rowOf('One').click();
    await page.getByRole('heading', { name: 'One', level: 2 }).waitFor();
    await page.setViewportSize({ width: 900, height: 600 });
    await list.waitFor();
  });
});
