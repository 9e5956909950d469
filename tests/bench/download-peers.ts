import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';

import type { HubRepo } from '../fixtures/fake-hub/repos';
import { isListening } from '../fixtures/temp-home';
import { pause, usageOf } from './measure';
import { runTimed, type Took, versionOf } from './peer-run';

const execute = promisify(execFile);

/** Someone who downloads a repository of the hub at an address into an empty folder. */
export interface Downloader {
  readonly name: string;
  fetch(repo: HubRepo, hubUrl: string, folder: string): Promise<Took>;
  close(): Promise<void>;
}

const CLI = resolve('dist/main/cli.js');

/** The product as it runs: a manager, and `pull` that asks it and waits until it is done. */
export function ourselves(folder: string): Downloader {
  return {
    name: 'mlx-manager pull',
    async fetch(repo, hubUrl, out) {
      const env = {
        ...process.env,
        MLX_MANAGER_HOME: join(folder, 'home'),
        HF_HUB_CACHE: out,
        HF_ENDPOINT: hubUrl,
        NO_COLOR: '1',
      };
      const manager = spawn(
        process.execPath,
        [CLI, 'serve', '--no-demo', '--port', '0', '--json'],
        {
          env,
          stdio: ['ignore', 'pipe', 'inherit'],
        },
      );
      try {
        if (!manager.stdout || manager.pid === undefined) throw new Error('no manager');
        await once(manager.stdout, 'data');
        manager.stdout.resume();
        const before = (await usageOf(manager.pid)).cpuMs;
        const took = await runTimed([process.execPath, CLI, 'pull', repo.id], env);
        const manages = (await usageOf(manager.pid)).cpuMs - before;
        return { seconds: took.seconds, cpuSeconds: took.cpuSeconds + manages / 1000 };
      } finally {
        await end(manager);
        await rm(join(folder, 'home'), { recursive: true, force: true });
      }
    },
    close: async () => undefined,
  };
}

/**
 * aria2 with up to 16 connections for each of all files at once. It is not told the hashes: it verifies
 * nothing, and does not bring its bytes to the disk itself (no sync).
 */
export async function aria2(folder: string): Promise<Downloader | string> {
  const version = await versionOf('aria2c', '--version');
  if (version === undefined) return 'aria2c is not installed (Debian: aria2)';
  return {
    name: `aria2c ${version} -x16`,
    async fetch(repo, hubUrl, out) {
      const list = join(folder, 'aria2.txt');
      const commit = repo.commits[0];
      const lines = [...(commit?.files.keys() ?? [])].map(
        (name) => `${hubUrl}/${repo.id}/resolve/${commit?.id}/${name}\n  out=${name}\n`,
      );
      await writeFile(list, lines.join(''));
      // Without allocation in advance it is faster here than with it.
      const options = ['-q', '-j', '12', '-x', '16', '-s', '16', '--file-allocation=none'];
      return runTimed(['aria2c', ...options, '-i', list, '-d', out]);
    },
    close: async () => undefined,
  };
}

/** Python's own client, from the package index, in an environment of its own. It verifies sizes, no hashes. */
export async function huggingFace(folder: string): Promise<Downloader | string> {
  const venv = join(folder, 'venv');
  try {
    await execute('python3', ['-m', 'venv', venv]);
    await execute(join(venv, 'bin', 'pip'), ['install', '--quiet', 'huggingface_hub']);
  } catch (error) {
    const [reason] = String(error).split('\n');
    return `hf could not be installed from the Python package index (${reason})`;
  }
  const program = join(venv, 'bin', 'hf');
  const version = await versionOf(program, 'version');
  return {
    name: `hf download ${version}`,
    fetch(repo, hubUrl, out) {
      const env = {
        ...process.env,
        HF_ENDPOINT: hubUrl,
        HF_HUB_CACHE: out,
        HF_HUB_DISABLE_XET: '1',
        HF_HUB_DISABLE_TELEMETRY: '1',
        HF_HUB_DISABLE_PROGRESS_BARS: '1',
      };
      return runTimed([program, 'download', repo.id], env);
    },
    close: async () => undefined,
  };
}

/** A web server of its own that sends the bytes of the hub's large files. */
export interface ByteServer {
  readonly url: string;
  close(): Promise<void>;
}

/**
 * nginx, which sends files without touching them (sendfile).
 * @param bytesPerSecond of each connection; undefined: no limit.
 */
export async function serveBytes(
  root: string,
  folder: string,
  port: number,
  bytesPerSecond?: number,
): Promise<ByteServer | string> {
  if ((await versionOf('nginx', '-v')) === undefined) {
    return 'nginx is not installed (Debian: nginx-light), and nothing else here serves fast enough';
  }
  await mkdir(folder, { recursive: true });
  const config = join(folder, 'nginx.conf');
  const temp = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
    (kind) => `${kind}_temp_path ${join(folder, kind)};`,
  );
  await writeFile(
    config,
    `daemon off; master_process off; pid ${join(folder, 'pid')}; error_log ${join(folder, 'log')};
events { worker_connections 1024; }
http { access_log off; sendfile on; tcp_nopush on; ${temp.join(' ')}
  server { listen 127.0.0.1:${port}; root ${root};
    ${bytesPerSecond === undefined ? '' : `limit_rate ${bytesPerSecond};`} } }
`,
  );
  const server = spawn('nginx', ['-c', config, '-e', join(folder, 'log')], { stdio: 'inherit' });
  while (!(await isListening(port))) {
    if (server.exitCode !== null) throw new Error('nginx ended');
    await pause(20);
  }
  return { url: `http://127.0.0.1:${port}`, close: () => end(server) };
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill('SIGTERM');
  await ended;
}
