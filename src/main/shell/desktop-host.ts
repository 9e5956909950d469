import { homedir } from 'node:os';
import { join } from 'node:path';
import type { Desktop, Logger } from '@core/ports';
import type { Deadline } from '@core/ports/deadline';
import type { CommandLineTool, DesktopState } from '@shared/domain/desktop';
import { dialog, shell } from 'electron';
import type { WindowForQuestions } from './ask';
import {
  installCommandLine,
  type LinkFacts,
  readCommandLine,
  removeCommandLine,
} from './command-line-link';
import { openLoginSettings, readLoginItem, setOpenAtLogin } from './login-item';
import { reasonToMove } from './moving';
import { Updater } from './updater';

/**
 * macOS tells nobody when a person approves or removes a login item, and asking takes a call to another process: it is
 * looked at when the application comes to the front, this often while an approval is awaited, and rarely otherwise.
 */
const AWAITED_LOOK_MS = 5000;
const RARE_LOOK_MS = 60_000;

interface DesktopHostOptions {
  readonly logger: Logger;
  readonly openedAtLogin: boolean;
  /** Where programs of the package are; undefined when it runs from its source. */
  readonly programs: string | undefined;
  readonly showWindow: WindowForQuestions;
  readonly checksForUpdates: () => boolean;
}

/** What the core can ask of the desktop, and what it shows of it. */
export class DesktopHost implements Desktop {
  readonly updater: Updater;
  readonly #options: DesktopHostOptions;
  readonly #listeners = new Set<(state: DesktopState) => void>();
  #commandLine: CommandLineTool = { reason: 'Not checked yet.' };
  #misplaced: string | undefined;
  #told = '';
  #isClosed = false;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: DesktopHostOptions) {
    this.#options = options;
    this.updater = new Updater({
      logger: options.logger.child('updates'),
      isWanted: options.checksForUpdates,
      onChange: () => this.#changed(),
    });
  }

  async start(): Promise<void> {
    this.#misplaced = await reasonToMove();
    this.#commandLine = await readCommandLine(this.#linkFacts());
    await this.updater.start();
    this.#changed();
    this.#lookLater();
  }

  /** Looks again at what the person may have changed in the system's own settings. */
  refresh(): void {
    this.#changed();
    this.#lookLater();
  }

  #lookLater(): void {
    clearTimeout(this.#timer);
    if (this.#isClosed) return;
    const isAwaited = this.state().loginItem.status === 'requires-approval';
    this.#timer = setTimeout(() => this.refresh(), isAwaited ? AWAITED_LOOK_MS : RARE_LOOK_MS);
    this.#timer.unref();
  }

  async close(deadline: Deadline): Promise<void> {
    this.#isClosed = true;
    clearTimeout(this.#timer);
    await this.updater.close(deadline);
  }

  state(): DesktopState {
    return {
      loginItem: readLoginItem(),
      update: this.updater.state,
      commandLine: this.#commandLine,
      openedAtLogin: this.#options.openedAtLogin,
    };
  }

  onChange(listener: (state: DesktopState) => void): void {
    this.#listeners.add(listener);
  }

  async setOpenAtLogin(open: boolean): Promise<DesktopState> {
    setOpenAtLogin(open);
    this.refresh();
    return this.state();
  }

  openLoginSettings(): Promise<void> {
    return openLoginSettings();
  }

  async checkForUpdate(): Promise<DesktopState> {
    await this.updater.check();
    return this.state();
  }

  async installUpdate(): Promise<void> {
    this.updater.install();
  }

  async installCommandLine(): Promise<DesktopState> {
    await installCommandLine(this.#linkFacts());
    return this.#lookAtCommandLine();
  }

  async removeCommandLine(): Promise<DesktopState> {
    await removeCommandLine(this.#linkFacts());
    return this.#lookAtCommandLine();
  }

  async chooseFolder(): Promise<string | undefined> {
    const window = this.#options.showWindow();
    if (!window) return undefined;
    const result = await dialog.showOpenDialog(window, {
      // macOS draws no title (docs/api/dialog), the other systems no message.
      title: 'Add Models Folder',
      message: 'Add Models Folder',
      buttonLabel: 'Add Folder',
      defaultPath: homedir(),
      properties: ['openDirectory', 'showHiddenFiles'],
    });
    return result.canceled ? undefined : result.filePaths[0];
  }

  async reveal(path: string): Promise<void> {
    shell.showItemInFolder(path);
  }

  async #lookAtCommandLine(): Promise<DesktopState> {
    this.#commandLine = await readCommandLine(this.#linkFacts());
    return this.#changed();
  }

  #linkFacts(): LinkFacts {
    const { programs } = this.#options;
    return {
      program: programs === undefined ? undefined : join(programs, 'mlx-manager'),
      misplaced: this.#misplaced,
      home: homedir(),
      path: process.env.PATH ?? '',
    };
  }

  /** Told only when something differs: the system is asked again and again. */
  #changed(): DesktopState {
    const state = this.state();
    const text = JSON.stringify(state);
    if (text !== this.#told) {
      this.#told = text;
      for (const listener of this.#listeners) listener(state);
    }
    return state;
  }
}
