import { type Action, makeAction } from '../errors/action';
import type { Installation } from './engine';

/** What names an installation and whose it is. */
type Named = Pick<Installation, 'id' | 'engine' | 'version' | 'origin'>;

/** What mends an installation that cannot run. One that a person registered is theirs to repair. */
export function mendAction({ id, engine, version, origin }: Named): Action {
  return origin === 'managed'
    ? makeAction('reinstall_engine', { engine, version, installationId: id })
    : makeAction('repair_environment', { engine, installationId: id });
}
