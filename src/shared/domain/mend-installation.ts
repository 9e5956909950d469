import type { Action } from '../errors';
import type { Installation } from './engine';

/** What names an installation and whose it is. */
type Named = Pick<Installation, 'id' | 'engine' | 'version' | 'origin'>;

/** What mends an installation that cannot run. One that a person registered is theirs to repair. */
export function mendAction({ id, engine, version, origin }: Named): Action {
  return origin === 'managed'
    ? {
        id: 'reinstall_engine',
        label: `Reinstall ${engine} ${version}`,
        params: { engine, installationId: id },
      }
    : { id: 'open_engines', label: 'Show the engine', params: { engine } };
}

/** The same in words, with the commands that do it. */
export function mendSentence({ id, origin }: Named): string {
  return origin === 'managed'
    ? `Run: mlx-manager engine reinstall ${id}`
    : `Repair its environment and run: mlx-manager engine test ${id}. Or take it off the list: mlx-manager engine remove ${id}`;
}
