import { eachTestOpens } from '@fixtures/browser-suite';
import { readerStops, type Stop, stepsTo } from '@fixtures/layout/reader';
import { createTypist, type Typist } from '@fixtures/layout/typist';
import { createPageHarness } from '@fixtures/page-harness';
import type { Page } from 'playwright';
import { describe, expect, it } from 'vitest';

// The main job: a new profile on the built-in model, its start, its log, a test request, its stop, its deletion, and
// the profile brought back. What it takes may get less, never more.

/** Keys beside what is typed as text. */
const MOST_PRESSES = 20;
/** Steps of a screen reader to the ten controls of the job. */
const MOST_STEPS = 22;

const NAME = 'First model';

const harness = eachTestOpens(async (browser) => {
  const made = await createPageHarness(browser);
  await made.manager.registerEngine();
  await made.createProfile('Other');
  await made.logIn();
  return made;
});

const badge = (page: Page, state: string) =>
  page
    .getByRole('region', { name: NAME })
    .getByRole('heading', { level: 2 })
    .locator('..')
    .getByText(state);

/** A new profile with a name, the built-in model and a port, up to the moment before it is created. */
async function fillIn(page: Page, typist: Typist): Promise<void> {
  const port = await harness().manager.home.freePort();
  await typist.press('Alt+n');
  await page.getByRole('heading', { name: 'New profile' }).waitFor();
  await expect.poll(() => typist.focused()).toMatch(/^Name/);
  await typist.type(NAME);
  await typist.moveTo(/^Model/);
  await typist.type('Built-in');
  await page.getByRole('option', { name: /^Built-in/ }).waitFor();
  await typist.press('Enter');
  await typist.moveTo(/^Port/);
  await typist.press('ControlOrMeta+a');
  await typist.type(String(port));
  // The manager has to have looked at it.
  await page.locator('button[type=submit]:not([aria-disabled])').waitFor();
}

async function choose(page: Page, typist: Typist, text: string): Promise<void> {
  await typist.press('ControlOrMeta+k');
  const palette = page.getByRole('dialog', { name: 'Command palette' });
  await palette.getByRole('combobox').waitFor();
  await typist.type(text);
  await palette.getByRole('option').first().waitFor();
  await typist.press('Enter');
}

describe('the main job', () => {
  it('is done with the keyboard alone, in a few presses', async () => {
    const { page, problems } = harness();
    const typist = createTypist(page);
    await fillIn(page, typist);
    await typist.press('Enter');
    await page.getByRole('heading', { name: NAME, level: 2 }).waitFor();
    // The next thing that anybody does is at hand.
    await expect.poll(() => typist.focused()).toBe('Start');
    await typist.press('Enter');
    await badge(page, 'Ready').waitFor();
    expect(await typist.focused()).toBe('Stop');
    await typist.moveTo(/^Overview$/);
    await typist.press('ArrowRight');
    await page
      .getByRole('tabpanel', { name: 'Logs' })
      .getByText(/Starting httpd/)
      .first()
      .waitFor();
    await choose(page, typist, 'test request');
    await page.getByText(/^First token/).waitFor();
    await typist.press('ControlOrMeta+.');
    await badge(page, 'Stopped').waitFor();
    await choose(page, typist, `delete ${NAME}`);
    await page.getByRole('dialog', { name: `Delete ${NAME}?` }).waitFor();
    await typist.moveTo(/^Delete/);
    await typist.press('Enter');
    await page.getByRole('button', { name: /^Undo/ }).waitFor();
    await page.getByRole('dialog').waitFor({ state: 'hidden' });
    await typist.press('ControlOrMeta+z');
    await page.getByRole('heading', { name: NAME, level: 2 }).waitFor();
    console.log(`${typist.presses} presses and ${typist.letters} letters: ${typist.log.join(' ')}`);
    expect(typist.presses).toBeLessThanOrEqual(MOST_PRESSES);
    expect(problems).toEqual([]);
  });

  it('is within a few steps of a screen reader, whose every stop has a name, and says what happens', async () => {
    const { page, problems } = harness();
    const typist = createTypist(page);
    await listen(page);
    const steps: [string, number | undefined][] = [];
    const nameless: string[] = [];
    const find = async (what: string, role: RegExp, name: RegExp): Promise<void> => {
      const stops = await readerStops(page);
      nameless.push(
        ...stops.filter((stop) => stop.name === '').map((stop) => `${what}: ${said(stop)}`),
      );
      steps.push([what, stepsTo(stops, role, name)]);
    };
    await find('New profile', /button/, /^New profile/);
    await fillIn(page, typist);
    await find('Name', /textbox/, /^Name/);
    await find('Model', /combobox|MenuListPopup|button/, /^Model/);
    await find('Create', /button/, /^Create/);
    await typist.press('Enter');
    await page.getByRole('heading', { name: NAME, level: 2 }).waitFor();
    await find('Start', /button/, /^Start$/);
    await typist.moveTo(/^Start$/);
    await typist.press('Enter');
    await badge(page, 'Ready').waitFor();
    await find('Logs', /tab/, /^Logs/);
    await find('Send test request', /button/, /^Send test request/);
    await find('Stop', /button/, /^Stop$/);
    await typist.press('ControlOrMeta+.');
    await badge(page, 'Stopped').waitFor();
    await find('More', /button/, /^More for/);
    await choose(page, typist, `delete ${NAME}`);
    await page.getByRole('dialog', { name: `Delete ${NAME}?` }).waitFor();
    await find('Delete', /button/, /^Delete/);
    await typist.moveTo(/^Delete/);
    await typist.press('Enter');
    await page.getByRole('button', { name: /^Undo/ }).waitFor();
    await page.getByRole('dialog').waitFor({ state: 'hidden' });
    const heard = await page.evaluate(() => window.heard);
    console.log(steps.map(([what, count]) => `${what} ${count}`).join(', '));
    expect(steps.filter(([, count]) => count === undefined)).toEqual([]);
    const sum = steps.reduce((all, [, count]) => all + (count ?? 0), 0);
    console.log(`${sum} steps`);
    expect(sum).toBeLessThanOrEqual(MOST_STEPS);
    expect(nameless).toEqual([]);
    for (const wanted of [/First model: Ready/, /First model: Stopped/, /Deleted First model/]) {
      expect(
        heard.some((text) => wanted.test(text)),
        `${wanted} in ${heard.join(' | ')}`,
      ).toBe(true);
    }
    expect(problems).toEqual([]);
  });
});

const said = ({ role, name }: Stop): string => `${role} "${name}"`;

declare global {
  interface Window {
    /** What live regions said. */
    heard: string[];
  }
}

/** Keeps what the live regions of the page say from now on. */
async function listen(page: Page): Promise<void> {
  await page.evaluate(() => {
    window.heard = [];
    const LIVE = '[aria-live]:not([aria-live=off]), [role=status], [role=alert]';
    new MutationObserver((changes) => {
      for (const { target } of changes) {
        const element = target instanceof Element ? target : target.parentElement;
        const region = element?.closest(LIVE);
        if (region?.textContent) window.heard.push(region.textContent);
      }
    }).observe(document.body, { subtree: true, childList: true, characterData: true });
  });
}
