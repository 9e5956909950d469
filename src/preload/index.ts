import type { EventFrame, RequestFrame, ResponseFrame } from '@shared/rpc/frames';
import { contextBridge, ipcRenderer } from 'electron';

/**
 * Lets the page hear one channel; what Electron adds to a message (the sender) never reaches it. What comes before
 * the page listens waits for it.
 */
function hear<T>(channel: string): (listener: (message: T) => void) => () => void {
  const listeners = new Set<(message: T) => void>();
  const early: T[] = [];
  ipcRenderer.on(channel, (_event, message: T) => {
    if (listeners.size === 0) early.push(message);
    for (const listener of listeners) listener(message);
  });
  return (listener) => {
    listeners.add(listener);
    for (const message of early.splice(0)) listener(message);
    return () => listeners.delete(listener);
  };
}

// All that the page gets of Electron: one way to ask, two to be told. No channel name comes from the page.
contextBridge.exposeInMainWorld('mlx', {
  invoke: (frame: RequestFrame): Promise<ResponseFrame> => ipcRenderer.invoke('mlx:request', frame),
  onEvent: hear<EventFrame>('mlx:event'),
  onCommand: hear<string>('mlx:command'),
});
