// Counts prompts in a thread of its own: a template and a tokenizer are strangers' files, and one that never ends, or
// wants all memory, must cost this thread alone. No path aliases: where the sources are run as they are, Node strips
// the types of this file and of what it imports itself.
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { parentPort } from 'node:worker_threads';

import { engineTemplateArgs } from './engine-template-args.ts';
import { ChatTemplate, isRecord, type PromptInput } from './template.ts';
import { PromptTokenizer } from './tokenizer.ts';

/** One prompt to count. */
export interface CountOrder {
  readonly id: number;
  /** The model's folder. */
  readonly folder: string;
  /** The id of the engine that will read the prompt. */
  readonly engine: string;
  /** Without it the model is only made ready to count. */
  readonly prompt?: PromptInput;
}

export type CountReport =
  | { readonly id: number; readonly tokens: number }
  /** Why it cannot be counted, as what comes behind "because". */
  | { readonly id: number; readonly why: string };

interface Model {
  readonly stamp: string;
  /** What it counts with, or why it cannot. */
  readonly ready: { readonly template: ChatTemplate; readonly tokenizer: PromptTokenizer } | string;
}

/** A model's files that are read, with the most bytes that each may have; Gemma 3's tokenizer has 33 MB. */
const FILES = {
  'tokenizer.json': 48 << 20,
  'tokenizer_config.json': 8 << 20,
  'chat_template.jinja': 4 << 20,
  'chat_template.json': 4 << 20,
} as const;

/** Entries of lists and objects in one of them: Gemma 3 has 1.4 million. A small file of tiny ones fills all memory. */
const MOST_ENTRIES = 3_000_000;

/** Models that are kept, the one used last at the end: a large vocabulary takes some hundred megabytes. */
const KEPT = 2;
const models = new Map<string, Model>();

parentPort?.on('message', (order: CountOrder) => {
  parentPort?.postMessage(take(order));
});

function take({ id, folder, engine, prompt }: CountOrder): CountReport {
  try {
    const { ready } = modelIn(folder);
    if (typeof ready === 'string') return { id, why: ready };
    if (prompt === undefined) return { id, tokens: 0 };
    const { template, tokenizer } = ready;
    const ofEngine = engineTemplateArgs(engine, folder, (token) => tokenizer.has(token));
    const templateArgs = { ...ofEngine, ...prompt.templateArgs };
    return { id, tokens: tokenizer.count(template.render({ ...prompt, templateArgs })) };
  } catch (error) {
    return { id, why: `the chat template failed: ${wordsOf(error)}` };
  }
}

function modelIn(folder: string): Model {
  const stamp = stampOf(folder);
  const known = models.get(folder);
  models.delete(folder);
  const model = known?.stamp === stamp ? known : { stamp, ready: load(folder) };
  models.set(folder, model);
  for (const other of models.keys()) {
    if (models.size <= KEPT) break;
    models.delete(other);
  }
  return model;
}

/** Differs whenever one of the files does. */
function stampOf(folder: string): string {
  return Object.keys(FILES)
    .map((name) => {
      const found = statSync(join(folder, name), { throwIfNoEntry: false });
      return found === undefined ? '-' : `${found.size}:${found.mtimeMs}:${found.ino}`;
    })
    .join('|');
}

function load(folder: string): Model['ready'] {
  try {
    const json = readJson(folder, 'tokenizer.json');
    if (json === undefined) return 'the model has no tokenizer.json';
    const config = recordIn(folder, 'tokenizer_config.json') ?? {};
    // mlx-lm has programs in place of some models' templates (`chat_template_type`, 0.32.2).
    if (typeof config.chat_template_type === 'string')
      return 'only the engine has its chat template';
    const legacy = recordIn(folder, 'chat_template.json');
    const template = new ChatTemplate({
      config,
      jinja: read(folder, 'chat_template.jinja'),
      legacy,
    });
    return { template, tokenizer: new PromptTokenizer(json, config, template.text) };
  } catch (error) {
    return `the model's tokenizer or chat template can't be used: ${wordsOf(error)}`;
  }
}

function recordIn(folder: string, name: keyof typeof FILES) {
  const json = readJson(folder, name);
  return isRecord(json) ? json : undefined;
}

function readJson(folder: string, name: keyof typeof FILES): unknown {
  const text = read(folder, name);
  if (text === undefined) return undefined;
  if (hasMoreCommas(text, MOST_ENTRIES)) throw new Error(`${name} has too many entries`);
  try {
    return JSON.parse(text);
  } catch {
    throw new Error(`${name} isn't valid JSON`);
  }
}

/** There is a comma between two entries; one within a text counts as well, which is rare. */
function hasMoreCommas(text: string, most: number): boolean {
  let found = 0;
  for (let at = text.indexOf(','); at !== -1 && found <= most; at = text.indexOf(',', at + 1)) {
    found++;
  }
  return found > most;
}

/** @returns undefined where there is no such file. @throws Error where it is none to read. */
function read(folder: string, name: keyof typeof FILES): string | undefined {
  const path = join(folder, name);
  const found = statSync(path, { throwIfNoEntry: false });
  if (found === undefined) return undefined;
  if (!found.isFile()) throw new Error(`${name} isn't a file`);
  if (found.size > FILES[name]) throw new Error(`${name} is larger than ${FILES[name] >> 20} MB`);
  return readFileSync(path, 'utf8');
}

/** Strangers write these words: they are cut, and stay on one line. */
function wordsOf(error: unknown): string {
  const words = error instanceof Error ? error.message : String(error);
  return words.replace(/\s+/g, ' ').slice(0, 200);
}
