import { photograph } from '@fixtures/browser';
import { eachTestOpens } from '@fixtures/browser-suite';
import { createDiscoverHarness } from '@fixtures/discover-harness';
import { mainThreadTasks } from '@fixtures/page-work';
import { modelRepo } from '@fixtures/download-harness';
import { hubFile, type HubRepo } from '@fixtures/fake-hub/repos';
import type { Page } from 'playwright';
import { beforeAll, expect, it } from 'vitest';

/** What cards of strangers try; each would leave a mark, a request, a dialog or another page. */
const HOSTILE = [
  '<script>window.pwned = 1</script>',
  '<script src="https://evil.example/x.js"></script>',
  '<iframe src="https://evil.example/frame" srcdoc="<script>parent.pwned = 1</script>"></iframe>',
  '<img src="https://evil.example/pixel.png" onerror="window.pwned = 1">',
  '<img src=x onerror=window.pwned=1>',
  '<svg onload="window.pwned = 1"><script>window.pwned = 1</script><a href="javascript:pwned=1">x</a></svg>',
  '<style>body { background: url(https://evil.example/style) } @import "https://evil.example/css";</style>',
  '<link rel="stylesheet" href="https://evil.example/link.css">',
  '<meta http-equiv="refresh" content="0;url=https://evil.example/meta">',
  '<base href="https://evil.example/">',
  '<form action="https://evil.example/form"><input autofocus onfocus="window.pwned = 1"><button>Log in</button></form>',
  '<details open ontoggle="window.pwned = 1">x</details>',
  '<video poster="https://evil.example/poster" src="https://evil.example/v" autoplay onloadstart="pwned=1"></video>',
  '<object data="https://evil.example/object"></object><embed src="https://evil.example/embed">',
  '<a href="javascript:window.pwned=1">raw link</a>',
  '![pixel](https://evil.example/md-pixel.png "title")',
  '![pixel][ref]',
  '[plain](javascript:window.pwned=1)',
  '[mixed](JaVaScRiPt:window.pwned=1)',
  '[entity](&#106;avascript:window.pwned=1)',
  '[hex](&#x6A;&#x61;vascript&colon;window.pwned=1)',
  '[tab](java&Tab;script:window.pwned=1)',
  '[newline](java&#10;script:window.pwned=1)',
  '[data](data:text/html;base64,PHNjcmlwdD53aW5kb3cucHduZWQ9MTwvc2NyaXB0Pg==)',
  '[vb](vbscript:msgbox)',
  '[file](file:///etc/passwd)',
  '[ours](mlx-manager://servers)',
  '[disguised](https://huggingface.co@evil.example/)',
  '[plain http](http://evil.example/)',
  '<javascript:window.pwned=1>',
  '[reference][bad]',
  '&lt;script&gt;window.pwned = 1&lt;/script&gt;',
  '[^1]\n\n[^1]: <img src=x onerror=window.pwned=1>',
  '<div style="position:fixed;inset:0;z-index:99999;background:red">over everything</div>',
  '# Heading one\n\n###### Heading six',
  '[honest](https://example.org/honest)',
  '',
  '[ref]: https://evil.example/ref-pixel.png',
  '[bad]: javascript:window.pwned=1',
  '',
  'The end of the card.',
].join('\n\n');

/** 5 MB that begin with everything that is slow to read. */
const HUGE = [
  '| a | b |\n| - | - |\n',
  '| c | d |\n'.repeat(3000),
  '\n\n',
  '> '.repeat(10_000),
  '\n\n',
  '- '.repeat(10_000),
  '\n\n',
  '[a]('.repeat(8000),
  '\n\n',
  '*a **b '.repeat(4000),
  '\n\n',
  'word '.repeat(800_000),
].join('');

let repos: readonly HubRepo[];

