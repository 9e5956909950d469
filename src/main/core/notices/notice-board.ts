import { randomUUID } from 'node:crypto';
import type { Notice } from '@shared/domain/settings';
import { DomainError } from '@shared/errors';
import type { Clock } from '../ports';

/** Messages that stay until a person has seen them. */
export class NoticeBoard {
  readonly #clock: Clock;
  readonly #publish: (notices: Notice[]) => void;
  #notices: readonly Notice[] = [];

  constructor(options: { clock: Clock; publish: (notices: Notice[]) => void }) {
    this.#clock = options.clock;
    this.#publish = options.publish;
  }

  list(): Notice[] {
    return [...this.#notices];
  }

  /** The same sentence stands there once. */
  add(level: Notice['level'], message: string): void {
    if (this.#notices.some((notice) => notice.message === message)) return;
    const time = new Date(this.#clock.now()).toISOString();
    this.#set([...this.#notices, { id: randomUUID(), level, message, time }]);
  }

  /** @throws DomainError not_found */
  dismiss(id: string): void {
    const kept = this.#notices.filter((notice) => notice.id !== id);
    if (kept.length === this.#notices.length) {
      throw new DomainError('not_found', 'Already dismissed.');
    }
    this.#set(kept);
  }

  #set(notices: readonly Notice[]): void {
    this.#notices = notices;
    this.#publish(this.list());
  }
}
