/** How a process ended. */
export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** `exit code 3`, `signal SIGKILL`. */
export function describeExit(exit: Exit): string {
  if (exit.signal) return `signal ${exit.signal}`;
  return exit.code === null ? 'ended, exit code unknown' : `exit code ${exit.code}`;
}
