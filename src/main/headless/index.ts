import { systemClock } from '@core/ports/clock';
import { type Core, createCore } from '@core/core';
import type { Paths, Ports } from '@core/ports';
import { Background } from '@core/ports/background';
import { type HomeLock, lockHome } from '@core/storage/home-lock';
import { DomainError } from '@shared/errors';
import { createClient } from '@shared/rpc/client';
import { loadAccessToken } from './access-token';
import { runDemo, sayDemoFailed } from './demo';
import { createDocumentStore } from '@host/document-store';
import type { FileLogger } from '@host/file-logger';
import { askToHandOver } from '@host/hand-over';
import { askRunningManager } from '@host/find-manager';
import { createHostPorts, managerLogPath, openManagerLog } from '@host/host-ports';
import { HttpServer } from './http-server';
import { connectInProcess } from '@host/in-process-transport';
import { LocalSocketServer } from '@host/local-socket';
import { Logins } from './login';
import { dataHome, pathsOf, prepareHome, tokenPath } from '@host/paths';
import { Quit } from '@host/quit';
import { readSystemProxy } from '@host/system-proxy';
import { VERSION } from '@host/version';

export interface HeadlessOptions {
  readonly host: string;
  /** 0 takes any free port. */
  readonly port: number;
  readonly gateway: NonNullable<Ports['gateway']>;
  /** On a data folder that holds nothing yet: install, start and prove a server. */
  readonly demo: boolean;
  readonly json: boolean;
  /** The built screens. */
  readonly rendererFolder: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Whether a person reads standard output: only then it shows the token. */
  readonly isTerminal: boolean;
  /** Results: with `json` one JSON line. */
  readonly out: (line: string) => void;
  /** Progress and warnings. */
  readonly note: (line: string) => void;
}

/** What a quit does with running servers; undefined: what the setting says. */
type ServersOnQuit = 'stop' | 'leave-running' | undefined;

/** The parts that run, to be taken down in reverse. */
interface Running {
  readonly core: Core;
  readonly http: HttpServer;
  readonly socket: LocalSocketServer;
  readonly token: string;
  /** What goes on beside the manager. */
  readonly background: Background;
}

const LOOPBACK: Readonly<Record<string, string>> = {
  '127.0.0.1': '127.0.0.1',
  localhost: '127.0.0.1',
  '::1': '::1',
};

/** Runs the manager without a desktop until it is told to quit. Rejects when it cannot start. */
export async function runHeadless(options: HeadlessOptions): Promise<void> {
  const address = loopbackAddress(options.host);
  const paths = pathsOf(dataHome(options.env));
  let logger: FileLogger | undefined;
  const quit = new Quit(() => logger, managerLogPath(paths));
  await prepareHome(paths);
  const lock = await lockOrSayWho(paths);
  let left: readonly string[] = [];
  try {
    logger = openManagerLog(paths, options.env, options.note);
    const running = await startAll({ ...options, host: address }, paths, logger, quit);
    let servers: ServersOnQuit;
    running.core.quitRequested.then(
      (asked) => {
        servers = asked.servers;
        quit.request('a view or a command asked for it');
      },
      (error: unknown) => quit.fail(error),
    );
    try {
      if (!quit.isRequested) announce(options, paths, running);
      if (!quit.isRequested && options.demo) {
        running.background.run('demo', (signal) => demo(options, running, signal));
      }
      await quit.requested;
    } finally {
      left = await stopAll(running, logger, quit, servers);
    }
  } finally {
    await lock.release();
  }
  if (quit.hasFailed || left.length > 0) throw badEnd(paths, left);
}

/** What is said when the end was not a good one; a caller must not take it for one. */
function badEnd(paths: Paths, left: readonly string[]): DomainError {
  const what =
    left.length > 0
      ? `The manager has quit, but these may still be running: ${left.join(', ')}.`
      : 'The manager quit because of an unexpected error.';
  return new DomainError('internal', `${what} ${managerLogPath(paths)} has the details.`);
}

