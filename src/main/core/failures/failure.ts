import type { Evidence, ServerFailure } from '@shared/domain/server';
import type { Action, FailureCode } from '@shared/errors';

/** Adds the action that fixes a failure of this code, where one is known. */
export function withAction(failure: ServerFailure): ServerFailure {
  if (failure.action) return failure;
  const action = defaultAction(failure.code);
  return action ? { ...failure, action } : failure;
}

function defaultAction(code: FailureCode): { id: string; label: string } | undefined {
  switch (code) {
    case 'port_in_use':
    case 'not_answering':
    case 'exited':
      return { id: 'retry', label: 'Try again' };
    case 'model_missing':
    case 'model_incomplete':
      return { id: 'open_models', label: 'Show models' };
    case 'unsupported_architecture':
      return { id: 'open_engines', label: 'Look for a newer engine' };
    case 'engine_missing':
      return { id: 'open_engines', label: 'Install the engine' };
    case 'engine_broken':
      return { id: 'reinstall_engine', label: 'Install the engine again' };
    case 'bad_option':
      return { id: 'edit_options', label: 'Edit the options' };
    case 'out_of_memory':
      return { id: 'edit_options', label: 'Lower the memory it needs' };
    case 'load_timeout':
      return { id: 'raise_deadline', label: 'Allow more time to load' };
    case 'custom_code':
      return { id: 'edit_options', label: 'Decide about custom code' };
    case 'permission':
      return { id: 'retry', label: 'Try again' };
  }
}

/** A failure found before or instead of a run. */
export function failure(
  code: FailureCode,
  message: string,
  evidence: readonly Evidence[] = [],
  action?: Action,
): ServerFailure {
  return withAction({
    code,
    message,
    evidence: [...evidence],
    ...(action === undefined ? {} : { action: { ...action } }),
  });
}
