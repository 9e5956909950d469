import type { Installation } from '@shared/domain/engine';
import { type Action, makeAction } from '@shared/errors/action';

/** What mends an installation that cannot run: one of the person's own is not ours to install again. */
export function mendEngine({
  engine,
  version,
  origin,
}: Pick<Installation, 'engine' | 'version' | 'origin'>): Action {
  return origin === 'registered'
    ? makeAction('register_engine', { engine })
    : makeAction('reinstall_engine', { engine, version });
}
