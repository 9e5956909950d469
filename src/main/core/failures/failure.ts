import type { Evidence } from '@shared/domain/failure';
import type { ServerFailure } from '@shared/domain/server';
import type { FailureCode } from '@shared/errors';
import { type Action, makeAction } from '@shared/errors/action';

/**
 * A server's failure. Its sentence is shown as it stands wherever it is shown.
 * @param action what mends it; without one, what usually mends a failure of this code.
 */
export function failure(
  code: FailureCode,
  message: string,
  evidence: readonly Evidence[] = [],
  action: Action = usualAction(code),
): ServerFailure {
  return { code, message, action, evidence: [...evidence] };
}

/** What usually mends a failure of this code. @param engine id of the engine that it is about. */
export function usualAction(code: FailureCode, engine?: string): Action {
  // A program of the person's own is neither installed nor updated by us.
  const installed = engine === 'custom' ? undefined : engine;
  switch (code) {
    case 'port_in_use':
    case 'not_answering':
    case 'exited':
    case 'permission':
      return makeAction('retry');
    case 'model_missing':
    case 'model_incomplete':
      return makeAction('open_models', {});
    case 'unsupported_architecture':
      return makeAction('open_engines', { engine: installed, purpose: 'newer' });
    case 'engine_missing':
      return makeAction('open_engines', { engine: installed, purpose: 'install' });
    case 'engine_broken':
      return installed === undefined
        ? makeAction('retry')
        : makeAction('reinstall_engine', { engine: installed });
    case 'bad_option':
      return makeAction('edit_options', {});
    case 'out_of_memory':
      return makeAction('edit_options', { purpose: 'memory' });
    case 'load_timeout':
      return makeAction('raise_deadline');
    case 'custom_code':
      return makeAction('edit_options', { purpose: 'custom_code' });
  }
}
