import { type Input, type Method, type Output, requests } from '@shared/contract';
import { DomainError, type ErrorBody } from '@shared/errors';
import type { ResponseFrame } from '@shared/rpc/frames';
import { z } from 'zod';
import type { Logger } from '../ports';
import type { Session } from './session';
import { parseInput, validationBody } from '../validation/validation';

/** One function per method; a missing one does not compile. */
export type Handlers = {
  readonly [M in Method]: (input: Input<M>, session: Session) => Promise<Output<M>> | Output<M>;
};

const Frame = z.object({
  id: z.number().int().nonnegative(),
  method: z.string().max(100),
  params: z.unknown().optional(),
});

/** Turns request frames into answers. Knows nothing of Electron or HTTP. */
export class Router {
  readonly #handlers: Handlers;
  readonly #logger: Logger;

  constructor(handlers: Handlers, logger: Logger) {
    this.#handlers = handlers;
    this.#logger = logger;
  }

  /** Never rejects: every failure becomes an error frame. */
  async dispatch(raw: unknown, session: Session): Promise<ResponseFrame> {
    const frame = Frame.safeParse(raw);
    if (!frame.success)
      return refuse(idOf(raw), { code: 'bad_frame', message: 'Malformed request frame.' });
    const { id, method, params } = frame.data;
    if (!isMethod(method)) {
      return refuse(id, { code: 'unknown_method', message: `There is no method "${method}".` });
    }
    if (!session.scopes.has(requests[method].scope)) {
      return refuse(id, {
        code: 'unauthorised',
        message: `"${method}" is available only to the desktop app and the command line on this machine.`,
      });
    }
    const input = parseInput(requests[method].input, params);
    if (!input.success) return refuse(id, validationBody(input.error));
    try {
      const handle = this.#handlers[method] as (input: unknown, session: Session) => unknown;
      return { id, ok: true, result: (await handle(input.data, session)) ?? null };
    } catch (error) {
      if (error instanceof DomainError) return refuse(id, error.toBody());
      this.#logger.error(`${method} failed unexpectedly`, {
        error: error instanceof Error ? (error.stack ?? error.message) : String(error),
      });
      return refuse(id, {
        code: 'internal',
        message: 'Something went wrong in MLX Manager. Its log has the details.',
      });
    }
  }
}

/** The number that a malformed frame's sender waits for; 0 where there is none. */
function idOf(raw: unknown): number {
  return Frame.pick({ id: true }).safeParse(raw).data?.id ?? 0;
}

function isMethod(method: string): method is Method {
  return Object.hasOwn(requests, method);
}

function refuse(id: number, error: ErrorBody): ResponseFrame {
  return { id, ok: false, error };
}
