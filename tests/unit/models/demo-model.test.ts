import {
  mkdtemp,
  readdir,
  readFile,
  rm,
  stat,
  truncate,
  utimes,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { afterEach, beforeEach, expect, test } from 'vitest';

import { DEMO_SENTENCE, demoModelFiles, writeDemoModel } from '@core/models/demo-model';
import { nextToken, VOCABULARY_SIZE } from '@core/models/demo-tokenizer';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'mm-demo-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

/** Text of a token by its id, from the written tokenizer. */
async function tokenTexts(model: string): Promise<Map<number, string>> {
  const tokenizer = JSON.parse(await readFile(path.join(model, 'tokenizer.json'), 'utf8'));
  const texts = new Map<number, string>();
  for (const [text, id] of Object.entries<number>(tokenizer.model.vocab)) texts.set(id, text);
  for (const { id, content } of tokenizer.added_tokens) texts.set(id, content);
  return texts;
}

test('the folder holds one weights file whose header and length agree', async () => {
  const model = path.join(folder, 'demo');
  expect(await writeDemoModel(model)).toBe(true);
  expect((await readdir(model)).sort()).toEqual([
    'config.json',
    'model.safetensors',
    'tokenizer.json',
    'tokenizer_config.json',
  ]);
  const weights = await readFile(path.join(model, 'model.safetensors'));
  const headerLength = Number(weights.readBigUInt64LE(0));
  const header = JSON.parse(weights.subarray(8, 8 + headerLength).toString());
  const ends = Object.values<{ data_offsets?: [number, number] }>(header).map(
    (tensor) => tensor.data_offsets?.[1] ?? 0,
  );
  expect(weights.length).toBe(8 + headerLength + Math.max(...ends));
  expect(weights.length).toBeLessThan(500_000);
});

test('the head chains the sentence into a ring that never ends', async () => {
  const model = path.join(folder, 'demo');
  await writeDemoModel(model);
  const weights = await readFile(path.join(model, 'model.safetensors'));
  const headerLength = Number(weights.readBigUInt64LE(0));
  const header = JSON.parse(weights.subarray(8, 8 + headerLength).toString());
  const head = header['lm_head.weight'];
  const at = (row: number, column: number): number =>
    weights.readUInt16LE(
      8 + headerLength + head.data_offsets[0] + (row * head.shape[1] + column) * 2,
    );
  /** The row whose weight for this token's dimension is one. */
  const said = (token: number): number => {
    const rows = Array.from({ length: VOCABULARY_SIZE }, (_, row) => row);
    const ones = rows.filter((row) => at(row, token) === 0x3c00);
    expect(ones).toHaveLength(1);
    return ones[0] ?? -1;
  };
  const texts = await tokenTexts(model);
  let token = 5;
  let text = '';
  for (let count = 0; count < 36; count++) {
    token = said(token);
    text += texts.get(token);
  }
  expect(text).toBe(`${DEMO_SENTENCE} ${DEMO_SENTENCE}`);
  const followers = new Set(Array.from({ length: VOCABULARY_SIZE }, (_, id) => nextToken(id)));
  expect(followers.has(258), 'the end of a turn is never said').toBe(false);
});

test('an intact folder is left alone and a damaged one is replaced', async () => {
  const model = path.join(folder, 'demo');
  await writeDemoModel(model);
  const weights = path.join(model, 'model.safetensors');
  await utimes(weights, 1, 1);
  expect(await writeDemoModel(model)).toBe(false);
  expect((await stat(weights)).mtimeMs).toBe(1000);

  await truncate(weights, 1000);
  expect(await writeDemoModel(model)).toBe(true);
  await writeFile(path.join(model, 'config.json'), '{}');
  expect(await writeDemoModel(model)).toBe(true);
  for (const [name, content] of demoModelFiles()) {
    expect((await readFile(path.join(model, name))).equals(content), name).toBe(true);
  }
  expect(await readdir(folder)).toEqual(['demo']);
});

test('two writers at once both end with an intact folder', async () => {
  const model = path.join(folder, 'demo');
  await Promise.all([writeDemoModel(model), writeDemoModel(model), writeDemoModel(model)]);
  expect(await writeDemoModel(model)).toBe(false);
  expect(await readdir(folder)).toEqual(['demo']);
});
