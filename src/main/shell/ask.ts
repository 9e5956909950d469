import type { ManagerInfo } from '@shared/contract';
import { type BrowserWindow, dialog, type MessageBoxOptions } from 'electron';

/** Shows the window and gives it; undefined when the application ends. */
export type WindowForQuestions = () => BrowserWindow | undefined;

/**
 * Asks in a sheet of the window, which is shown for it. Never without one: on macOS such a box stops this whole
 * process, and with it the supervision of every server, until it is answered (Electron,
 * shell/browser/ui/message_box_mac.mm, ShowMessageBox).
 * @returns the number of the button; `cancelId` where nobody can be asked any more.
 */
async function ask(
  showWindow: WindowForQuestions,
  question: MessageBoxOptions & { readonly cancelId: number },
): Promise<number> {
  const window = showWindow();
  if (!window) return question.cancelId;
  return (await dialog.showMessageBox(window, question)).response;
}

/** Tells something that needs no answer; closed by the signal. */
export async function say(
  showWindow: WindowForQuestions,
  { type, message, signal }: Pick<MessageBoxOptions, 'type' | 'message' | 'signal'>,
): Promise<void> {
  const options = { message, buttons: ['OK'], cancelId: 0 };
  await ask(showWindow, { ...options, ...(type ? { type } : {}), ...(signal ? { signal } : {}) });
}

/** Asks whether to take over from another manager of the same data folder. */
export async function askToTakeOver(
  showWindow: WindowForQuestions,
  other: ManagerInfo | undefined,
  sentence: string,
): Promise<boolean> {
  const where = other?.url ? ` It is at ${other.url}.` : '';
  const response = await ask(showWindow, {
    type: 'question',
    message: 'MLX Manager is running without a window',
    detail: `${sentence}${where}\n\nIf you take over, it quits and its servers keep running in this app.`,
    buttons: ['Take Over', 'Quit'],
    defaultId: 0,
    cancelId: 1,
  });
  return response === 0;
}

/** Asks whether the application should move itself to the Applications folder. */
export async function askToMove(showWindow: WindowForQuestions, why: string): Promise<boolean> {
  const response = await ask(showWindow, {
    type: 'question',
    message: 'Move MLX Manager to the Applications folder?',
    detail: `${why} Opening at login, updates and the command line work only from there.`,
    buttons: ['Move to Applications', 'Not Now'],
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
  showWindow: WindowForQuestions,
  names: readonly string[],
  downloads: number,
): Promise<'stop' | 'leave-running' | undefined> {
  const taken = 'Servers left running reconnect when you reopen MLX Manager.';
  const going = downloads > 0 ? ' Downloads resume then too.' : '';
  const response = await ask(showWindow, {
    type: 'question',
    message: names.length === 1 ? `${names[0]} is running` : `${names.length} servers are running`,
    detail: `${names.join(', ')}\n\n${taken}${going}`,
    buttons: ['Stop and Quit', 'Leave Running and Quit', 'Cancel'],
    defaultId: 0,
    cancelId: 2,
  });
  return (['stop', 'leave-running', undefined] as const)[response];
}
