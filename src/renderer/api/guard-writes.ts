import type { Method, Output, RawInput } from '@shared/contract';
import { DomainError } from '@shared/errors';
import type { Client } from '@shared/rpc/client';
import { METHOD_KINDS } from '@shared/rpc/method-kinds';

export interface WriteGuard {
  /** How long a manager may take to say that it is there, ms. */
  readonly limitMs: number;
  /** It did not, or it does again. */
  readonly onResponding: (responds: boolean) => void;
}

/**
 * A client that sends what changes something only to a manager that answers now: one that hangs would carry it out
 * when nobody expects it any more. So it is asked first whether it is there. Until it has said so, nothing is sent.
 */
export function guardWrites(client: Client, { limitMs, onResponding }: WriteGuard): Client {
  /** One question at a time, however many wait for it. */
  let asked: Promise<void> | undefined;
  let hangs = false;

  const ask = (): Promise<void> => {
    const late = Promise.withResolvers<never>();
    const timer = setTimeout(() => {
      hangs = true;
      onResponding(false);
      late.reject(notResponding());
    }, limitMs);
    // Its failure is that of a lost connection, whose own sentence says so.
    const answered = client
      .call('app.info')
      .then(() => onResponding(true))
      .finally(() => {
        clearTimeout(timer);
        hangs = false;
      });
    return Promise.race([answered, late.promise]);
  };

  const call = async <M extends Method>(method: M, input?: RawInput<M>): Promise<Output<M>> => {
    if (METHOD_KINDS[method] === 'writes') {
      if (hangs) throw notResponding();
      asked ??= ask().finally(() => {
        asked = undefined;
      });
      await asked;
    }
    const send = client.call as (method: M, input?: RawInput<M>) => Promise<Output<M>>;
    return send(method, input);
  };
  return { ...client, call };
}

const notResponding = (): DomainError =>
  new DomainError('timeout', "MLX Manager isn't responding, so nothing was changed.");
