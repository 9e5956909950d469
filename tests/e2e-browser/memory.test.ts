import { mkdir, open } from 'node:fs/promises';
import { join, resolve } from 'node:path';

import { chooseModel } from '@fixtures/choose-model';
import { photograph } from '@fixtures/browser';
import { eachTestOpens } from '@fixtures/browser-suite';
import { createPageHarness } from '@fixtures/page-harness';
import type { TempHome } from '@fixtures/temp-home';
import { writeCachedModel } from '@fixtures/model-files';
import type { Locator } from 'playwright';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';

const FAKE_VLM = resolve('tests/fixtures/fake-mlx-vlm.mjs');
const MODEL = 'mlx-community/Mistral-Small-3.2-24B-Instruct-4bit';
/** What servers may take, so that any machine that runs the tests has more. */
const LIMIT_GIB = 4;

/** 144 KiB of cache for each token: 2.25 GiB for 16,384 of them. */
const CONFIG = {
  model_type: 'qwen3',
  num_hidden_layers: 36,
  num_attention_heads: 16,
  num_key_value_heads: 8,
  head_dim: 128,
  hidden_size: 1024,
  intermediate_size: 3072,
  vocab_size: 150_000,
  max_position_embeddings: 40_960,
  torch_dtype: 'bfloat16',
};

const harness = eachTestOpens(async (browser) => {
  const made = await createPageHarness(browser);
  const { manager } = made;
  await manager.registerEngine();
  await manager.json('engine', 'register', 'mlx-vlm', '--command', FAKE_VLM);
  await writeLargeModel(manager.home);
  await manager.json('settings', 'set', 'serverMemoryLimitGib', String(LIMIT_GIB));
  return made;
});

/** A model whose weights are a hole in the file: 300 MB that no disk has to hold. */
async function writeLargeModel(home: TempHome): Promise<void> {
  const hub = join(home.folder, 'hugging face', 'hub');
  await mkdir(hub, { recursive: true });
  const bytes = 300 * 2 ** 20;
  const header = JSON.stringify({ w: { dtype: 'U8', shape: [bytes], data_offsets: [0, bytes] } });
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(header.length));
  const folder = await writeCachedModel(hub, MODEL, {
    'config.json': JSON.stringify(CONFIG),
    'model.safetensors': Buffer.concat([length, Buffer.from(header)]),
  });
  const file = await open(join(folder, 'model.safetensors'), 'r+');
  await file.truncate(8 + header.length + bytes);
  await file.close();
}

/** Servers that hold memory, and a profile that does not fit beside them. */
async function fill(): Promise<void> {
  await create('Qwen3 8B', '--model', 'demo', '--env', 'FAKE_HOLD_MB=1200');
  await create('Llama 3.2 3B', '--model', 'demo', '--env', 'FAKE_HOLD_MB=350');
  await createLarge();
  await harness().manager.json('start', 'Llama 3.2 3B', '--wait');
  await harness().manager.json('start', 'Qwen3 8B', '--wait');
}

async function createLarge(): Promise<void> {
  await create(
    ...['Mistral Small 24B', '--model', MODEL, '--engine', 'mlx-vlm'],
    ...['--set', 'context-length=16384'],
  );
}

async function create(name: string, ...how: readonly string[]): Promise<void> {
  const port = await harness().manager.home.freePort();
  await harness().manager.json('profile', 'create', name, '--port', String(port), ...how);
}

const row = (name: string) => harness().serverRow(name);
const detail = (): Locator => harness().page.getByRole('region', { name: 'Mistral Small 24B' });
const block = (): Locator => detail().getByRole('alert').filter({ hasText: "doesn't fit" });

/** Starts the large one and is refused; the proposal is there once the servers are seen to be idle. */
async function beRefused(): Promise<void> {
  await harness().logIn();
  await row('Mistral Small 24B')
    .getByRole('button', { name: /^Start/ })
    .click();
  await block().waitFor();
  await block().getByRole('button', { name: 'Stop Qwen3 8B and start' }).waitFor();
}

const Start = z.object({
  id: z.number(),
  method: z.literal('servers.start'),
  params: z.object({ stopFirst: z.array(z.string()).min(1) }),
});

/** The manager's answer where a process outlives even SIGKILL: no test can make one. */
async function refuseToStop(message: string): Promise<void> {
  await harness().page.routeWebSocket(/./, (socket) => {
    const server = socket.connectToServer();
    socket.onMessage((frame) => {
      const start = Start.safeParse(JSON.parse(String(frame))).data;
      if (!start) return server.send(frame);
      const error = { code: 'not_answering', message };
      socket.send(JSON.stringify({ id: start.id, ok: false, error }));
    });
  });
}

