import type { Action } from '../errors';
import type { Installation } from './engine';

/** What names an installation and whose it is. */
type Named = Pick<Installation, 'id' | 'engine' | 'version' | 'origin' | 'isLeftover'>;

/** What mends an installation that cannot run. One that a person registered is theirs to repair. */
export function mendAction({ id, engine, version, origin, isLeftover }: Named): Action {
  return origin === 'managed' && !isLeftover
    ? {
        id: 'reinstall_engine',
        label: `Reinstall ${engine} ${version}`,
        params: { engine, installationId: id },
      }
    : { id: 'open_engines', label: 'Show the engine', params: { engine } };
}

/** The same in words, with the commands that do it. */
export function mendSentence({ id, origin, isLeftover }: Named): string {
  if (isLeftover) return `Run: mlx-manager engine remove ${id}`;
  return origin === 'managed'
    ? `Run: mlx-manager engine reinstall ${id}`
    : `Repair its environment and run: mlx-manager engine test ${id}. Or take it off the list: mlx-manager engine remove ${id}`;
}
