import type { NotificationModel } from '@shell/notification-model';
import type { Logger } from '@core/ports';
import { Notification } from 'electron';

/** Shows notifications. What they say is in the window too, so one that the system drops is no loss. */
export class Notifier {
  readonly #logger: Logger;
  readonly #onClick: (action: string) => void;
  // Kept until they are gone: a collected notification loses its click.
  readonly #shown = new Set<Notification>();

  constructor(logger: Logger, onClick: (action: string) => void) {
    this.#logger = logger;
    this.#onClick = onClick;
  }

  show({ title, body, action }: Pick<NotificationModel, 'title' | 'body' | 'action'>): void {
    if (!Notification.isSupported()) return;
    const notification = new Notification({ title, body, silent: false });
    const forget = (): boolean => this.#shown.delete(notification);
    this.#shown.add(notification);
    notification.on('click', () => {
      forget();
      this.#onClick(action);
    });
    notification.on('close', forget);
    // An unsigned build always gets this (UNNotification, since Electron 42).
    notification.on('failed', (_event, error) => {
      forget();
      this.#logger.warn('The system did not show a notification', { title, error });
    });
    notification.show();
  }
}
