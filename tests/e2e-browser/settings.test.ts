import { photograph } from '@fixtures/browser';
import { eachTestOpens } from '@fixtures/browser-suite';
import { createPageHarness } from '@fixtures/page-harness';
import { until } from '@fixtures/until';
import { describe, expect, it } from 'vitest';

/** A mirror that nobody reaches. */
const HUB = 'http://127.0.0.1:9';

const harness = eachTestOpens(async (browser) => {
  const made = await createPageHarness(browser, { env: { HF_ENDPOINT: HUB } });
  await made.logIn();
  await made.page.getByRole('link', { name: 'Settings' }).click();
  await made.page.getByText('Everything else').waitFor();
  return made;
});

/** The parts that the index says are in front. */
const inFront = () =>
  harness()
    .page.getByRole('navigation', { name: 'Settings' })
    .locator('[aria-current="true"]')
    .allTextContents();

const indexed = (name: string) =>
  harness().page.getByRole('navigation', { name: 'Settings' }).getByRole('button', { name });

/** Turns the wheel over the page until the last of these is in front; gives what the index said meanwhile. */
async function scrollTo(last: string | undefined, deltaY: number): Promise<string[]> {
  const { page } = harness();
  await page.mouse.move(600, 300);
  const seen: string[] = [];
  await until(
    async () => {
      const [now = ''] = await inFront();
      if (seen.at(-1) !== now) seen.push(now);
      await page.mouse.wheel(0, deltaY);
      return now === last;
    },
    () => `${last} after ${seen.join(', ')}`,
  );
  return seen;
}

const ALL = [
  'General',
  'At login',
  'Application',
  'Models',
  'Downloads',
  'Hugging Face',
  'Gateway',
  'Memory',
  'Logs and metrics',
  'Data',
  'Browser login',
  'About',
];

