import { Worker } from 'node:worker_threads';

import type { Target } from '@shared/gateway/target';

import type { TokenCount } from './contract';
import type { CountOrder, CountReport } from './counter-worker';
import { type PromptSource, promptBounds } from './estimate';
import type { PromptInput } from './template';

/** What a prompt is counted for; over the variables of its options go those that the request sets. */
export type CountTarget = Pick<Target, 'modelFolder' | 'engine' | 'templateArgs'>;

export interface TokenCounterOptions {
  /** The text of the thread, where the program is one file; the control plane has it and hands it over. */
  readonly threadText?: string | undefined;
  /** Ms that one count may take, the loading of the tokenizer included. */
  readonly timeLimitMs?: number;
  /** Megabytes that the thread may take, all tokenizers included. */
  readonly memoryLimitMb?: number;
  /** Ms without a count after which the thread and its memory go. */
  readonly idleMs?: number;
  /** Ms for which a model that hung or took too much memory is not tried again. */
  readonly distrustMs?: number;
}

interface Job {
  readonly order: CountOrder;
  readonly done: (report: { readonly tokens: number } | { readonly why: string }) => void;
}

const DEFAULTS = {
  timeLimitMs: 20_000,
  memoryLimitMb: 2048,
  idleMs: 10 * 60_000,
  distrustMs: 10 * 60_000,
} as const;
const CLOSING = 'the gateway is closing';
/** Counts that wait for the thread; beyond them an estimate is the better answer. */
const MOST_WAITING = 200;

/**
 * Counts prompts with their models' own tokenizers and chat templates, one at a time in a thread beside the data plane,
 * so that no stream waits for a count. Where that cannot be done, for whatever reason, it gives an estimate and says
 * why: it never rejects but for the signal.
 */
export class TokenCounter {
  readonly #options: Required<Omit<TokenCounterOptions, 'threadText'>>;
  readonly #threadText: string | undefined;
  readonly #waiting: Job[] = [];
  /** Models that made the thread end, until when, and why. */
  readonly #distrusted = new Map<string, { readonly until: number; readonly why: string }>();
  #thread: Worker | undefined;
  /** Threads that were sent away, until they have gone. */
  #ending: Promise<unknown> = Promise.resolve();
  #current: Job | undefined;
  #limit: NodeJS.Timeout | undefined;
  #idle: NodeJS.Timeout | undefined;
  #next = 1;
  #isClosed = false;

  constructor({ threadText, ...options }: TokenCounterOptions = {}) {
    this.#threadText = threadText;
    this.#options = { ...DEFAULTS, ...options };
  }

  /** Tokens of the prompt that the conversation becomes. Rejects with the signal's reason alone. */
  async count(
    target: CountTarget,
    conversation: PromptSource,
    signal?: AbortSignal,
  ): Promise<TokenCount> {
    signal?.throwIfAborted();
    const { messages, tools } = conversation;
    const prompt = { messages, tools, templateArgs: target.templateArgs ?? {} };
    const why = obstacle(target, conversation);
    const report = why === undefined ? await this.#ask(target, prompt, signal) : { why };
    if ('tokens' in report) return { tokens: report.tokens, exact: true };
    return { tokens: promptBounds(conversation).likely, exact: false, why: report.why };
  }

  /** Loads the model's tokenizer, while its server starts: the first count then need not wait for it. */
  async prepare(target: CountTarget): Promise<void> {
    if (target.modelFolder !== undefined) await this.#ask(target, undefined, undefined);
  }

