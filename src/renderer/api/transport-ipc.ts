import type { EventFrame, RequestFrame, ResponseFrame } from '@shared/rpc/frames';
import type { Connection } from './connection';

/** What the desktop's preload script puts on the window. */
export interface DesktopBridge {
  invoke(frame: RequestFrame): Promise<ResponseFrame>;
  onEvent(listener: (frame: EventFrame) => void): () => void;
  /** What the menus ask of the window, in the command palette's words. */
  onCommand(listener: (action: string) => void): () => void;
}

declare global {
  interface Window {
    readonly mlx?: DesktopBridge;
  }
}

/** The desktop's connection: the manager is in the same application, so it is always open. */
export function ipcConnection(bridge: DesktopBridge): Connection {
  return {
    state: 'open',
    onState: () => () => {},
    open: () => {},
    send: (frame) => bridge.invoke(frame),
    onEvent: (listener) => bridge.onEvent(listener),
    login: async () => ({ accepted: true }),
    close: () => {},
  };
}
