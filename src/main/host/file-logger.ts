import { appendFileSync, mkdirSync, renameSync, statSync } from 'node:fs';
import { dirname } from 'node:path';

import { redactSecrets } from '@shared/domain/redact';
import type { Clock, Logger } from '@core/ports';

const LEVELS = ['debug', 'info', 'warn', 'error'] as const;
export type LogLevel = (typeof LEVELS)[number];

/** One older file of the same size is kept beside it. */
const MAX_BYTES = 5 * 1024 * 1024;

type Data = Readonly<Record<string, unknown>>;

interface FileLoggerOptions {
  readonly path: string;
  readonly level: LogLevel;
  readonly clock: Clock;
  /** Told once when the file cannot be written (a full disk); the manager goes on. */
  readonly onFailure: (sentence: string) => void;
}

/** The level of MLX_MANAGER_LOG, `info` when it is absent or unknown. */
export function logLevel(name: string | undefined): LogLevel {
  return LEVELS.find((level) => level === name) ?? 'info';
}

/** The manager's own log: one line an entry, without secrets, of bounded size. */
export class FileLogger implements Logger {
  readonly #options: FileLoggerOptions;
  readonly #module: string;
  readonly #file: LogFile;

  constructor(options: FileLoggerOptions, module = 'manager', file = new LogFile(options)) {
    this.#options = options;
    this.#module = module;
    this.#file = file;
  }

  debug(message: string, data?: Data): void {
    this.#write('debug', message, data);
  }

  info(message: string, data?: Data): void {
    this.#write('info', message, data);
  }

  warn(message: string, data?: Data): void {
    this.#write('warn', message, data);
  }

  error(message: string, data?: Data): void {
    this.#write('error', message, data);
  }

  child(module: string): Logger {
    return new FileLogger(this.#options, module, this.#file);
  }

  /** From now on this text is never written. */
  addSecret(secret: string): void {
    this.#file.addSecret(secret);
  }

  #write(level: LogLevel, message: string, data: Data | undefined): void {
    if (LEVELS.indexOf(level) < LEVELS.indexOf(this.#options.level)) return;
    const time = new Date(this.#options.clock.now()).toISOString();
    const rest = data === undefined ? '' : ` ${JSON.stringify(data)}`;
    const line = `${time} ${level.padEnd(5)} ${this.#module}: ${message}${rest}`;
    this.#file.append(line.replaceAll('\n', '\\n'));
  }
}

class LogFile {
  readonly #options: FileLoggerOptions;
  readonly #secrets = new Set<string>();
  #size: number | undefined;
  #failed = false;

  constructor(options: FileLoggerOptions) {
    this.#options = options;
  }

  addSecret(secret: string): void {
    this.#secrets.add(secret);
    // As it stands in what is written as JSON.
    this.#secrets.add(JSON.stringify(secret).slice(1, -1));
  }

  /** Written at once, so that a crash loses nothing; the file may be removed while we run. */
  append(line: string): void {
    const { path } = this.#options;
    const text = `${redactSecrets(line, [...this.#secrets])}\n`;
    try {
      this.#size ??= sizeOf(path);
      if (this.#size + text.length > MAX_BYTES) {
        renameSync(path, `${path}.1`);
        this.#size = 0;
      }
      mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
      appendFileSync(path, text, { mode: 0o600 });
      this.#size += Buffer.byteLength(text);
      this.#failed = false;
    } catch (error) {
      this.#size = undefined;
      if (!this.#failed) {
        this.#options.onFailure(`The log ${path} cannot be written: ${(error as Error).message}`);
      }
      this.#failed = true;
    }
  }
}

function sizeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
}
