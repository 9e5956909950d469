import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';

import { type TemplateFacts, templateFacts } from './template-facts';

/** Bytes of a template, and of the settings that may hold one; the largest that is known has 40 KB. */
const LARGEST = 4 * 1024 * 1024;
/** Folders that are remembered. */
const KEPT = 200;

/** A folder that was looked at within this, ms, is not looked at again: a person changes a model seldom. */
const LOOK_AGAIN_MS = 1000;

interface Known {
  readonly stamp: string;
  readonly facts: TemplateFacts;
  lookedAt: number;
}

/** What the chat templates of models' folders do, read once as long as the files stay as they are. */
export class Templates {
  readonly #known = new Map<string, Known>();

  /** @param folder - undefined where the model has none here */
  async factsOf(folder: string | undefined): Promise<TemplateFacts> {
    if (folder === undefined) return templateFacts(undefined);
    const known = this.#known.get(folder);
    const now = performance.now();
    if (known && now - known.lookedAt < LOOK_AGAIN_MS) return known.facts;
    const files = [join(folder, 'chat_template.jinja'), join(folder, 'tokenizer_config.json')];
    const stamp = (await Promise.all(files.map(stampOf))).join(' ');
    if (known?.stamp === stamp) {
      known.lookedAt = now;
      return known.facts;
    }
    const facts = templateFacts(await readTemplate(files));
    if (this.#known.size >= KEPT) this.#known.clear();
    this.#known.set(folder, { stamp, facts, lookedAt: now });
    return facts;
  }
}

async function stampOf(file: string): Promise<string> {
  const info = await stat(file).catch(() => undefined);
  return info && info.size <= LARGEST ? `${info.size}:${info.mtimeMs}` : 'none';
}

/** Undefined where the model has none, or where it cannot be read. */
async function readTemplate([own = '', settings = '']: readonly string[]): Promise<
  string | undefined
> {
  if ((await stampOf(own)) !== 'none') return readFile(own, 'utf8').catch(() => undefined);
  if ((await stampOf(settings)) === 'none') return undefined;
  try {
    const { chat_template: template } = Object(JSON.parse(await readFile(settings, 'utf8')));
    if (typeof template === 'string') return template;
    if (!Array.isArray(template)) return undefined;
    // A list of named ones: engines take the one named `default`.
    const named = template.find((one) => Object(one).name === 'default') ?? template[0];
    const text: unknown = Object(named).template;
    return typeof text === 'string' ? text : undefined;
  } catch {
    return undefined;
  }
}
