// A vitest reporter that tells the process which started vitest what begins and what ends, as it happens, so that
// nothing is lost when a level has to be ended: scripts/level-results.mjs says what the messages mean.

export default class ProgressReporter {
  onInit() {
    // Vitest must not go on by itself when whoever counts its results is gone.
    process.once('disconnect', () => process.kill(0, 'SIGTERM'));
    process.channel?.unref();
  }

  onTestRunStart(specifications) {
    return tell({ type: 'run began', files: specifications.map(({ moduleId }) => moduleId) });
  }

  onTestModuleQueued({ moduleId }) {
    return tell({ type: 'file began', file: moduleId });
  }

  onTestCaseReady(test) {
    return tell({ type: 'test began', ...placeOf(test), limitMs: test.options.timeout });
  }

  onTestCaseResult(test) {
    const { state, errors = [] } = test.result();
    return tell({ type: 'test ended', ...placeOf(test), state, errors: errors.map(textOf) });
  }

  onTestModuleEnd(file) {
    // What fails in a file outside of its tests: its imports, and the hooks around all tests.
    const errors = [file, ...file.children.allSuites()].flatMap((one) => one.errors());
    return tell({ type: 'file ended', file: file.moduleId, errors: errors.map(textOf) });
  }

  onTestRunEnd(_files, unhandledErrors) {
    return tell({ type: 'run ended', errors: unhandledErrors.map(textOf) });
  }
}

const placeOf = ({ id, fullName, module }) => ({ id, file: module.moduleId, name: fullName });

function textOf({ stack, name, message, cause }) {
  const text = stack || `${name ?? 'Error'}: ${message}`;
  if (cause?.message === undefined) return text;
  // Vitest says it in some of the causes itself.
  return `${text}\nCaused by: ${textOf(cause).replace(/^Caused by: /, '')}`;
}

/** Resolves when the message is on its way: a process that ends at once loses those that are not. */
function tell(event) {
  return new Promise((resolve) => {
    if (process.send === undefined) resolve();
    else process.send(event, () => resolve());
  });
}
