import { photograph } from '@fixtures/browser';
import { eachTestOpens } from '@fixtures/browser-suite';
import { createDiscoverHarness } from '@fixtures/discover-harness';
import { mainThreadTasks, sumOf } from '@fixtures/page-work';
import { modelRepo } from '@fixtures/download-harness';
import { hubFile, type HubRepo } from '@fixtures/fake-hub/repos';
import { beforeAll, expect, it } from 'vitest';

let repos: readonly HubRepo[];

const CARD = `---
license: apache-2.0
---
# Qwen3-Big

A model that *speaks*. See [the paper](https://arxiv.org/abs/2505.09388), [the licence](LICENSE)
and ![a chart](https://example.org/chart.png).

## Use

\`\`\`python
from mlx_lm import load, generate
\`\`\`

| Benchmark | Score |
| --- | --- |
| MMLU | 81.2 |

- [x] tool calls
- [ ] images
`;

/** The numbers of Qwen/Qwen3-30B-A3B's config.json, quantised as mlx-community's. */
const CONFIG = {
  model_type: 'qwen3_moe',
  hidden_size: 2048,
  num_hidden_layers: 48,
  num_attention_heads: 32,
  num_key_value_heads: 4,
  head_dim: 128,
  intermediate_size: 6144,
  moe_intermediate_size: 768,
  num_experts: 128,
  num_experts_per_tok: 8,
  vocab_size: 151936,
  max_position_embeddings: 262144,
  quantization: { bits: 4, group_size: 64 },
};

const TEMPLATE = JSON.stringify({
  chat_template:
    '{% if tools %}<tools>{{ tools | tojson }}</tools><tool_call>{% endif %}{% for m in messages %}{{ m.content }}{% endfor %}',
});

beforeAll(async () => {
  const many = await Promise.all(
    Array.from({ length: 10_000 }, (_, index) =>
      hubFile(`parts/part-${String(index).padStart(5, '0')}.json`, `${index}`),
    ),
  );
  const stored = { parameters: { U32: 3_816_000_000, BF16: 954_000_000 }, total: 4_770_000_000 };
  const withCard = await modelRepo('mlx-community/Qwen3-Big-4bit', {
    weights: 20_000_000,
    facts: {
      downloads: 900,
      licence: 'apache-2.0',
      safetensors: stored,
      lastModified: '2026-07-29',
    },
    extra: [await hubFile('tokenizer_config.json', TEMPLATE)],
  });
  const files = new Map(withCard.commits[0]?.files);
  files.set('README.md', await hubFile('README.md', CARD));
  files.set('config.json', await hubFile('config.json', JSON.stringify(CONFIG)));
  withCard.commits[0] = { id: withCard.commits[0]?.id ?? '', files };
  repos = [
    withCard,
    await modelRepo('mlx-community/Many-Files', { facts: { downloads: 500 }, extra: many }),
    await modelRepo('mlx-community/Third-4bit', { facts: { downloads: 10 } }),
  ];
});

const harness = eachTestOpens((browser) => createDiscoverHarness(browser, repos));

it('tells of one model what its files say, what it needs and how it is described', async () => {
  const { page, inspector } = harness();
  await harness().open('Qwen3-Big');
  const details = inspector('Qwen3-Big-4bit');
  await details.getByText('30.5 B, 3.3 B active').waitFor();
  await details.getByText('4-bit, group size 64').waitFor();
  await details.getByText('262,144 tokens', { exact: true }).waitFor();
  await details.getByText(/updated Jul 29/).waitFor();
  await details.getByText('Tool calls, no reasoning').waitFor();
  await details.getByText('A model that').waitFor();
  expect(await details.getByRole('heading', { level: 1 }).count()).toBe(0);
  // The bar of the memory, once it is known what the model needs.
  await expect.poll(() => details.getByRole('img').count()).toBe(1);
  await details.getByText('[Image: a chart]').waitFor();
  const paper = details.getByRole('link', { name: 'the paper' });
  expect(await paper.getAttribute('rel')).toBe('noopener noreferrer');
  expect(await paper.getAttribute('target')).toBe('_blank');
  // The hub of this test speaks no https: what leads to it is only text.
  expect(await details.getByRole('link', { name: 'the licence' }).count()).toBe(0);
  const slider = details.getByRole('slider', { name: 'Context' });
  await slider.focus();
  await page.keyboard.press('Home');
  await details.getByText(/2,048 tokens, needs/).waitFor();
  expect(await photograph(page, 'discover-page')).toEqual([]);
  const link = page.getByRole('link', { name: 'Open the page of Qwen3-Big-4bit' });
  expect(await link.getAttribute('href')).toBe(`${harness().hub.url}/mlx-community/Qwen3-Big-4bit`);
});

it('is walked through by keys, and lies over the table of a small window', async () => {
  const { page, inspector, row } = harness();
  await harness().open('Third-4bit');
  const table = page.getByRole('grid', { name: 'Hugging Face models' });
  await table.focus();
  await page.keyboard.press('End');
  await inspector('Third-4bit').waitFor();
  expect(await row('Third-4bit').getAttribute('aria-selected')).toBe('true');
  await page.keyboard.press('ArrowUp');
  await inspector('Many-Files').waitFor();
  await page.setViewportSize({ width: 900, height: 600 });
  await inspector('Many-Files').waitFor({ state: 'hidden' });
  await table.focus();
  await page.keyboard.press('Enter');
  await inspector('Many-Files').waitFor();
  expect(await photograph(page, 'discover-page-over')).toEqual([]);
  await page.setViewportSize({ width: 900, height: 600 });
  await table.focus();
  await page.keyboard.press('Enter');
  await page.getByRole('button', { name: 'Close details' }).click();
  await inspector('Many-Files').waitFor({ state: 'hidden' });
  expect(await table.evaluate((element) => element === document.activeElement)).toBe(true);
});

it('lists ten thousand files without holding the page up', async () => {
  const { page, inspector, row } = harness();
  await harness().open('Many-Files');
  await row('Many-Files').click();
  const details = inspector('Many-Files');
  await details.getByRole('button', { name: 'Show all 10,007 files' }).click();
  const files = details.getByRole('table', { name: 'Files' });
  expect(await files.getAttribute('aria-rowcount')).toBe('10007');
  expect(await files.getByRole('row').count()).toBeLessThan(100);
  await files.evaluate((element) => {
    const body = element.closest('[data-scrolls]');
    if (body) body.scrollTop = 5000 * 26;
  });
  await files
    .getByText(/part-0[45]\d{3}\.json/)
    .first()
    .waitFor();
  expect(await files.getByRole('row').count()).toBeLessThan(100);
  const tasks = await mainThreadTasks(page, () =>
    files.evaluate(async (element) => {
      const body = element.closest('[data-scrolls]');
      for (let step = 0; step < 60 && body; step++) {
        body.scrollTop += 400;
        await new Promise((resolve) => requestAnimationFrame(resolve));
      }
    }),
  );
  console.log('a frame of 10,000 files, ms:', (sumOf(tasks) / 60).toFixed(1));
  expect(sumOf(tasks) / 60).toBeLessThan(34);
});
