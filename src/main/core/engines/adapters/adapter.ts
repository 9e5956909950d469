import type { Capability, EngineOption } from '@shared/domain/engine';
import type { ModelKind } from '@shared/domain/hub';
import type { LogLine } from '@shared/domain/log';
import type { ServerProfile } from '@shared/domain/profile';
import type { FailureCode } from '@shared/errors';
import type { ProbeMark } from '@shared/probe-mark';

import type { CommonOptionName } from './common-options';
import type { MemoryUse } from './memory-use';
import type { CommonFlag, OptionHint } from './option-hint';

/** What an adapter needs to build a command. */
export interface CommandInput {
  /** Executables of the environment (`<venv>/bin`), or the folder of a registered command. */
  readonly bin: string;
  /** A registered server executable, used instead of the adapter's own. */
  readonly command?: string | undefined;
  /** Folder with the weights. */
  readonly modelPath: string;
  /** What the model is for, where that is known. */
  readonly modelKind?: ModelKind | undefined;
  readonly host: string;
  readonly port: number;
  readonly options: ServerProfile['options'];
  /** What the installed version understands; generated options that are missing here are never passed. */
  readonly known: readonly EngineOption[];
  readonly extraArgs: readonly string[];
}

export interface Argv {
  readonly file: string;
  readonly args: readonly string[];
}

/** A text in the engine's log that proves what went wrong; the first match from the end decides. */
export interface FailurePattern {
  readonly code: FailureCode;
  readonly pattern: RegExp;
  /**
   * Whether the process is of no more use once this was printed, even if it stays alive
   * (mlx_lm.server never exits on a failed load or a taken port).
   */
  readonly fatal: boolean;
  /**
   * The same also holds after it was ready, when other texts tell of a request that failed. The exception
   * that is printed with it is the cause.
   */
  readonly always?: true;
  /** One sentence for people; `$1` is the first group. */
  readonly message: string;
  /** The same where that exception is known, which is put in place of `$cause` without its full stop. */
  readonly messageWithCause?: string;
}

/** What a log says about a failure. */
export interface LogFinding {
  readonly code: FailureCode;
  readonly message: string;
  readonly fatal: boolean;
  readonly always?: true;
  readonly messageWithCause?: string | undefined;
  readonly line: LogLine;
}

/** What a line of the log says about the load. */
export interface ProgressPattern {
  readonly pattern: RegExp;
  readonly phase: string;
}

/** One POST with a JSON body. */
export interface ProofRequest {
  readonly path: string;
  readonly body: Readonly<Record<string, unknown>>;
  /** The list of the answer that must not be empty. */
  readonly answersWith: 'choices' | 'data';
}

/** Everything the supervisor must know about one engine: data and pure functions. A new engine is one file. */
export interface EngineAdapter {
  readonly id: string;
  readonly title: string;
  readonly description: string;
  readonly recommended: boolean;
  /** Its package in the index, `mlx-lm`; what comes with it stands in `resources/engines`. */
  readonly distribution: string;
  /** Python packages of its environment that hold the code of the architectures, one file or folder each. */
  readonly loadsWith: readonly string[];
  /** Python versions it runs on, newest acceptable first for uv to choose: [min, max) as minor of 3. */
  readonly python: {
    readonly min: readonly [number, number];
    readonly below: readonly [number, number];
    readonly prefer: string;
  };
  /** Server executable inside the environment's bin folder. */
  readonly executable: string;
  /** Arguments with which it prints its server's options. */
  readonly helpArgs: readonly string[];
  command(input: CommandInput): Argv;
  /** What its options mean for memory; undefined where nobody can tell what the program takes. */
  readonly memory?: (options: ServerProfile['options']) => MemoryUse;
  /** Environment of the server beyond the common one. */
  readonly environment: Readonly<Record<string, string>>;
  /** Flags that the manager sets (without dashes): refused in options and extra arguments. */
  readonly reserved: readonly string[];
  /** What this engine calls the common options; one that is missing here it does not have. */
  readonly common: Readonly<Partial<Record<CommonOptionName, CommonFlag>>>;
  /** By flag: what the parsed `--help` lacks. */
  readonly optionHints?: Readonly<Record<string, OptionHint>>;
  /** Flags beside the common ones that carry a path or run code. */
  readonly localOptions: readonly string[];
  /** Whether /health answers `after-load` or already `before-load`: then only a token proves anything. */
  readonly health: { readonly path: string; readonly answers: 'before-load' | 'after-load' };
  /** How the manager marks its own requests, so that they are known in the engine's log. */
  readonly probeMark: ProbeMark | undefined;
  /** What it writes to its log for a request, in one run with the access line: before it and after it. */
  readonly requestLines?: { readonly before?: RegExp; readonly after?: RegExp };
  /** What a request must put into `model` to mean the loaded one. */
  requestModel(modelPath: string): string;
  readonly capabilities: readonly Capability[];
  readonly http: '1.0' | '1.1';
  /** `parent-and-children`: the listener may be a descendant of the spawned process. */
  readonly processTree: 'single' | 'parent-and-children';
  /** What the command of a child that holds the model matches, where the engine has such children. */
  readonly worker?: RegExp;
  /** Exit code 0 can still be a failure before ready. */
  readonly exitZeroMayFail: boolean;
  /** Milliseconds that an idle server takes from SIGTERM to gone. */
  readonly shutdownMs: number;
  readonly failures: readonly FailurePattern[];
  /** Where the newest line that a pattern knows is not the cause: finds the cause. */
  readonly findFailure?: (lines: readonly LogLine[]) => LogFinding | undefined;
  readonly progress: readonly ProgressPattern[];
  /**
   * The request that proves that it generates: one token, or one vector. Undefined where health is all there is,
   * as for a model that hears or draws: there is no small question to it.
   */
  readonly proof:
    | ((requestModel: string, kind: ModelKind | undefined) => ProofRequest | undefined)
    | undefined;
}
