import type { EventFrame, RequestFrame, ResponseFrame } from '@shared/rpc/frames';
import { contextBridge, ipcRenderer } from 'electron';

/** Lets the page hear one channel; what Electron adds to a message (the sender) never reaches it. */
const hear =
  <T>(channel: string) =>
  (listener: (message: T) => void): (() => void) => {
    const pass = (_event: unknown, message: T): void => listener(message);
    ipcRenderer.on(channel, pass);
    return () => ipcRenderer.off(channel, pass);
  };

// All that the page gets of Electron: one way to ask, two to be told. No channel name comes from the page.
contextBridge.exposeInMainWorld('mlx', {
  invoke: (frame: RequestFrame): Promise<ResponseFrame> => ipcRenderer.invoke('mlx:request', frame),
  onEvent: hear<EventFrame>('mlx:event'),
  onCommand: hear<string>('mlx:command'),
});
