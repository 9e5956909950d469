import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';

/** Bytes of a template, and of the settings that may hold one; the largest that is known has 40 KB. */
const LARGEST = 4 * 1024 * 1024;
/** Folders that are remembered. */
const KEPT = 200;

/** The chat templates of models' folders, read once as long as the files stay as they are. */
export class Templates {
  readonly #known = new Map<
    string,
    { readonly stamp: string; readonly text: string | undefined }
  >();

  /** Undefined where the model has none, or where it cannot be read. */
  async of(folder: string): Promise<string | undefined> {
    const files = [join(folder, 'chat_template.jinja'), join(folder, 'tokenizer_config.json')];
    const stamp = (await Promise.all(files.map(stampOf))).join(' ');
    const known = this.#known.get(folder);
    if (known?.stamp === stamp) return known.text;
    const text = await readTemplate(files);
    if (this.#known.size >= KEPT) this.#known.clear();
    this.#known.set(folder, { stamp, text });
    return text;
  }
}

async function stampOf(file: string): Promise<string> {
  const info = await stat(file).catch(() => undefined);
  return info && info.size <= LARGEST ? `${info.size}:${info.mtimeMs}` : 'none';
}

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
