import type { EventFrame, RequestFrame, ResponseFrame } from '@shared/rpc/frames';
import { contextBridge, ipcRenderer } from 'electron';

/**
 * Lets the page hear one channel; what Electron adds to a message (the sender) never reaches it. What comes before
 * the page listens waits for it.
 * @param onTaken called when the page has been given a message.
 */
function hear<T>(
  channel: string,
  onTaken: (message: T) => void = () => undefined,
): (listener: (message: T) => void) => () => void {
  const listeners = new Set<(message: T) => void>();
  const early: T[] = [];
  ipcRenderer.on(channel, (_event, message: T) => {
    if (listeners.size === 0) {
      early.push(message);
      return;
    }
    for (const listener of listeners) listener(message);
    onTaken(message);
  });
  return (listener) => {
    listeners.add(listener);
    for (const message of early.splice(0)) {
      listener(message);
      onTaken(message);
    }
    return () => listeners.delete(listener);
  };
}

/** The application sends no more events to a page that leaves too many of them untaken. */
function tellTaken({ seq }: EventFrame): void {
  ipcRenderer.send('mlx:taken', seq);
}

// All that the page gets of Electron: one way to ask, two to be told. No channel name comes from the page.
contextBridge.exposeInMainWorld('mlx', {
  invoke: (frame: RequestFrame): Promise<ResponseFrame> => ipcRenderer.invoke('mlx:request', frame),
  onEvent: hear<EventFrame>('mlx:event', tellTaken),
  onCommand: hear<string>('mlx:command'),
});
