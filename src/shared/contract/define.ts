import type { z } from 'zod';

/**
 * Who may send a request. `local`: paths, executables, environment: the command line's socket and the
 * desktop. `desktop`: opens native UI.
 */
export type Scope = 'any' | 'local' | 'desktop';

export interface RequestDefinition<I extends z.ZodType, O extends z.ZodType> {
  readonly input: I;
  readonly output: O;
  readonly scope: Scope;
}

/** A request that every transport may carry. */
export function request<I extends z.ZodType, O extends z.ZodType>(
  input: I,
  output: O,
): RequestDefinition<I, O> {
  return { input, output, scope: 'any' };
}

/** A request for the command line and the desktop only. */
export function localRequest<I extends z.ZodType, O extends z.ZodType>(
  input: I,
  output: O,
): RequestDefinition<I, O> {
  return { input, output, scope: 'local' };
}

/** A request for the desktop application's own window only. */
export function desktopRequest<I extends z.ZodType, O extends z.ZodType>(
  input: I,
  output: O,
): RequestDefinition<I, O> {
  return { input, output, scope: 'desktop' };
}

/**
 * How an event travels to a slow view. `every`: each one; `latest`: the newest per key, at most 4 per
 * second; `batch`: list payloads are joined and sent each 100 ms, to sessions that asked for the key.
 */
export type EventPolicy = 'every' | 'latest' | 'batch';

export interface EventDefinition<P extends z.ZodType> {
  readonly payload: P;
  readonly policy: EventPolicy;
  /**
   * What of the payload is news, where not all of it is: an event in which only the rest differs from the last
   * one of its key is not sent.
   */
  readonly news?: (payload: z.output<P>) => unknown;
}

export function event<P extends z.ZodType>(
  payload: P,
  policy: EventPolicy,
  news?: (payload: z.output<P>) => unknown,
): EventDefinition<P> {
  return { payload, policy, ...(news && { news }) };
}
