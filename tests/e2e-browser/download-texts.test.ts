import { photograph } from '@fixtures/browser';
import { eachTestOpens } from '@fixtures/browser-suite';
import { createDiscoverHarness } from '@fixtures/discover-harness';
import { modelRepo } from '@fixtures/download-harness';
import type { Locator } from 'playwright';
import { expect, it } from 'vitest';

const LONG = 'mlx-community/Qwen3-Coder-480B-A35B-Instruct-2507-a-name-without-an-end-MLX-4bit';
const NEXT = 'mlx-community/DeepSeek-R1-Distill-Qwen-32B-abliterated-and-renamed-MLX-8bit';

const harness = eachTestOpens(async (browser) => {
  const repos = await Promise.all(
    [LONG, NEXT].map((ref, index) =>
      modelRepo(ref, { weights: 40_000_000, facts: { downloads: 100 - index } }),
    ),
  );
  const made = await createDiscoverHarness(browser, repos);
  made.hub.bytesPerSecond = 200_000;
  return made;
});

/** Half of 1440 is what a page has at 200 %. */
const SIZES = [
  { width: 1440, height: 900 },
  { width: 1100, height: 700 },
  { width: 900, height: 600 },
  { width: 720, height: 450 },
] as const;

/** Numbers that are cut, or that stand outside of their cell. */
function cut(within: Locator): Promise<string[]> {
  return within.evaluateAll((cells) =>
    cells.flatMap((cell) => {
      const around = cell.getBoundingClientRect();
      return [...cell.querySelectorAll<HTMLElement>('.tabular-nums')]
        .filter((text) => text.offsetParent !== null && /\d/.test(text.textContent ?? ''))
        .filter((text) => {
          const box = text.getBoundingClientRect();
          const isOut =
            box.left < around.left - 1 ||
            box.right > around.right + 1 ||
            box.top < around.top - 1 ||
            box.bottom > around.bottom + 1;
          return isOut || text.scrollWidth > text.clientWidth + 1;
        })
        .map((text) => text.textContent ?? '');
    }),
  );
}

const barColor = (bar: Locator) =>
  bar.locator('div').evaluate((fill) => getComputedStyle(fill).backgroundColor);

it('never cuts how much, how fast and how long, whatever the name and the window', async () => {
  const { page, row, inspector } = harness();
  await harness().open('Qwen3-Coder');
  for (const ref of [LONG, NEXT]) {
    await page.getByRole('button', { name: `Download ${ref}`, exact: true }).click();
  }
  const cell = row('Qwen3-Coder').getByRole('gridcell').last();
  await cell.getByText(/ of 40 MB/).waitFor();
  await cell.getByText(/ left$/).waitFor();
  expect(await photograph(page, 'discover-long-names')).toEqual([]);
  for (const size of SIZES) {
    await page.setViewportSize(size);
    expect(await cut(row('Qwen3-Coder')), `Discover at ${size.width}`).toEqual([]);
    await row('Qwen3-Coder').click({ position: { x: 30, y: 20 } });
    const details = inspector('Qwen3-Coder');
    await details.getByText(/ of 40 MB/).waitFor();
    expect(await cut(details.getByRole('region', { name: /^Download of/ }))).toEqual([]);
    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: /^Downloads/ }).click();
    const list = page.getByRole('list', { name: 'Downloads' });
    await list
      .getByText(/ of 40 MB/)
      .first()
      .waitFor();
    expect(await cut(list.getByRole('listitem')), `panel at ${size.width}`).toEqual([]);
    await page.keyboard.press('Escape');
  }
  await page.getByRole('link', { name: 'Models' }).click();
  await row('Qwen3-Coder')
    .getByText(/ of 40 MB/)
    .waitFor();
  for (const size of SIZES) {
    await page.setViewportSize(size);
    expect(await cut(row('Qwen3-Coder')), `Models at ${size.width}`).toEqual([]);
  }
  // Both ends of the name are there: the second tells it from the others.
  await page.setViewportSize(SIZES[2]);
  const end = row('Qwen3-Coder').getByText('-4bit', { exact: true });
  expect(await end.evaluate((text) => text.scrollWidth <= text.clientWidth)).toBe(true);
});

it('a download that is paused, waits its turn or has failed does not look as if it ran', async () => {
  const { page, row, hub } = harness();
  await harness().open('Qwen3-Coder');
  await page.getByRole('button', { name: `Download ${LONG}`, exact: true }).click();
  const bar = page.getByRole('progressbar', { name: `Download of ${LONG}` });
  await row('Qwen3-Coder')
    .getByText(/ of 40 MB/)
    .waitFor();
  const running = await barColor(bar);
  await page.getByRole('button', { name: `Pause ${LONG}` }).click();
  await row('Qwen3-Coder').getByText('Paused', { exact: true }).waitFor();
  const paused = await barColor(bar);
  expect(paused).not.toBe(running);
  hub.bytesPerSecond = undefined;
  hub.plan = ({ kind, file }) =>
    kind === 'cdn' && file?.includes('00001') ? { kind: 'corrupt', at: 5_000_000 } : undefined;
  await page.getByRole('button', { name: `Resume ${LONG}` }).click();
  await row('Qwen3-Coder').getByText('Failed: damaged file').waitFor();
  const failed = await barColor(bar);
  expect(failed).not.toBe(running);
  expect(failed).not.toBe(paused);
  await row('Qwen3-Coder')
    .getByText(/ of 40 MB/)
    .waitFor();
  expect(await photograph(page, 'discover-failed-row')).toEqual([]);
});