describe('the settings', () => {
  it('follow the scrolling from the first part to the last and back', async () => {
    const { page } = harness();
    await page.setViewportSize({ width: 900, height: 600 });
    expect(await scrollTo(ALL.at(-1), 20)).toEqual(ALL);
    expect(await scrollTo(ALL[0], -20)).toEqual(ALL.toReversed());
    for (const name of ALL) {
      await indexed(name).click();
      await expect.poll(inFront).toEqual([name]);
    }
  });

  it('say what to enter instead of a value that is refused, and forget that when it is mended', async () => {
    const { page } = harness();
    const field = page.getByLabel('Force-quit after');
    await field.fill('500');
    await field.press('Enter');
    await page.getByText('Enter a number from 1 to 120.').waitFor();
    await page.getByLabel('Log files per server').fill('');
    await page.getByText('Enter a number.').waitFor();
    const findings = await photograph(page, 'settings-broken');
    await field.fill('10');
    await page.getByText('Enter a number from 1 to 120.').waitFor({ state: 'hidden' });
    expect(findings).toEqual([]);
  });

  it('lead each changed setting back to its default, without losing the keyboard', async () => {
    const { page, manager } = harness();
    const resets = page.getByRole('button', { name: /^Reset to default/ });
    expect(await resets.count()).toBe(0);
    await page.getByLabel('Force-quit after').fill('20');
    await page.getByLabel('Force-quit after').press('Enter');
    await page.getByRole('radio', { name: 'Leave them running' }).click();
    await page.getByRole('switch', { name: 'Setup guide' }).click();
    const labels = ['Force-quit after', 'When quitting', 'Setup guide'];
    const reset = (label: string) =>
      page.getByRole('button', { name: `Reset to default: ${label}` });
    for (const label of labels) await reset(label).waitFor();
    const findings = await photograph(page, 'settings-changed');
    for (const label of labels) {
      await reset(label).press('Enter');
      await reset(label).waitFor({ state: 'hidden' });
      expect(await page.evaluate(() => document.activeElement?.tagName)).not.toBe('BODY');
    }
    expect(await manager.json('settings', 'get')).toMatchObject({
      stopGraceSeconds: 10,
      onQuit: 'stop',
      setupSkipped: false,
    });
    expect(findings).toEqual([]);
  });

  it('set how many downloads, how fast and when, and what servers may take', async () => {
    const { page, manager } = harness();
    await indexed('Downloads').click();
    const type = async (label: string, text: string): Promise<void> => {
      await page.getByLabel(label, { exact: true }).fill(text);
      await page.getByLabel(label, { exact: true }).press('Enter');
    };
    const hours = page.getByRole('switch', { name: 'Limit only at certain hours' });
    expect(await hours.isDisabled()).toBe(true);
    await type('Downloads at once', '9');
    await page.getByText('Enter a number from 1 to 8.').waitFor();
    await type('Downloads at once', '3');
    await type('Connections', '4');
    await type('Speed limit', '12.5');
    await hours.click();
    await page.getByText('From 08:00 to 18:00, with no limit at other times').waitFor();
    await type('Limit from', '25');
    await page.getByText(/^Enter two times/).waitFor();
    const findings = await photograph(page, 'settings-downloads');
    await type('Limit from', '22');
    await type('Limit to', '6.30');
    await page.getByText('From 22:00 to 06:30 the next day').waitFor();
    await type('Memory limit for servers', '3');
    await type('Keep free', '25');
    await type('Mark as unused after', '90');
    await page.getByRole('button', { name: 'Reset to default: Mark as unused after' }).waitFor();
    await indexed('Memory').click();
    findings.push(...(await photograph(page, 'settings-memory')));
    expect(await manager.json('settings', 'get')).toMatchObject({
      parallelDownloads: 3,
      downloadConnections: 4,
      downloadLimitMegabytes: 12.5,
      downloadLimitHours: '22:00-06:30',
      serverMemoryLimitGib: 3,
      keepFreePercent: 25,
      unusedDays: 90,
    });
    // The sum of every model is held against them.
    const fit = await manager.json('fit', 'demo');
    expect(fit).toMatchObject({
      limit: 3 * 2 ** 30,
      limitSource: 'setting',
      keepFree: 2 ** 30,
    });
    await hours.click();
    await page.getByText('The limit applies all day').waitFor();
    expect(await manager.json('settings', 'get', 'downloadLimitHours')).toBe('');
    expect(findings).toEqual([]);
  });

  it('say who may use the gateway, one per line', async () => {
    const { page, manager } = harness();
    await indexed('Gateway').click();
    await page.getByRole('switch', { name: 'Require a key on this machine' }).click();
    const origins = page.getByRole('textbox', { name: 'Allowed web pages' });
    await origins.fill('https://chat.example.com/path');
    await origins.blur();
    await page.getByText(/^Enter one exact origin without a path/).waitFor();
    const findings = await photograph(page, 'settings-gateway');
    await origins.fill(' https://chat.example.com \n\napp://notes');
    await origins.blur();
    const hosts = page.getByRole('textbox', { name: 'Allowed host names' });
    await hosts.fill('Mac.local');
    await hosts.blur();
    await page.getByRole('button', { name: 'Reset to default: Allowed host names' }).waitFor();
    expect(await manager.json('settings', 'get')).toMatchObject({
      gatewayRequireKey: true,
      gatewayAllowedOrigins: ['https://chat.example.com', 'app://notes'],
      gatewayAllowedHosts: ['mac.local'],
    });
    expect(await hosts.inputValue()).toBe('mac.local');
    await page.getByRole('button', { name: 'Reset to default: Allowed web pages' }).click();
    await page.getByRole('button', { name: 'Reset to default: Allowed web pages' }).waitFor({
      state: 'hidden',
    });
    expect(await origins.inputValue()).toBe('');
    expect(await origins.evaluate((element) => element === document.activeElement)).toBe(true);
    expect(findings).toEqual([]);
  });

  it('name the hub by its address where the environment sets another one', async () => {
    const { page } = harness();
    await indexed('Hugging Face').click();
    await page.getByRole('button', { name: 'Set token…' }).waitFor();
    await page.getByLabel('Search settings').fill('mirror');
    expect(await indexed('Hugging Face').count()).toBe(1);
    await page.getByText(HUB, { exact: true }).waitFor();
    await page.getByText('Set by HF_ENDPOINT').waitFor();
    expect(await photograph(page, 'settings-hub')).toEqual([]);
    await page.keyboard.press('ControlOrMeta+k');
    await page.getByRole('combobox', { name: 'Search actions' }).fill('token');
    await page.keyboard.press('Enter');
    await page.getByRole('dialog').waitFor({ state: 'hidden' });
    const set = page.getByRole('button', { name: 'Set token…' });
    expect(await set.evaluate((element) => element === document.activeElement)).toBe(true);
  });

  it('say what is on disk and what a removal takes, in numbers', async () => {
    const { page, problems } = harness();
    await page.getByRole('img', { name: /^On disk: Engines .* Everything else/ }).waitFor();
    await indexed('About').click();
    const findings = await photograph(page, 'settings-end');
    await page.getByRole('button', { name: 'Remove everything…' }).click();
    await page.getByRole('dialog').getByText('Models in the Hugging Face cache').waitFor();
    findings.push(...(await photograph(page, 'settings-remove')));
    expect(findings).toEqual([]);
    expect(problems).toEqual([]);
  });
});
