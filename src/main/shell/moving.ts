import { access, constants } from 'node:fs/promises';
import { join } from 'node:path';
import type { Logger } from '@core/ports';
import { messageOf } from '@shared/errors';
import { app } from 'electron';
import { appPlace, whyMove } from './app-place';
import { askToMove, say, type WindowForQuestions } from './ask';

/** Why this application should be moved; undefined where it may stay, or is no application of a Mac. */
export async function reasonToMove(): Promise<string | undefined> {
  if (!app.isPackaged || app.dock === undefined) return undefined;
  const executable = app.getPath('exe');
  // <volume>/MLX Manager.app/Contents/MacOS/MLX Manager
  const folder = join(executable, '..', '..', '..', '..');
  const isWritable = await access(folder, constants.W_OK).then(
    () => true,
    () => false,
  );
  return whyMove(appPlace(executable, isWritable));
}

/**
 * Asks once at a start from a place that does not last, and moves.
 * @returns whether it was moved: then the system opens it anew, and this process must end.
 */
export async function offerToMove(
  showWindow: WindowForQuestions,
  logger: Logger,
): Promise<boolean> {
  const why = await reasonToMove();
  if (why === undefined || !(await askToMove(showWindow, why))) return false;
  try {
    // An older copy there goes to the Trash; one that runs is shown instead of this one (docs/api/app).
    return app.moveToApplicationsFolder({ conflictHandler: () => true });
  } catch (error) {
    const message = `Couldn't move MLX Manager: ${messageOf(error)}. Drag it into the Applications folder in Finder.`;
    logger.warn(message);
    await say(showWindow, { type: 'warning', message });
    return false;
  }
}
