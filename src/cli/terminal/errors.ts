import { CommanderError } from 'commander';

import { DomainError, type ErrorBody, messageOf } from '@shared/errors';
import { systemProblem } from '@shared/errors/system-error';

/** Exit codes of the command line (public). */
export const EXIT = { done: 0, failed: 1, usage: 2 } as const;

/** `doctor` found a problem: the only failure that is not an error. */
export class FoundProblem extends Error {}

/** How a command that threw ends: its exit code, and the error to show where there is one. */
export function endingOf(error: unknown): { code: number; body?: ErrorBody } {
  if (error instanceof FoundProblem) return { code: EXIT.failed };
  if (error instanceof CommanderError) return endingOfCommander(error);
  if (error instanceof DomainError) {
    return { code: error.code === 'usage' ? EXIT.usage : EXIT.failed, body: error.toBody() };
  }
  return { code: EXIT.failed, body: systemError(error) };
}

function endingOfCommander(error: CommanderError): { code: number; body?: ErrorBody } {
  if (error.exitCode === 0) return { code: EXIT.done };
  // The library puts `error: ` before each of its sentences.
  const message =
    error.code === 'commander.help'
      ? 'Specify a command; "mlx-manager help" lists them.'
      : withoutPrefix(error.message, 'error: ').trim();
  return { code: EXIT.usage, body: { code: 'usage', message } };
}

function withoutPrefix(text: string, prefix: string): string {
  return text.startsWith(prefix) ? text.slice(prefix.length) : text;
}

/** Errors of the system in the words of the contract. */
function systemError(error: unknown): ErrorBody {
  const problem = systemProblem(error);
  if (problem === undefined) return { code: 'internal', message: messageOf(error) };
  const { code, sentence, advice } = problem;
  return { code, message: advice === '' ? sentence : `${sentence} ${advice}` };
}