  /** Ends the thread; what is asked from then on is estimated. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#drop();
    this.#finish({ why: CLOSING });
    for (const job of this.#waiting.splice(0)) job.done({ why: CLOSING });
    await this.#ending;
  }

  #ask(
    { modelFolder, engine }: CountTarget,
    prompt: PromptInput | undefined,
    signal: AbortSignal | undefined,
  ): Promise<{ readonly tokens: number } | { readonly why: string }> {
    const folder = modelFolder ?? '';
    const distrusted = this.#distrusted.get(folder);
    if (distrusted && distrusted.until > performance.now()) {
      return Promise.resolve({ why: distrusted.why });
    }
    if (this.#isClosed) return Promise.resolve({ why: CLOSING });
    if (this.#waiting.length >= MOST_WAITING) {
      return Promise.resolve({ why: 'too many prompts wait to be counted' });
    }
    return new Promise((resolve, reject) => {
      const order = { id: this.#next++, folder, engine, ...(prompt ? { prompt } : {}) };
      const job: Job = {
        order,
        done: (report) => {
          signal?.removeEventListener('abort', leave);
          resolve(report);
        },
      };
      // One that is under way is counted to its end: its parts are remembered for the next one.
      const leave = (): void => {
        const at = this.#waiting.indexOf(job);
        if (at !== -1) this.#waiting.splice(at, 1);
        reject(signal?.reason);
      };
      signal?.addEventListener('abort', leave, { once: true });
      this.#waiting.push(job);
      this.#goOn();
    });
  }

  /** Hands the next prompt to the thread, where it is free. */
  #goOn(): void {
    if (this.#current !== undefined) return;
    const job = this.#waiting.shift();
    if (job === undefined) {
      this.#rest();
      return;
    }
    clearTimeout(this.#idle);
    this.#current = job;
    const { timeLimitMs } = this.#options;
    this.#limit = setTimeout(() => {
      this.#giveUp(`the model's tokenizer or chat template took more than ${timeLimitMs / 1000} s`);
    }, timeLimitMs);
    try {
      this.#thread ??= this.#start();
      this.#thread.ref();
      this.#thread.postMessage(job.order);
    } catch (error) {
      this.#finish({ why: `the prompt could not be handed over: ${String(error)}` });
      this.#goOn();
    }
  }

  #start(): Worker {
    const thread = startThread(this.#threadText, this.#options.memoryLimitMb);
    thread.on('message', (report: CountReport) => {
      if (thread !== this.#thread || report.id !== this.#current?.order.id) return;
      this.#finish(report);
      this.#goOn();
    });
    thread.on('error', (error: NodeJS.ErrnoException) => {
      if (thread !== this.#thread) return;
      this.#giveUp(
        error.code === 'ERR_WORKER_OUT_OF_MEMORY'
          ? `the model's tokenizer or chat template took more than ${this.#options.memoryLimitMb} MB`
          : `counting failed: ${error.message.slice(0, 200)}`,
      );
    });
    return thread;
  }

  /** The thread is lost with the prompt that it had; the others go on with a new one. */
  #giveUp(why: string): void {
    const job = this.#current;
    if (job) {
      const until = performance.now() + this.#options.distrustMs;
      this.#distrusted.set(job.order.folder, { until, why });
    }
    this.#drop();
    this.#finish({ why });
    this.#goOn();
  }

  #finish(report: { readonly tokens: number } | { readonly why: string }): void {
    clearTimeout(this.#limit);
    const job = this.#current;
    this.#current = undefined;
    job?.done(report);
  }

  /** Sends the thread away. */
  #drop(): void {
    clearTimeout(this.#limit);
    clearTimeout(this.#idle);
    this.#ending = Promise.all([this.#ending, this.#thread?.terminate()]);
    this.#thread = undefined;
  }

  /** Nobody waits for it now: it must not keep a program from ending, and its memory goes after a while. */
  #rest(): void {
    this.#thread?.unref();
    clearTimeout(this.#idle);
    this.#idle = setTimeout(() => this.#drop(), this.#options.idleMs).unref();
  }
}

/** What keeps a prompt from being counted, before anything is asked of the thread. */
function obstacle({ modelFolder }: CountTarget, { messages }: PromptSource): string | undefined {
  if (modelFolder === undefined) return 'the model has no folder on this machine';
  const hasOther = messages.some(({ parts }) => parts.some(({ kind }) => kind !== 'text'));
  return hasOther ? 'only the engine can count images and audio' : undefined;
}

/** Its file is beside this module as a source, and beside the program that it is built into; or its text is given. */
function startThread(text: string | undefined, maxOldGenerationSizeMb: number): Worker {
  const options = { name: 'tokens', resourceLimits: { maxOldGenerationSizeMb } };
  if (text !== undefined) return new Worker(text, { ...options, eval: true });
  const name = import.meta.url.endsWith('.ts') ? './counter-worker.ts' : './counter-worker.js';
  return new Worker(new URL(name, import.meta.url), options);
}
