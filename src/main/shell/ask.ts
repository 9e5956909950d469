import type { ManagerInfo } from '@shared/contract';
import { app, dialog } from 'electron';

/** Asks whether to take over from another manager of the same data folder. */
export async function askToTakeOver(
  other: ManagerInfo | undefined,
  sentence: string,
): Promise<boolean> {
  await app.whenReady();
  const where = other?.url ? ` It serves ${other.url}.` : '';
  const { response } = await dialog.showMessageBox({
    type: 'question',
    message: 'MLX Manager is running without a window',
    detail: `${sentence}${where}\n\nTake over: it quits, its servers go on without a pause, and this application looks after them from now on.`,
    buttons: ['Take Over', 'Quit'],
    defaultId: 0,
    cancelId: 1,
  });
  return response === 0;
}

/**
 * What becomes of running servers; undefined when the person would rather not quit.
 * @param downloads how many are under way: they need no answer, but nobody should fear for them.
 */
export async function askAboutServers(
  names: readonly string[],
  downloads: number,
): Promise<'stop' | 'leave-running' | undefined> {
  const taken = 'Servers that are left running are taken back when MLX Manager is opened again.';
  const going = downloads > 0 ? ' Downloads go on then from where they are.' : '';
  const { response } = await dialog.showMessageBox({
    type: 'question',
    message: names.length === 1 ? `${names[0]} is running` : `${names.length} servers are running`,
    detail: `${names.join(', ')}\n\n${taken}${going}`,
    buttons: ['Stop and Quit', 'Leave Running and Quit', 'Cancel'],
    defaultId: 0,
    cancelId: 2,
  });
  return (['stop', 'leave-running', undefined] as const)[response];
}