const Profile = z.object({ options: z.record(z.string(), z.unknown()) });
const Status = z.object({
  servers: z.array(z.object({ name: z.string(), state: z.string(), pid: z.number().optional() })),
});

async function stateOf(name: string): Promise<string | undefined> {
  const { servers } = Status.parse(await harness().manager.json('status'));
  return servers.find((server) => server.name === name)?.state;
}

describe('a start that does not fit', () => {
  it('is refused with the sum, says what to stop, and starts once that is stopped', async () => {
    const { page, problems } = harness();
    await fill();
    await beRefused();
    await block()
      .getByText(/it needs 3\.\d GiB, 2\.\d GiB of your 4\.0 GiB limit/)
      .waitFor();
    await block()
      .getByText(/0\.\d GiB short. No servers were started or stopped/)
      .waitFor();
    await detail()
      .getByText(/start refused at \d\d:\d\d/)
      .waitFor();
    await row('Mistral Small 24B')
      .getByText(/Stopped: not started, 0\.\d GiB short/)
      .waitFor();
    const findings = await photograph(page, 'memory-refused');

    const list = detail().getByRole('list', { name: 'What to stop' });
    expect(await list.getByRole('checkbox', { name: /^Qwen3 8B/ }).isChecked()).toBe(true);
    const llama = list.getByRole('checkbox', { name: /^Llama 3.2 3B/ });
    expect(await llama.isChecked()).toBe(false);
    await llama.check();
    await block().getByRole('button', { name: 'Stop 2 servers and start' }).waitFor();
    await list.getByRole('checkbox', { name: /^Qwen3 8B/ }).uncheck();
    const alone = block().getByRole('button', { name: 'Stop Llama 3.2 3B and start' });
    expect(await alone.getAttribute('aria-disabled')).toBe('true');
    findings.push(...(await photograph(page, 'memory-refused-short')));
    await list.getByRole('checkbox', { name: /^Qwen3 8B/ }).check();
    await llama.uncheck();

    await block().getByRole('button', { name: 'Stop Qwen3 8B and start' }).click();
    await detail().getByText('Ready', { exact: true }).first().waitFor();
    expect(await stateOf('Qwen3 8B')).toBe('stopped');
    expect(await stateOf('Llama 3.2 3B')).toBe('ready');
    await block().waitFor({ state: 'detached' });
    await detail()
      .getByText(/GiB under the estimate/)
      .waitFor();
    findings.push(...(await photograph(page, 'memory-estimate')));
    await row('Qwen3 8B').getByRole('button').first().click();
    await row('Qwen3 8B')
      .getByText(/needs \d/)
      .waitFor();
    findings.push(...(await photograph(page, 'memory-stopped')));
    expect(findings).toEqual([]);
    expect(problems).toEqual([]);
  });

  it('is started with a shorter context, which the profile keeps', async () => {
    await fill();
    await beRefused();
    await block().getByRole('button', { name: 'Lower context to 4,096 and start' }).click();
    await detail().getByText('Ready', { exact: true }).first().waitFor();
    const profile = Profile.parse(
      await harness().manager.json('profile', 'show', 'Mistral Small 24B'),
    );
    expect(profile.options['context-length']).toBe(4096);
    expect(await stateOf('Qwen3 8B')).toBe('ready');
    expect(harness().problems).toEqual([]);
  });

  it('is started with the context of a row, and anyway where a person wants it', async () => {
    await fill();
    await beRefused();
    await harness().page.setViewportSize({ width: 900, height: 600 });
    await block().getByRole('button', { name: 'Other fixes' }).click();
    await harness().page.getByRole('menuitem', { name: 'Start anyway' }).click();
    await detail().getByText('Ready', { exact: true }).first().waitFor();
    await harness().manager.json('stop', 'Mistral Small 24B');
    await harness().page.setViewportSize({ width: 1440, height: 900 });
    await row('Mistral Small 24B')
      .getByRole('button', { name: /^Start/ })
      .click();
    await block().waitFor();
    await detail().getByRole('button', { name: 'Use and start with 2,048 tokens' }).click();
    await detail().getByText('Ready', { exact: true }).first().waitFor();
    const profile = Profile.parse(
      await harness().manager.json('profile', 'show', 'Mistral Small 24B'),
    );
    expect(profile.options['context-length']).toBe(2048);
    expect(harness().problems).toEqual([]);
  });

  it('says so when there is room by itself, and is found wherever it was asked for', async () => {
    const { page, manager, problems } = harness();
    await fill();
    await harness().logIn();
    await row('Llama 3.2 3B').getByRole('button').first().click();
    expect((await manager.run('start', 'Mistral Small 24B')).code).not.toBe(0);
    await row('Mistral Small 24B').getByRole('button', { name: 'Make room…' }).waitFor();
    await page.keyboard.press('ControlOrMeta+k');
    await page.getByRole('combobox').fill('make room');
    await page.getByRole('option', { name: /Make room for Mistral Small 24B…/ }).waitFor();
    const findings = await photograph(page, 'memory-palette');
    await page.keyboard.press('Enter');
    await block().waitFor();
    await manager.json('stop', 'Qwen3 8B');
    const good = detail().getByRole('alert').filter({ hasText: 'fits now' });
    await good.waitFor();
    findings.push(...(await photograph(page, 'memory-fits-now')));
    await good.getByRole('button', { name: 'Start Mistral Small 24B' }).click();
    await detail().getByText('Ready', { exact: true }).first().waitFor();
    expect(findings).toEqual([]);
    expect(problems).toEqual([]);
  });

  it('is said of a restart as well, while the old process runs on', async () => {
    await createLarge();
    await harness().manager.json('start', 'Mistral Small 24B', '--wait');
    await harness().manager.json(
      'profile',
      'edit',
      'Mistral Small 24B',
      '--set',
      'context-length=40960',
    );
    await harness().logIn();
    await detail().getByRole('button', { name: 'Restart to apply' }).click();
    await block().getByText("It keeps running and hasn't been restarted.").waitFor();
    const findings = await photograph(harness().page, 'memory-restart-refused');
    expect(await stateOf('Mistral Small 24B')).toBe('ready');
    await block().getByRole('button', { name: 'Stop and make room…' }).click();
    await block().getByText('No servers were started or stopped.').waitFor();
    await block()
      .getByRole('button', { name: /^Lower context to/ })
      .waitFor();
    findings.push(...(await photograph(harness().page, 'memory-refused-alone')));
    expect(findings).toEqual([]);
    expect(harness().problems).toEqual([]);
  });

  it('says in its place what could not be stopped, and everything stays as it is', async () => {
    const { page, problems } = harness();
    await fill();
    await refuseToStop('Mistral Small 24B was not started, since not all could be stopped.');
    await beRefused();
    await block().getByRole('button', { name: 'Stop Qwen3 8B and start' }).click();
    await detail().getByRole('alert').filter({ hasText: 'since not all could be' }).waitFor();
    await block().getByRole('button', { name: 'Stop Qwen3 8B and start' }).waitFor();
    expect(await block().getByText('No servers were started or stopped').count()).toBe(0);
    const findings = await photograph(page, 'memory-not-stopped');
    expect(await stateOf('Mistral Small 24B')).toBe('stopped');
    expect(findings).toEqual([]);
    expect(problems).toEqual([]);
  });

  it('stands in what started with the application', async () => {
    await createLarge();
    await harness().manager.json('profile', 'edit', 'Mistral Small 24B', '--start', 'app');
    await harness().manager.json('settings', 'set', 'serverMemoryLimitGib', '1');
    await harness().crash();
    await harness().logIn();
    const card = harness().page.getByRole('region', { name: 'What started with MLX Manager' });
    await card.getByText(/not started, 2\.\d GiB short/).waitFor();
    const findings = await photograph(harness().page, 'memory-startup');
    await card.getByRole('button', { name: 'Make room for Mistral Small 24B…' }).click();
    await block().waitFor();
    expect(findings).toEqual([]);
    expect(harness().problems).toEqual([]);
  });
});

