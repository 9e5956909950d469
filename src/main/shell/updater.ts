import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Logger } from '@core/ports';
import { Background } from '@core/ports/background';
import type { Deadline } from '@core/ports/deadline';
import type { UpdateState } from '@shared/domain/desktop';
import { DomainError } from '@shared/errors';
import { app } from 'electron';
import { type UpdateEvent, updateAfter, whyNoUpdates } from './update-state';

const CHECK_EVERY_MS = 6 * 3_600_000;

type AutoUpdater = typeof import('electron-updater').autoUpdater;

interface UpdaterOptions {
  readonly logger: Logger;
  /** Whether a person wants it to look by itself. */
  readonly isWanted: () => boolean;
  readonly onChange: () => void;
}

/** Looks for newer versions, fetches them, and puts them in place at the next quit. Off where it cannot. */
export class Updater {
  readonly #options: UpdaterOptions;
  #state: UpdateState = { state: 'off', message: 'Not checked yet.' };
  #updater: AutoUpdater | undefined;
  readonly #background: Background;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: UpdaterOptions) {
    this.#options = options;
    this.#background = new Background(options.logger);
  }

  get state(): UpdateState {
    return this.#state;
  }

  async start(): Promise<void> {
    const message = whyNoUpdates({
      isMac: app.dock !== undefined,
      isPackaged: app.isPackaged,
      isSigned: app.isPackaged && (await isSigned()),
      hasFeed: existsSync(join(process.resourcesPath, 'app-update.yml')),
    });
    if (message !== undefined) {
      this.#set({ state: 'off', message });
      return;
    }
    // Loaded only where it is used. A CommonJS module: its names are on its default export.
    const { default: module } = await import('electron-updater');
    this.#updater = this.#listen(module.autoUpdater);
    this.#set({ state: 'current' });
    this.#lookByItself();
    this.#timer = setInterval(() => this.#lookByItself(), CHECK_EVERY_MS);
    this.#timer.unref();
  }

  #lookByItself(): void {
    if (!this.#options.isWanted()) return;
    this.#background.run('look for an update', () => this.check());
  }

  /** @throws DomainError validation where this build is not updated. */
  async check(): Promise<void> {
    if (!this.#updater) {
      throw new DomainError('validation', this.#state.message ?? "This build can't be updated.");
    }
    // Its failure is an event as well.
    await this.#updater.checkForUpdates().catch(() => undefined);
  }

  /** Quits and starts the new version. @throws DomainError conflict when none is ready. */
  install(): void {
    if (!this.#updater || this.#state.state !== 'ready') {
      throw new DomainError('conflict', 'No update is ready to install.');
    }
    this.#updater.quitAndInstall();
  }

  async close(deadline: Deadline): Promise<void> {
    clearInterval(this.#timer);
    await this.#background.stop(deadline);
  }

  #listen(updater: AutoUpdater): AutoUpdater {
    const now = (): string => new Date().toISOString();
    const apply = (event: UpdateEvent): void => this.#set(updateAfter(this.#state, event));
    updater.autoDownload = true;
    updater.autoInstallOnAppQuit = true;
    updater.on('checking-for-update', () => apply({ type: 'checking' }));
    updater.on('update-not-available', () => apply({ type: 'none', at: now() }));
    updater.on('update-available', ({ version }) => apply({ type: 'found', version, at: now() }));
    updater.on('download-progress', ({ percent }) =>
      apply({ type: 'progress', fraction: percent / 100 }),
    );
    updater.on('update-downloaded', ({ version }) => apply({ type: 'downloaded', version }));
    updater.on('error', (error) => {
      this.#options.logger.warn('Updating failed', { error: error.message });
      apply({ type: 'failed', message: error.message.split('\n')[0] ?? '', at: now() });
    });
    return updater;
  }

  #set(state: UpdateState): void {
    this.#state = state;
    this.#options.onChange();
  }
}

/** Whether the running application carries a team's signature (codesign(1) prints `TeamIdentifier=` to stderr). */
async function isSigned(): Promise<boolean> {
  try {
    const bundle = join(process.execPath, '..', '..', '..');
    const run = promisify(execFile);
    const { stderr } = await run('/usr/bin/codesign', ['-d', '--verbose=2', bundle], {
      timeout: 10_000,
    });
    return /^TeamIdentifier=(?!not set)/m.test(stderr);
  } catch {
    return false;
  }
}