function loopbackAddress(host: string): string {
  const address = LOOPBACK[host];
  if (address !== undefined) return address;
  throw new DomainError(
    'usage',
    `--host ${host} is not offered yet: the manager listens on this machine alone (127.0.0.1, localhost or ::1).`,
  );
}

/** How long a manager that starts waits for a command that works alone, ms. */
const COMMAND_MS = 5000;

/** One manager per data folder; the refusal says where the other one is. */
async function lockOrSayWho(paths: Paths): Promise<HomeLock> {
  try {
    return await lockHome(paths.home, paths.socket);
  } catch (error) {
    if (!(error instanceof DomainError) || error.code !== 'already_running') throw error;
    const other = await askRunningManager(paths);
    if (other === undefined) {
      // A command that works alone has it: a download is handed over, other work is soon done.
      const freed = await askToHandOver(paths, COMMAND_MS);
      if (freed) return freed;
      throw error;
    }
    const where = other.url === undefined ? '' : ` at ${other.url}`;
    throw new DomainError(
      'already_running',
      `MLX Manager is already running with ${paths.home}${where} (pid ${other.pid}).`,
      { data: { pid: other.pid, url: other.url ?? null } },
    );
  }
}

/** The port is taken before any server is started: a busy one must not leave half a manager behind. */
async function startAll(
  options: HeadlessOptions,
  paths: Paths,
  logger: FileLogger,
  quit: Quit,
): Promise<Running> {
  const token = await loadAccessToken(tokenPath(paths));
  logger.addSecret(token);
  const logins = new Logins({
    token,
    clock: systemClock,
    logger: logger.child('login'),
    document: createDocumentStore(paths.documents, 'logins'),
  });
  await logins.load();
  const env = { ...options.env, ...(await readSystemProxy(options.env)) };
  const { gateway } = options;
  const ports = createHostPorts({ paths, env, logger, gateway });
  const core = createCore(ports);
  const http = new HttpServer({
    ...options,
    version: VERSION,
    endpoint: core,
    logins,
    logger: logger.child('http'),
    processes: ports.processes,
  });
  const socket = new LocalSocketServer({
    path: paths.socket,
    endpoint: core,
    logger: logger.child('socket'),
  });
  const background = new Background(logger.child('host'));
  const running: Running = { core, http, socket, token, background };
  try {
    await http.listen();
    core.setAddress({ url: http.url, socket: paths.socket });
    await core.start();
    http.open();
    await socket.listen();
  } catch (error) {
    await stopAll(running, logger, quit);
    throw error;
  }
  return running;
}

/**
 * Servers first, then the views (who see it happen), the log last.
 * @returns what of the core did not end.
 */
async function stopAll(
  { core, http, socket, background }: Running,
  logger: FileLogger,
  quit: Quit,
  servers?: ServersOnQuit,
): Promise<readonly string[]> {
  const ending = background.stop(quit.coreDeadline);
  const left = await core.stop({ servers, deadline: quit.coreDeadline });
  await Promise.all([http.close(), socket.close(), ending]);
  logger.info('Ended');
  return left;
}

function announce(options: HeadlessOptions, paths: Paths, { http, token }: Running): void {
  const { home, socket } = paths;
  if (options.json) {
    const ready = { ready: true, url: http.url, token, pid: process.pid, home, socket };
    options.out(JSON.stringify(ready));
    return;
  }
  options.out(`MLX Manager ${VERSION} is running (pid ${process.pid}), data in ${home}`);
  if (options.isTerminal) {
    options.out(`Open ${http.url}/#token=${token}`);
  } else {
    options.out(`Open ${http.url} and log in with the token from: mlx-manager status --show-token`);
  }
  options.out('Ctrl-C quits.');
}

/** Runs beside the manager: what fails here leaves it running. */
async function demo(
  options: HeadlessOptions,
  { core }: Running,
  signal: AbortSignal,
): Promise<void> {
  const say = options.json ? options.note : options.out;
  const transport = connectInProcess(core);
  try {
    await runDemo(createClient(transport), say, signal);
  } catch (error) {
    if (!signal.aborted) sayDemoFailed(error, say);
  } finally {
    transport.close();
  }
}
