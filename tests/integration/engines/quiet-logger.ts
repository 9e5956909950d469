import type { Logger } from '@core/ports';

/** A logger for tests that look at results, not at what was logged. */
export const quietLogger: Logger = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
  child: () => quietLogger,
};
