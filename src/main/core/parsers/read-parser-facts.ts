import { open } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import type { ParserFacts } from './detect-parsers';

/** A tokenizer_config.json with a long template has some 50 KB. */
const MAX_BYTES = 5_000_000;

const Config = z.object({ model_type: z.string() });
/** `chat_template` is the template, or a list of named ones (Hugging Face transformers). */
const Template = z.union([
  z.string(),
  z
    .array(z.object({ name: z.string(), template: z.string() }))
    .transform((list) => (list.find(({ name }) => name === 'tool_use') ?? list[0])?.template ?? ''),
]);
const WithTemplate = z.object({ chat_template: Template });

/** Reads what tells parsers apart; what is missing, damaged or too large is not known, never an error. */
export async function readParserFacts(folder: string, name: string): Promise<ParserFacts> {
  const [config, tokenizer, jinja, json] = await Promise.all([
    readJson(path.join(folder, 'config.json')),
    readJson(path.join(folder, 'tokenizer_config.json')),
    readText(path.join(folder, 'chat_template.jinja')),
    readJson(path.join(folder, 'chat_template.json')),
  ]);
  return {
    chatTemplate: jinja ?? chatTemplateIn(json) ?? chatTemplateIn(tokenizer),
    modelType: Config.safeParse(config).data?.model_type,
    name,
  };
}

/** The template in a parsed tokenizer_config.json or chat_template.json. */
export function chatTemplateIn(value: unknown): string | undefined {
  return WithTemplate.safeParse(value).data?.chat_template;
}

async function readText(file: string): Promise<string | undefined> {
  const handle = await open(file, 'r').catch(() => undefined);
  if (!handle) return undefined;
  try {
    const info = await handle.stat();
    return info.isFile() && info.size <= MAX_BYTES ? await handle.readFile('utf8') : undefined;
  } catch {
    return undefined; // went away while it was read: not known
  } finally {
    await handle.close();
  }
}

async function readJson(file: string): Promise<unknown> {
  const text = await readText(file);
  try {
    return text === undefined ? undefined : JSON.parse(text);
  } catch {
    return undefined; // damaged: not known
  }
}
