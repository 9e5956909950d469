import type { Logger } from '@core/ports';

/**
 * A logger for what begins before the log may be written, since another manager may still hold the data folder: until
 * then warnings and errors go to the terminal alone.
 */
export function lateLogger(
  current: () => Logger | undefined,
  names: readonly string[] = [],
): Logger {
  let named: Logger | undefined;
  const find = (): Logger | undefined => {
    named ??= names.reduce<Logger | undefined>((logger, name) => logger?.child(name), current());
    return named;
  };
  const toTerminal = (message: string): void => console.error(message);
  return {
    debug: (message, fields) => find()?.debug(message, fields),
    info: (message, fields) => find()?.info(message, fields),
    warn(message, fields) {
      const logger = find();
      if (logger) logger.warn(message, fields);
      else toTerminal(message);
    },
    error(message, fields) {
      const logger = find();
      if (logger) logger.error(message, fields);
      else toTerminal(message);
    },
    child: (name) => lateLogger(current, [...names, name]),
    addSecret: (secret) => find()?.addSecret?.(secret),
  };
}
