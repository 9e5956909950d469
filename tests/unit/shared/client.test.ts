import { makeAction } from '@shared/errors/action';
import { createClient } from '@shared/rpc/client';
import type { Transport } from '@shared/rpc/transport';
import { expect, it } from 'vitest';

/** A manager that refuses whatever it is asked. */
function refusing(action: unknown): Transport {
  const error = { code: 'conflict', message: 'Not now.', action } as never;
  return {
    send: ({ id }) => Promise.resolve({ id, ok: false, error }),
    onEvent: () => () => undefined,
  };
}

it('a refusal keeps its sentence and an action that this version knows', async () => {
  const known = createClient(refusing(makeAction('retry')));
  await expect(known.call('app.info')).rejects.toMatchObject({ action: { id: 'retry' } });
  const newer = createClient(refusing({ id: 'ask_a_friend', label: 'Ask a friend' }));
  await expect(newer.call('app.info')).rejects.toMatchObject({
    code: 'conflict',
    message: 'Not now.',
    action: undefined,
  });
});