describe('the sum in the form of a profile', () => {
  it('follows what is typed and proposes what would fit', async () => {
    const { page, problems } = harness();
    await fill();
    await harness().logIn();
    await page.getByRole('button', { name: 'New profile' }).click();
    const memory = page.getByRole('complementary', { name: 'Memory' });
    await memory.getByText('Choose a model to see how much memory it needs.').waitFor();
    await chooseModel(page, MODEL);
    await page.getByLabel('Engine', { exact: true }).selectOption('mlx-vlm');
    const context = page.getByLabel('Context length');
    await context.fill('8192');
    await memory.getByText('KV cache, 8,192 × 1').waitFor();
    await memory.getByText('Tight').waitFor();
    await memory
      .getByText(/With a context of 4,096 tokens it needs 1\.\d GiB and leaves/)
      .waitFor();
    await row('New profile, unsaved').getByText('needs 1.9 GiB').waitFor();
    const findings = await photograph(page, 'memory-form');
    await context.fill('81920');
    await memory.getByText("Doesn't fit").waitFor();
    await memory.getByText('Short').waitFor();
    findings.push(...(await photograph(page, 'memory-form-over')));
    await memory.getByRole('button', { name: 'Use 4,096' }).click();
    await memory.getByText("Doesn't fit").waitFor({ state: 'detached' });
    expect(await context.inputValue()).toBe('4096');
    expect(findings).toEqual([]);
    expect(problems).toEqual([]);
  });
});
