// Runs in the thread that counts: no path aliases, since Node itself strips the types of the sources of a thread.
import { Environment, Template } from '@huggingface/jinja';

import type { Message, Tool } from '../conversation/conversation.ts';
import { BoundedInterpreter } from './bounded-interpreter.ts';
import { timeInWords } from './time-in-words.ts';

/** The files of a model that say how a conversation becomes a prompt, as they lie in its folder. */
export interface TemplateFiles {
  /** `tokenizer_config.json`, parsed. */
  readonly config: Readonly<Record<string, unknown>>;
  /** `chat_template.jinja`, which counts before what the config has (transformers since 4.43). */
  readonly jinja?: string | undefined;
  /** `chat_template.json`, parsed: where processors of vision models had it before. */
  readonly legacy?: Readonly<Record<string, unknown>> | undefined;
}

/** What a template is given. */
export interface PromptInput {
  readonly messages: readonly Message[];
  readonly tools: readonly Tool[];
  /** Further variables, such as `enable_thinking`, as the engine is given them. */
  readonly templateArgs: Readonly<Record<string, unknown>>;
}

/** The tokens that transformers hands to a template by name (`special_tokens_map`, transformers 5.23). */
const SPECIAL_TOKENS = [
  ...(['bos_token', 'eos_token', 'unk_token', 'sep_token'] as const),
  ...(['pad_token', 'cls_token', 'mask_token'] as const),
];

/** A model's chat template: makes the text of a prompt, as transformers' `apply_chat_template` does. */
export class ChatTemplate {
  readonly #plain: Template;
  readonly #withTools: Template;
  readonly #special: Readonly<Record<string, string>>;
  /** Everything that the template may write by itself, to look for special tokens in. */
  readonly text: string;

  /** @throws Error where the model has no template, or one that cannot be read. */
  constructor(files: TemplateFiles) {
    const sources = templateSources(files);
    this.#special = specialTokens(files.config);
    this.#plain = new Template(sources.plain);
    this.#withTools =
      sources.withTools === sources.plain ? this.#plain : new Template(sources.withTools);
    this.text = [sources.plain, sources.withTools, ...Object.values(this.#special)].join('\n');
  }

  /** @throws Error with the template's own words where it refuses the conversation. */
  render({ messages, tools, templateArgs }: PromptInput): string {
    const template = tools.length > 0 ? this.#withTools : this.#plain;
    return run(template, {
      ...this.#special,
      documents: null,
      ...templateArgs,
      messages: messages.map(templateMessage),
      tools: tools.length > 0 ? tools.map(templateTool) : null,
      add_generation_prompt: true,
    });
  }
}

/**
 * What every template can use (`_cached_compile_jinja_template`, transformers 5.23). `Template.render` would set the
 * same, but with the month's name in this machine's language, and could not be given a variable of one of these names.
 */
function globals(): Environment {
  const made = new Environment();
  for (const name of ['true', 'True']) made.set(name, true);
  for (const name of ['false', 'False']) made.set(name, false);
  for (const name of ['none', 'None']) made.set(name, null);
  made.set('range', range);
  made.set('strftime_now', (format: string) => timeInWords(new Date(), format));
  made.set('raise_exception', (message: unknown) => {
    throw new Error(String(message));
  });
  return made;
}

function run(template: Template, variables: Readonly<Record<string, unknown>>): string {
  const environment = new Environment(globals());
  for (const [name, value] of Object.entries(variables)) environment.set(name, value);
  return String(new BoundedInterpreter(environment).run(template.parsed).value);
}

const MOST_OF_RANGE = 100_000;

/** Python's `range`; Jinja's sandbox refuses a longer one too (`MAX_RANGE`, jinja2 3.1.6). */
function range(first: number, second?: number, step = 1): readonly number[] {
  const [start, stop] = second === undefined ? [0, first] : [first, second];
  const length = Math.max(0, Math.ceil((stop - start) / step));
  if (!(length <= MOST_OF_RANGE)) throw new Error(`a range has more than ${MOST_OF_RANGE} numbers`);
  return Array.from({ length }, (_, index) => start + index * step);
}

/** A model may have several by name: `tool_use` counts where there are tools (`get_chat_template`, transformers 5.23). */
function templateSources({ config, jinja, legacy }: TemplateFiles): {
  readonly plain: string;
  readonly withTools: string;
} {
  const said = jinja ?? config.chat_template ?? legacy?.chat_template;
  if (typeof said === 'string') return { plain: said, withTools: said };
  const named = namedTemplates(said);
  const plain = named.get('default');
  const withTools = named.get('tool_use') ?? plain;
  if (withTools === undefined) throw new Error('the model has no chat template');
  return { plain: plain ?? withTools, withTools };
}

function namedTemplates(said: unknown): ReadonlyMap<string, string> {
  const entries = Array.isArray(said) ? said : [];
  return new Map(
    entries.flatMap((entry: unknown) => {
      if (!isRecord(entry)) return [];
      const { name, template } = entry;
      return typeof name === 'string' && typeof template === 'string' ? [[name, template]] : [];
    }),
  );
}

function specialTokens(
  config: Readonly<Record<string, unknown>>,
): Readonly<Record<string, string>> {
  return Object.fromEntries(
    SPECIAL_TOKENS.flatMap((name) => {
      const value = config[name];
      const content = isRecord(value) ? value.content : value;
      return typeof content === 'string' ? [[name, content]] : [];
    }),
  );
}

/** A message as engines hand it to the template: text in one string, arguments as what they mean, not as their text. */
function templateMessage(message: Message): Readonly<Record<string, unknown>> {
  const content = message.parts.map((part) => (part.kind === 'text' ? part.text : '')).join('');
  switch (message.role) {
    case 'system':
    case 'user':
      return { role: message.role, content };
    case 'tool':
      return {
        role: 'tool',
        content,
        tool_call_id: message.callId,
        ...(message.name === undefined ? {} : { name: message.name }),
      };
    case 'assistant':
      return {
        role: 'assistant',
        content,
        // gpt-oss reads the one, all others the other (`_alias_reasoning_fields`, transformers 5.23).
        ...(message.reasoning === undefined
          ? {}
          : { reasoning_content: message.reasoning, thinking: message.reasoning }),
        ...(message.calls.length === 0 ? {} : { tool_calls: message.calls.map(templateCall) }),
      };
  }
}

function templateCall({
  id,
  name,
  arguments: text,
}: {
  readonly id: string;
  readonly name: string;
  readonly arguments: string;
}): unknown {
  return { id, type: 'function', function: { name, arguments: meaningOf(text) } };
}

/** What is no JSON stays a text, as an engine would refuse it or write it as it is. */
function meaningOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

function templateTool({ name, description, parameters, strict }: Tool): unknown {
  return {
    type: 'function',
    function: {
      name,
      ...(description === undefined ? {} : { description }),
      parameters,
      ...(strict === undefined ? {} : { strict }),
    },
  };
}

export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
