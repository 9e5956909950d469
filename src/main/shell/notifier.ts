import type { NotificationModel } from '@shell/notification-model';
import type { Logger } from '@core/ports';
import { Notification } from 'electron';

/** What a notification says, and where a click on it leads. */
type Told = Pick<NotificationModel, 'title' | 'body' | 'action'>;

/**
 * After a refusal, when it is tried again, ms. macOS asks the person for permission at the first notification of all,
 * and refuses it while they have not answered.
 */
const RETRY_MS = [3000, 15_000, 60_000];

/** Shows notifications. What they say is in the window too, so one that the system drops is no loss. */
export class Notifier {
  readonly #logger: Logger;
  readonly #onClick: (action: string) => void;
  // Kept until they are gone: a collected notification loses its click.
  readonly #shown = new Set<Notification>();
  readonly #retries = new Set<NodeJS.Timeout>();
  #isAllowed = false;

  constructor(logger: Logger, onClick: (action: string) => void) {
    this.#logger = logger;
    this.#onClick = onClick;
  }

  /** @param onShown told when the system has shown it. */
  show(told: Told, onShown?: () => void): void {
    if (Notification.isSupported()) this.#try(told, onShown, 0);
  }

  close(): void {
    for (const timer of this.#retries) clearTimeout(timer);
    this.#retries.clear();
  }

  #try(told: Told, onShown: (() => void) | undefined, attempt: number): void {
    const { title, body, action } = told;
    const notification = new Notification({ title, body, silent: false });
    const forget = (): boolean => this.#shown.delete(notification);
    this.#shown.add(notification);
    notification.on('click', () => {
      forget();
      this.#onClick(action);
    });
    notification.on('show', () => {
      this.#isAllowed = true;
      onShown?.();
    });
    notification.on('close', forget);
    // An unsigned build always gets this (UNNotification, since Electron 42).
    notification.on('failed', (_event, error) => {
      forget();
      this.#logger.warn('The system did not show a notification', { title, error });
      const wait = RETRY_MS[attempt];
      if (!this.#isAllowed && wait !== undefined) this.#retry(told, onShown, attempt + 1, wait);
    });
    notification.show();
  }

  #retry(told: Told, onShown: (() => void) | undefined, attempt: number, wait: number): void {
    const timer = setTimeout(() => {
      this.#retries.delete(timer);
      this.#try(told, onShown, attempt);
    }, wait);
    timer.unref();
    this.#retries.add(timer);
  }
}