async function repoWithCard(id: string, card: string, downloads: number): Promise<HubRepo> {
  const repo = await modelRepo(id, { facts: { downloads } });
  const [commit] = repo.commits;
  const files = new Map(commit?.files);
  files.set('README.md', await hubFile('README.md', card));
  repo.commits[0] = { id: commit?.id ?? '', files };
  return repo;
}

beforeAll(async () => {
  repos = await Promise.all([
    repoWithCard('evil/Hostile-4bit', HOSTILE, 100),
    repoWithCard('evil/Huge-4bit', HUGE, 50),
    repoWithCard('evil/First-4bit', '# Harmless', 500),
  ]);
});
const harness = eachTestOpens((browser) => createDiscoverHarness(browser, repos));

/** Notes what a page must never do. */
function watch(page: Page): string[] {
  const events: string[] = [];
  page.on('dialog', (dialog) => {
    events.push(`dialog ${dialog.message()}`);
    void dialog.dismiss();
  });
  page.on('popup', (popup) => events.push(`popup ${popup.url()}`));
  page.on('framenavigated', (frame) => events.push(`navigation ${frame.url()}`));
  return events;
}

it('a hostile card does nothing: no script, no request, no other page, no dialog', async () => {
  const { page, row, inspector } = harness();
  await harness().open('Hostile-4bit');
  const events = watch(page);
  const before = page.url();
  await row('Hostile-4bit').click();
  const details = inspector('Hostile-4bit');
  await details.getByText('The end of the card.').waitFor();
  expect(await page.evaluate(() => 'pwned' in window)).toBe(false);
  const found = await details.evaluate((element) => ({
    tags: [
      ...element.querySelectorAll(
        'script, iframe, img, style, link, meta, base, form, video, object, embed, details',
      ),
    ].map(({ outerHTML }) => outerHTML),
    handlers: [...element.querySelectorAll('*')].flatMap((one) =>
      one.getAttributeNames().filter((name) => name.startsWith('on')),
    ),
    links: [...element.querySelectorAll('a')].map((link) => link.getAttribute('href')),
    rels: [...element.querySelectorAll('a')].map((link) => link.rel),
    headings: [...element.querySelectorAll('h1')].length,
  }));
  expect(found.tags).toEqual([]);
  expect(found.handlers).toEqual([]);
  // The model's own page, and the one link of the card that leads anywhere.
  expect(found.links).toEqual([
    `${harness().hub.url}/evil/Hostile-4bit`,
    'https://example.org/honest',
  ]);
  expect(new Set(found.rels)).toEqual(new Set(['noopener noreferrer']));
  expect(found.headings).toBe(0);
  // What is no link any more is pressed all the same.
  for (const text of ['plain', 'mixed', 'entity', 'data', 'disguised', 'reference']) {
    await details.getByText(text, { exact: true }).first().click();
  }
  expect(await photograph(page, 'discover-hostile-card')).toEqual([]);
  expect(await page.evaluate(() => 'pwned' in window)).toBe(false);
  expect(page.url()).toBe(before);
  expect(events).toEqual([]);
  expect(harness().problems).toEqual([]);
  expect(harness().hub.requests.every(({ path }) => !path.includes('pixel'))).toBe(true);
});

it('a card of five megabytes is drawn in steps, and the page answers meanwhile', async () => {
  const { page, row, inspector } = harness();
  await harness().open('Huge-4bit');
  const tasks = await mainThreadTasks(page, async () => {
    await row('Huge-4bit').click();
    const details = inspector('Huge-4bit');
    await details.getByText('Read the rest on Hugging Face.').waitFor();
    await row('First-4bit').click();
    await inspector('First-4bit').getByText('Harmless').waitFor();
    await row('Huge-4bit').click();
    await details
      .getByText(/word word/)
      .first()
      .waitFor();
  });
  console.log('longest tasks, ms:', tasks.slice(0, 5).map(Math.round).join(', '));
  expect(tasks[0]).toBeLessThan(500);
});
