import { type Action, makeAction } from '../errors/action';
import type { Installation } from './engine';

/** What names an installation and whose it is. */
type Named = Pick<Installation, 'id' | 'engine' | 'version' | 'origin' | 'isLeftover'>;

/**
 * What mends an installation that cannot run. One that a person registered is theirs to repair, and what was
 * left of one that was broken off can only be removed.
 */
export function mendAction({ id, engine, version, origin, isLeftover }: Named): Action {
  const installation = { engine, installationId: id };
  if (isLeftover) return makeAction('remove_installation', installation);
  return origin === 'managed'
    ? makeAction('reinstall_engine', { ...installation, version })
    : makeAction('repair_environment', installation);
}
